"""Errors on the wire: one table from the domain's errors to HTTP, and one shape for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from engine.domain import errors

STATUS_OF: Mapping[type[errors.AaitiError], HTTPStatus] = {
    errors.ConfigurationError: HTTPStatus.BAD_REQUEST,
    errors.MarketDataError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.MissingBars: HTTPStatus.NOT_FOUND,
    errors.StaleBars: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.ModelError: HTTPStatus.CONFLICT,
    errors.ModelNotFound: HTTPStatus.NOT_FOUND,
    errors.OrderError: HTTPStatus.CONFLICT,
    errors.InvalidOrder: HTTPStatus.BAD_REQUEST,
    errors.OrderNotFound: HTTPStatus.NOT_FOUND,
    errors.OrderOutcomeUnknown: HTTPStatus.GATEWAY_TIMEOUT,
    errors.VenueError: HTTPStatus.BAD_GATEWAY,
    errors.VenueUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.RateLimited: HTTPStatus.TOO_MANY_REQUESTS,
    errors.RegionBlocked: HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS,
    errors.LedgerError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.LeaseLost: HTTPStatus.CONFLICT,
    errors.TradingHalted: HTTPStatus.CONFLICT,
    errors.AaitiError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""An error that is not named here answers as its nearest ancestor does."""


class NotReady(errors.AaitiError):
    """The engine's ports are not open yet. Ask again in a second."""


def status_of(error: type[errors.AaitiError]) -> HTTPStatus:
    """The HTTP status of an error class.

    >>> status_of(errors.ModelNotFound)
    <HTTPStatus.NOT_FOUND: 404>
    >>> status_of(errors.ClockSkew)
    <HTTPStatus.BAD_GATEWAY: 502>
    """
    if issubclass(error, NotReady):
        return HTTPStatus.SERVICE_UNAVAILABLE
    return next(STATUS_OF[ancestor] for ancestor in error.__mro__ if ancestor in STATUS_OF)


def refusal(status: int, error: str, message: str) -> JSONResponse:
    """The one shape of every answer that is an error."""
    return JSONResponse({"error": error, "message": message}, status_code=status)


async def on_domain_error(_request: Request, error: Exception) -> JSONResponse:
    """Show an engine's error as it stands: its message is written for the operator."""
    assert isinstance(error, errors.AaitiError)  # Starlette calls this for nothing else
    answer = refusal(status_of(type(error)), type(error).__name__, str(error))
    if isinstance(error, errors.RateLimited):
        answer.headers["Retry-After"] = str(max(1, round(error.retry_after)))
    return answer


async def on_http_error(_request: Request, error: Exception) -> JSONResponse:
    """Unknown paths, wrong methods, bad parameters."""
    assert isinstance(error, HTTPException)
    answer = refusal(error.status_code, HTTPStatus(error.status_code).phrase, error.detail)
    answer.headers.update(error.headers or {})
    return answer


async def on_fault(_request: Request, _error: Exception) -> JSONResponse:
    """A fault of ours: the log has it, the wire does not."""
    return refusal(500, "Fault", "The engine met a fault of its own; its log says which.")


HANDLERS: Mapping[Any, Any] = {
    errors.AaitiError: on_domain_error,
    HTTPException: on_http_error,
    Exception: on_fault,
}
