"""Every error of the domain has its answer, and the answer carries the operator's message."""

from __future__ import annotations

import inspect

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from engine.api.errors import status_of
from engine.api.routes import create_api
from engine.domain import errors
from engine.queries.console import Console

ALL = [e for _, e in inspect.getmembers(errors, inspect.isclass) if issubclass(e, errors.AaitiError)]
CLIENTS_FAULT = {
    "ConfigurationError", "InvalidOrder", "MarketDataError", "InvalidBar", "MissingBars", "ModelError", "ModelNotFound",
    "FeatureMismatch", "OrderError", "OrderRejected", "InsufficientFunds", "OrderNotFound", "LeaseLost",
    "TradingHalted", "RateLimited", "RegionBlocked",
}  # fmt: skip


@pytest.mark.parametrize("error", ALL, ids=lambda error: error.__name__)
def test_every_error_has_its_status(error: type[errors.AaitiError]) -> None:
    is_clients = 400 <= status_of(error) < 500

    assert is_clients == (error.__name__ in CLIENTS_FAULT)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.ModelNotFound("no model 'a'; list them and choose one"), 404),
        (errors.TradingHalted("halted by drawdown; reset it on the system page"), 409),
        (errors.RateLimited("too many requests", retry_after=2.4), 429),
        (errors.RegionBlocked("not served in this country"), 451),
        (errors.Overfill("more filled than ordered"), 500),
        (errors.OrderOutcomeUnknown("no answer"), 504),
    ],
)
def test_the_message_reaches_the_caller(error: errors.AaitiError, status: int) -> None:
    def refuse() -> Console:
        raise error

    client = TestClient(Starlette(routes=[Mount("/api", app=create_api(refuse))]), base_url="http://127.0.0.1")
    answer = client.get("/api/models")

    assert answer.status_code == status
    assert answer.json() == {"error": type(error).__name__, "message": str(error)}
    assert answer.headers.get("Retry-After") == ("2" if status == 429 else None)
