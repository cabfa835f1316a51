"""SideBySide: requests that leave one after another without waiting for answers, each on a connection of its own.

Ten orders of one bar close would else wait for nine round trips. A connection that is kept alive carries one request at
a time, so there are as many as requests that should leave together; they are opened before they are needed.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import urlsplit

MOST = 50
"""Connections at once: Binance takes no more orders in ten seconds."""
_FEW = 4
"""So many are opened while requests wait for them; the rest of the requests follow on those."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One request: `query`, signed, is the body of a POST, and part of the address of a DELETE."""

    path: str
    query: str
    method: str = "POST"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A reply as requests has it."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """No answer; `left` where the request may have arrived."""

    left: bool
    why: str


class SideBySide:
    """Connections to one host, for one thread. `verify` is what requests goes by: a file of authorities, or True."""

    def __init__(
        self, base_url: str, headers: Mapping[str, str], *, timeout: tuple[float, float], verify: str | bool = True
    ) -> None:
        where = urlsplit(base_url)
        self._host, self._port = where.hostname or "", where.port
        self._prefix = where.path.rstrip("/")
        plain = {"Accept-Encoding": "identity", "Content-Type": "application/x-www-form-urlencoded"}  # read as it comes
        told = {**headers, **plain, "Host": where.netloc}
        self._head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        self._connecting, self._answering = timeout
        self._context = _context(verify) if where.scheme == "https" else None
        self._idle: list[HTTPConnection] = []

    def ready(self, n: int) -> None:
        """Before `n` requests are to leave: open one of the connections that are lacking. Asked a few times a second;
        what cannot be opened now is opened when it is needed."""
        self._idle = [one for one in self._idle if _alive(one)]
        if len(self._idle) < min(n, MOST):
            try:
                self._idle.append(self._opened())
            except (OSError, HTTPException):
                return

    @property
    def at_once(self) -> int:
        """So many leave before the first answer is read."""
        return min(MOST, max(_FEW, len(self._idle)))

    def post(self, wanted: Sequence[Wanted]) -> list[Answer | Lost]:
        """Send all, then read all; more than there are connections in several turns."""
        self._idle = [one for one in self._idle if _alive(one)]
        found: list[Answer | Lost] = []
        while len(found) < len(wanted):
            found += self._turn(wanted[len(found) : len(found) + self.at_once])
        return found

    def close(self) -> None:
        """Close all."""
        for one in self._idle:
            one.close()
        self._idle.clear()

    def _turn(self, wanted: Sequence[Wanted]) -> list[Answer | Lost]:
        sent = [self._sent(one) for one in wanted]
        deadline = time.monotonic() + self._answering
        return [one if isinstance(one, Lost) else self._answer(one, deadline) for one in sent]

    def _sent(self, one: Wanted) -> HTTPConnection | Lost:
        try:
            line = self._idle.pop() if self._idle else self._opened()
        except (OSError, HTTPException) as error:
            return Lost(left=False, why=type(error).__name__)
        try:
            line.sock.settimeout(self._connecting)
            line.sock.sendall(self._written(one))
        except (OSError, HTTPException) as error:
            line.close()
            return Lost(left=True, why=type(error).__name__)
        return line

    def _written(self, one: Wanted) -> bytes:
        """The request in one piece: it leaves in one packet, and its thread is not put off between two."""
        path, body = (one.path, one.query) if one.method == "POST" else (f"{one.path}?{one.query}", "")
        first = f"{one.method} {self._prefix}{path} HTTP/1.1\r\n"
        return f"{first}{self._head}Content-Length: {len(body)}\r\n\r\n{body}".encode("ascii")

    def _answer(self, line: HTTPConnection, deadline: float) -> Answer | Lost:
        try:
            line.sock.settimeout(max(0.001, deadline - time.monotonic()))
            reply = HTTPResponse(line.sock, method="POST")
            reply.begin()
            content = reply.read()
        except (OSError, HTTPException) as error:
            line.close()
            return Lost(left=True, why=type(error).__name__)
        if reply.will_close:
            line.close()
        elif len(self._idle) < MOST:
            self._idle.append(line)
        return Answer(status_code=reply.status, headers=_named(reply.getheaders()), content=content)

    def _opened(self) -> HTTPConnection:
        if self._context is None:
            line = HTTPConnection(self._host, self._port, timeout=self._connecting)
        else:
            line = HTTPSConnection(self._host, self._port, timeout=self._connecting, context=self._context)
        line.connect()
        return line


def _alive(line: HTTPConnection) -> bool:
    """False where the other end has hung up, or says something that nobody asked for. (A TLS line may have tickets to
    read, which says nothing: so it is read from, not looked at.)"""
    if line.sock is None:
        return False
    line.sock.setblocking(False)
    try:
        line.sock.recv(1)
    except (BlockingIOError, ssl.SSLWantReadError):
        return True
    except OSError:
        pass
    line.close()
    return False


def _context(verify: str | bool) -> ssl.SSLContext:
    from requests.utils import DEFAULT_CA_BUNDLE_PATH

    return ssl.create_default_context(cafile=verify if isinstance(verify, str) else DEFAULT_CA_BUNDLE_PATH)


def _named(headers: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    from requests.structures import CaseInsensitiveDict

    return CaseInsensitiveDict(headers)
