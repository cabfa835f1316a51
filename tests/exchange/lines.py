"""Lines to the exchange: by path the right kind, over a socket or in process."""

from __future__ import annotations

import time
from collections import deque
from urllib.parse import urlsplit

from tests.exchange.api_line import ApiLine
from tests.exchange.exchange import Exchange
from tests.exchange.line import Line
from tests.exchange.market_line import MarketLine


def open_line(exchange: Exchange, path: str) -> Line | None:
    """/ws..., /stream... or /ws-api/v3; None where there is nothing."""
    place = urlsplit(path).path
    line: Line
    if place.rstrip("/") == "/ws-api/v3":
        line = ApiLine(exchange)
    elif place == "/ws" or place.startswith(("/ws/", "/stream")):
        line = MarketLine(exchange, path)
    else:
        return None
    exchange.lines.append(line)
    return line


class LineClosed(ConnectionError):
    """The exchange, or the test, has closed the line."""


class InProcessLine:
    """A client's end without a socket: `recv`, `send`, `close` as websockets has them.

    `recv` never waits: with nothing to hear it is a TimeoutError at once, and time is turned by the test.
    `pause` sleeps real milliseconds first, for a client that listens in a thread of its own.
    """

    def __init__(self, exchange: Exchange, url: str, *, pause: float = 0.0) -> None:
        parts = urlsplit(url)
        self.exchange = exchange
        self.line = open_line(exchange, parts.path + (f"?{parts.query}" if parts.query else ""))
        if self.line is None:
            raise LineClosed(f"nothing answers at {parts.path}")
        self.waiting: deque[str] = deque()
        self.pause = pause
        self.open = True

    def recv(self, timeout: float | None = None) -> str:
        assert self.line is not None
        if not self.waiting and self.open:
            with self.exchange.door:
                self.waiting.extend(self.line.pump())
        if self.waiting:
            return self.waiting.popleft()
        if not self.open or self.line.closed:
            raise LineClosed("the line is closed")
        if self.pause:
            time.sleep(self.pause)
        raise TimeoutError("nothing to hear")

    def send(self, message: str) -> None:
        if not self.open or self.line is None or self.line.closed:
            raise LineClosed("the line is closed")
        with self.exchange.door:
            self.line.hear(message)

    def close(self) -> None:
        self.open = False
        if self.line in self.exchange.lines:
            self.exchange.lines.remove(self.line)
