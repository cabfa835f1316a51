"""Stream: keeps one line open in a thread of its own; whoever talks on it is told when it is lost.

python-binance's sockets fall silent without a word after a reconnect; this one watches itself: silence beyond a limit,
a closed line or an age of nearly a day end the line, and a fresh one is opened.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from engine.domain.errors import AaitiError
from engine.domain.venue import StreamState

MAX_AGE = 23 * 3600.0
"""Seconds after which a line is replaced: Binance closes it at 24 hours."""
SILENCE = 45.0
STOPPING = 2.0
"""Seconds that are waited for a thread to end."""
PULSE = 0.25
"""Seconds between two looks at whether to go on."""
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 30.0


class Line(Protocol):
    """A WebSocket connection."""

    def recv(self, timeout: float | None = None) -> str | bytes:
        """The next message; TimeoutError where none comes in time."""
        ...

    def send(self, message: str) -> None:
        """Send a message."""
        ...


Connect = Callable[[str], AbstractContextManager[Line]]


class LineLost(Exception):
    """The line is of no use any more; open another."""


class Talk(Protocol):
    """What is said on a line."""

    def address(self) -> str | None:
        """Where to connect to now; None while there is nothing to talk about."""
        ...

    def opened(self, line: Line) -> None:
        """A fresh line is there: ask for what is wanted."""
        ...

    def take(self, text: str) -> None:
        """A message came. LineLost where it says that the line ends."""
        ...

    def attend(self, line: Line, quiet: float) -> None:
        """Called at least once a pulse; nothing came for `quiet` seconds."""
        ...

    def lost(self, why: str) -> None:
        """The line is gone; messages may have been missed from here on."""
        ...


def open_line(url: str) -> AbstractContextManager[Line]:
    """Connect for as long as the `with` block lasts. Pings find out about a line that only looks open."""
    from websockets.sync.client import connect

    return connect(
        url, open_timeout=10, ping_interval=20, ping_timeout=20, close_timeout=1, max_size=2**22, compression=None
    )


class Stream:
    """Runs a Talk until it is stopped. A line that fails is replaced after 0.5 s, then 1, 2, 4 ... at most 30 s."""

    def __init__(
        self,
        name: str,
        talk: Talk,
        *,
        connect: Connect = open_line,
        silence: float = SILENCE,
        max_age: float = MAX_AGE,
        pulse: float = PULSE,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._talk = talk
        self._connect = connect
        self._silence = silence
        self._max_age = max_age
        self._pulse = pulse
        self._monotonic = monotonic
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._line: Line | None = None
        self._wait = _FIRST_WAIT

    @property
    def state(self) -> StreamState:
        """LIVE while a line is open."""
        if self._thread is None or not self._thread.is_alive() or self._stopping.is_set():
            return StreamState.DOWN
        return StreamState.CONNECTING if self._line is None else StreamState.LIVE

    def start(self) -> None:
        """Begin; a second start does nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()

    def end(self) -> None:
        """Ask the thread to end, which closes its line: within a pulse, unless it is just connecting."""
        self._stopping.set()

    def stop(self, timeout: float = STOPPING) -> None:
        """End it, and wait for that."""
        self.end()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def _run(self) -> None:
        from websockets.exceptions import WebSocketException

        why = "its thread ended by an error; see the log"
        try:
            while not self._stopping.is_set():
                url = self._talk.address()
                if url is None:
                    self._stopping.wait(self._pulse)
                    continue
                try:
                    self.serve(url)
                except (LineLost, AaitiError, WebSocketException, OSError, EOFError, ValueError) as error:
                    self._talk.lost(f"{error}" or type(error).__name__)
                if not self._stopping.wait(self._wait):
                    self._wait = min(2 * self._wait, _LONGEST_WAIT)
            why = "stopped"
        finally:
            self._talk.lost(why)

    def serve(self, url: str) -> None:
        """Talk on one line until it is lost, which is always an error."""
        with self._connect(url) as line:
            self._line = line
            try:
                self._listen(line)
            finally:
                self._line = None

    def _listen(self, line: Line) -> None:
        self._talk.opened(line)
        born = heard = self._monotonic()
        while not self._stopping.is_set():
            try:
                text = line.recv(timeout=self._pulse)
            except TimeoutError:
                if self._monotonic() - heard > self._silence:
                    raise LineLost(f"silent for {self._monotonic() - heard:.0f} s") from None
            else:
                heard = self._monotonic()
                self._talk.take(text if isinstance(text, str) else text.decode())
                self._wait = _FIRST_WAIT
            if self._monotonic() - born > self._max_age:
                raise LineLost("replaced before it is a day old")
            self._talk.attend(line, self._monotonic() - heard)
