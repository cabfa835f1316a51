"""The exchange's WebSockets on loopback: market streams and the WebSocket API, each line in a thread."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from types import TracebackType
from typing import Self

from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

from tests.exchange.exchange import Exchange
from tests.exchange.line import Line
from tests.exchange.lines import open_line
from tests.exchange.market_line import MarketLine
from tests.exchange.refusal import Refusal

_PULSE = 0.01
_MOST_A_SECOND = 5
_REFUSED = 1008


class SocketServer:
    """Serves on 127.0.0.1 and a free port while the `with` block lasts.

    `ws://127.0.0.1:port/ws/btcusdt@kline_1m`, `/stream?streams=a/b`, `/ws-api/v3`. `sending` is shown each message
    just before it leaves.
    """

    def __init__(self, exchange: Exchange, *, sending: Callable[[str], None] = lambda text: None) -> None:
        self.exchange = exchange
        self._sending = sending
        self.lines: list[tuple[Line, ServerConnection]] = []
        self._server: Server | None = None
        self._thread = threading.Thread(target=self._run, name="exchange-sockets", daemon=True)
        self._ready = threading.Event()
        self._stopping = threading.Event()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}"

    def silence(self) -> None:
        """Every line that is open now goes half open: it stays, and nothing comes any more."""
        for line, _ in self.lines:
            line.silent = True

    def drop(self) -> None:
        """Every line is cut without a word."""
        for _, connection in list(self.lines):
            connection.socket.shutdown(socket.SHUT_RDWR)

    def shut_down(self) -> None:
        """Every line hears serverShutdown, then it is closed."""
        for line, connection in list(self.lines):
            # Behind the door, lest the line's own thread sees that it is over before it was said. One that the client
            # has left meanwhile hears nothing.
            with suppress(ConnectionClosed), self.exchange.door:
                for text in line.shut_down():
                    connection.send(text)
            connection.close(1001)

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(30):
            raise RuntimeError("the WebSocket server did not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        if self._server is not None:
            self._server.shutdown()
        self._thread.join(5)

    def _run(self) -> None:
        with serve(
            self._talk, "127.0.0.1", 0, compression=None, close_timeout=1, process_request=self._open
        ) as server:
            self._server = server
            self._ready.set()
            server.serve_forever()

    def _open(self, connection: ServerConnection, request: Request) -> Response | None:
        """Before the handshake is answered, so that a client that is connected misses nothing."""
        try:
            with self.exchange.door:
                line = open_line(self.exchange, request.path)
        except Refusal as refusal:
            return connection.respond(HTTPStatus(429), json.dumps(refusal.body))
        if line is None:
            return connection.respond(HTTPStatus.NOT_FOUND, "")
        self.lines.append((line, connection))
        return None

    def _talk(self, connection: ServerConnection) -> None:
        entry = next(entry for entry in self.lines if entry[1] is connection)
        try:
            self._pulse(*entry)
        except (ConnectionClosed, OSError):
            pass
        finally:
            self.lines.remove(entry)
            self.exchange.lines.remove(entry[0])

    def _pulse(self, line: Line, connection: ServerConnection) -> None:
        heard: deque[float] = deque(maxlen=_MOST_A_SECOND + 1)
        while not self._stopping.is_set():
            try:
                text = str(connection.recv(timeout=_PULSE, decode=True))
            except TimeoutError:
                text = ""
            if text:
                heard.append(time.monotonic())
                if isinstance(line, MarketLine) and len(heard) > _MOST_A_SECOND and heard[-1] - heard[0] < 1:
                    connection.close(_REFUSED, "Too many requests")
                    return
            with self.exchange.door:
                if text:
                    line.hear(text)
                texts, over = line.pump(), line.closed
            for out in texts:
                self._sending(out)
                connection.send(out)
            if over:
                connection.close(1000)
                return
        connection.close(1001)
