"""UserStream: what happens to our orders, told by Binance's WebSocket API (the listen key is gone since 2026)."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from typing import Any

from engine.adapters.binance import reports
from engine.adapters.binance.reports import OrderNews
from engine.adapters.binance.server_time import ServerTime
from engine.adapters.binance.signing import ApiKey
from engine.adapters.binance.stream import SILENCE, STOPPING, Connect, Line, LineLost, Stream, open_line
from engine.domain.errors import AaitiError
from engine.domain.venue import StreamState

_MOST = 10_000
_PING, _SUBSCRIBE = "ping", "subscribe"
_SKEW = -1021


class UserStream:
    """Queues order news for the engine's thread. `breaks` grows whenever something may have been missed."""

    def __init__(
        self,
        url: str,
        key: ApiKey,
        time: ServerTime,
        *,
        connect: Connect = open_line,
        silence: float = SILENCE,
        **limits: Any,
    ) -> None:
        self.breaks = 1
        self.why = "not started"
        self._url = url
        self._key = key
        self._time = time
        self._queue: deque[OrderNews] = deque()
        self._subscribed = False
        self._asked_at_quiet = 0.0
        self._wake: Callable[[], None] | None = None
        # Without orders there is nothing to hear: asked for a sign of life, a living line is never silent for so long.
        self._heartbeat = silence / 3
        self._stream = Stream("aaiti-user-stream", self, connect=connect, silence=silence, **limits)

    @property
    def up(self) -> bool:
        """True from the moment Binance confirms the subscription until the line is lost."""
        return self._subscribed

    @property
    def state(self) -> StreamState:
        """LIVE once subscribed."""
        if self._subscribed:
            return StreamState.LIVE
        return StreamState.DOWN if self._stream.state is StreamState.DOWN else StreamState.CONNECTING

    def start(self, wake: Callable[[], None] | None = None) -> None:
        """Open it; `wake` is called from its thread whenever there is news."""
        self._wake = wake
        self._stream.start()

    def end(self) -> None:
        """Ask it to close."""
        self._stream.end()

    def stop(self, timeout: float = STOPPING) -> None:
        """Close it, and wait so many seconds for that."""
        self._stream.stop(timeout)

    def drain(self) -> list[OrderNews]:
        """News since the last time."""
        news = []
        while self._queue:
            news.append(self._queue.popleft())
        return news

    # ------------------------------------------------------------------ Talk: called by the stream's thread

    def address(self) -> str | None:
        """Where the WebSocket API is."""
        return self._url

    def opened(self, line: Line) -> None:
        """Subscribe. The signature covers the parameters in the order of their names."""
        stamp = self._time.stamp()
        payload = f"apiKey={self._key.key}&timestamp={stamp}"
        params = {"apiKey": self._key.key, "timestamp": stamp, "signature": self._key.sign(payload)}
        line.send(json.dumps({"id": _SUBSCRIBE, "method": "userDataStream.subscribe.signature", "params": params}))

    def take(self, text: str) -> None:
        """An event, or an answer to our request."""
        self._asked_at_quiet = 0.0
        message = json.loads(text)
        if not isinstance(message, dict):
            raise LineLost(f"a message that is no object: {text[:80]}")
        event = message.get("event", message)
        if isinstance(event, dict) and "e" in event:
            self._event(event)
        else:
            self._answer(message)

    def attend(self, line: Line, quiet: float) -> None:
        """Ask for a sign of life after each further stretch of quiet."""
        if quiet - self._asked_at_quiet >= self._heartbeat:
            self._asked_at_quiet = quiet
            line.send(json.dumps({"id": _PING, "method": "ping"}))

    def lost(self, why: str) -> None:
        """From here on news is missed."""
        self._subscribed = False
        self._asked_at_quiet = 0.0
        self.why = why
        self._mark()

    def _event(self, event: dict[str, Any]) -> None:
        kind = event["e"]
        if kind == "executionReport":
            try:
                self._queue.append(reports.execution_report(event))
            except AaitiError as error:
                raise LineLost(f"order news that cannot be read: {error}") from error
            if len(self._queue) > _MOST:
                self._queue.clear()
                raise LineLost(f"{_MOST} messages waited for an engine that does not fetch them")
            self._call()
        elif kind in ("eventStreamTerminated", "serverShutdown"):
            raise LineLost(f"Binance ends the stream: {kind}")

    def _answer(self, message: dict[str, Any]) -> None:
        if message.get("status") == 200:
            if message.get("id") == _SUBSCRIBE:
                self._subscribed = True
                self.why = "up"
                self._mark()
            return
        if message.get("id") == _PING:
            return  # any answer is a sign of life
        error = message.get("error") or {}
        if error.get("code") == _SKEW:
            self._time.forget()
        raise LineLost(f"refused: {error.get('code')} {error.get('msg', '')}")

    def _mark(self) -> None:
        self.breaks += 1
        self._call()

    def _call(self) -> None:
        if self._wake is not None:
            self._wake()
