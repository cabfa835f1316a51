"""The exchange mounted into a requests session: no socket, the clock is the test's.

    session.mount("https://", InProcess(exchange))

A lost reply is a ConnectionError, a slow one a ReadTimeout after the client's own timeout; the clock moves along.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from tests.exchange.exchange import Exchange
from tests.exchange.wire import Reply, Request

_PATIENCE = 10.0
"""Seconds, where the client names no timeout."""


class InProcess(BaseAdapter):
    """`latency` is what each request costs on the clock, half before the exchange sees it. `before` and `after` are
    called around each request, e.g. to kill the client there."""

    def __init__(
        self, exchange: Exchange, *, latency: float = 0.0, before: Callable[[Request], None] | None = None,
        after: Callable[[Request, Reply], None] | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.exchange = exchange
        self.latency = latency
        self.before = before
        self.after = after

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        asked = _asked(request)
        if self.before is not None:
            self.before(asked)
        clock = self.exchange.clock
        clock.turn(self.latency / 2)
        reply = self.exchange.handle(asked)
        if self.after is not None:
            self.after(asked, reply)
        patience = _patience(options.get("timeout"))
        if reply.stall >= patience or (reply.drop and reply.stall):
            clock.turn(min(reply.stall, patience))
            raise requests.exceptions.ReadTimeout(f"Read timed out. (read timeout={patience})", request=request)
        if reply.drop:
            raise requests.exceptions.ConnectionError("Remote end closed connection without response", request=request)
        clock.turn(reply.stall + self.latency / 2)
        return _answered(reply, request)

    def close(self) -> None:
        """Nothing is held."""


def _asked(request: requests.PreparedRequest) -> Request:
    url = urlsplit(request.url or "")
    return Request(
        method=request.method or "GET", path=url.path, query=tuple(parse_qsl(url.query, keep_blank_values=True)),
        headers={name: str(value) for name, value in request.headers.items()}, body=_bytes(request.body),
        raw_query=url.query,
    )  # fmt: skip


def _bytes(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else bytes(body or b"")


def _patience(timeout: Any) -> float:
    """Read timeout in seconds, as requests takes it: a number, or (connect, read)."""
    read = timeout[1] if isinstance(timeout, tuple) else timeout
    return _PATIENCE if read is None else float(read)


def _answered(reply: Reply, request: requests.PreparedRequest) -> requests.Response:
    response = requests.Response()
    response.status_code = reply.status
    response._content = reply.body
    response.headers = CaseInsensitiveDict({"Content-Type": reply.content_type, **reply.headers})
    response.encoding = "utf-8"
    response.url = request.url or ""
    response.request = request
    response.reason = ""
    return response
