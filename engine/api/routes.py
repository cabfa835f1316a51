"""The doors: health, status, accounts and models, all read-only."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from engine.api.errors import HANDLERS
from engine.api.hosts import OwnHosts
from engine.api.values import to_json
from engine.domain.account import Account
from engine.domain.interval import iso
from engine.queries.console import Console, is_fresh
from engine.queries.status import read_status

Open = Callable[[], Console]
"""Gives the ports, or raises an AaitiError that says why they are not open."""

LIMIT, MOST = 500, 5000


def create_api(open_console: Open, allowed_hosts: Sequence[str] = ("127.0.0.1", "localhost")) -> Starlette:
    """Make the API as an app to mount; `open_console` is called at each request, never before.

    A request for another host than `allowed_hosts` is refused: a web page that rebinds its own name to this
    machine reads nothing.
    """
    doors = _Doors(open_console)
    return Starlette(
        routes=[
            Route("/health", doors.health),
            Route("/status", doors.status),
            Route("/models", doors.models),
            Route("/accounts", doors.accounts),
            Route("/accounts/{account_id}/positions", doors.positions),
            Route("/accounts/{account_id}/orders", doors.orders),
            Route("/accounts/{account_id}/trades", doors.trades),
            Route("/accounts/{account_id}/equity", doors.equity),
        ],
        middleware=[Middleware(OwnHosts, allowed_hosts=allowed_hosts)],
        exception_handlers=dict(HANDLERS),
    )


class _Doors:
    """The routes' functions; Starlette runs them in worker threads, for they wait for the database."""

    def __init__(self, open_console: Open) -> None:
        self._open = open_console

    def health(self, _request: Request) -> JSONResponse:
        """Tell whether the engine beats (the server's own health is /_stcore/health): 200 while it does, else 503."""
        console = self._open()
        beat, now = console.board.heartbeat(), console.clock.now()
        if beat is None:
            return JSONResponse({"engine": "none", "beat_at": None, "age_seconds": None}, status_code=503)
        live = is_fresh(beat, now)
        answer = {
            "engine": "live" if live else "late",
            "beat_at": iso(beat.at),
            "age_seconds": round((now - beat.at).total_seconds(), 3),
        }
        return JSONResponse(answer, status_code=200 if live else 503)

    def status(self, _request: Request) -> JSONResponse:
        """What the status bar shows."""
        return JSONResponse(to_json(read_status(self._open())))

    def models(self, _request: Request) -> JSONResponse:
        """Models, newest first, each with its versions."""
        store = self._open().models
        return JSONResponse(
            [
                {**_object(model), "versions": [_object(version) for version in store.versions(model.model_id)]}
                for model in store.models()
            ]
        )

    def accounts(self, _request: Request) -> JSONResponse:
        """All accounts, oldest first."""
        return JSONResponse(to_json(self._open().ledger.accounts()))

    def positions(self, request: Request) -> JSONResponse:
        """Open positions."""
        console, account = self._account(request)
        return JSONResponse(to_json(console.ledger.positions(account.account_id)))

    def orders(self, request: Request) -> JSONResponse:
        """The newest orders, newest first."""
        console, account = self._account(request)
        return JSONResponse(to_json(console.reads.recent_orders(account.account_id, limit=_limit(request))))

    def trades(self, request: Request) -> JSONResponse:
        """The newest trades, newest first."""
        console, account = self._account(request)
        trades = console.ledger.trades(account.account_id)
        return JSONResponse(to_json(trades[::-1][: _limit(request)]))

    def equity(self, request: Request) -> JSONResponse:
        """Equity marks, oldest first, thinned evenly to the limit."""
        console, account = self._account(request)
        return JSONResponse(to_json(console.reads.marks(account.account_id, limit=_limit(request))))

    def _account(self, request: Request) -> tuple[Console, Account]:
        console, wanted = self._open(), request.path_params["account_id"]
        for account in console.ledger.accounts():
            if account.account_id == wanted:
                return console, account
        raise HTTPException(404, f"no account {wanted!r}; /api/accounts lists them")


def _object(value: object) -> dict[str, Any]:
    record = to_json(value)
    assert isinstance(record, dict)
    return record


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", str(LIMIT))
    if not re.fullmatch("[0-9]{1,9}", text) or not 1 <= int(text) <= MOST:  # int() takes no thousands of digits
        raise HTTPException(400, f"limit={text[:40]!r}; use a whole number from 1 to {MOST}")
    return int(text)
