"""A loopback HTTP server around anything that turns a Request into a Reply."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from tests.exchange.wire import Reply, Request


class LoopbackServer:
    """Serves on 127.0.0.1 and a free port while the `with` block lasts."""

    def __init__(self, handle: Callable[[Request], Reply], *, idle: float = 5) -> None:
        """`idle`: seconds after which a line that says nothing is closed."""
        self._stopping = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _door(handle, self._stopping, idle))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="loopback", daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def _door(handle: Callable[[Request], Reply], stopping: threading.Event, idle: float) -> type[BaseHTTPRequestHandler]:
    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = idle
        disable_nagle_algorithm = True  # head and body are two writes; together with delayed ACK that costs 40 ms

        def answer(self) -> None:
            url = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            reply = handle(
                Request(
                    method=self.command, path=url.path, query=tuple(parse_qsl(url.query, keep_blank_values=True)),
                    headers=dict(self.headers.items()), body=body, address=self.client_address[0], raw_query=url.query,
                )
            )  # fmt: skip
            if reply.stall:
                stopping.wait(reply.stall)
            if reply.drop:
                self.close_connection = True
                return
            self.send_response_only(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            with suppress(ConnectionError):  # whoever asked may be gone by now: killed, or out of patience
                self.end_headers()
                self.wfile.write(reply.body)

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: requests are kept by who answers them."""

    return Door
