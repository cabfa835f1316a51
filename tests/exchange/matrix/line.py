"""The user stream without a socket and without a thread: the real UserStream, moved by hand on the virtual clock."""

from __future__ import annotations

import json
from collections.abc import Callable

from engine.adapters.binance.server_time import ServerTime
from engine.adapters.binance.signing import ApiKey
from engine.adapters.binance.stream import Line, LineLost
from engine.adapters.binance.user_stream import UserStream
from engine.domain.errors import AaitiError
from engine.domain.venue import StreamState
from tests.exchange.account import Account
from tests.exchange.clock import TurnedClock
from tests.exchange.user_events import Subscription

SILENCE = 45.0


class _Wire:
    """One connection to the WebSocket API: what was sent is answered at once."""

    def __init__(self, held: Account) -> None:
        self._held = held
        self.answers: list[str] = []
        self.subscription: Subscription | None = None

    def send(self, message: str) -> None:
        request = json.loads(message)
        if request["method"] == "userDataStream.subscribe.signature":
            if self._held.key.rights.revoked:
                self.answers.append(json.dumps({"id": request["id"], "status": 401, "error": {"code": -2015}}))
                return
            self.subscription = self._held.inbox.subscribe()
        self.answers.append(json.dumps({"id": request["id"], "status": 200, "result": {}}))

    def recv(self, timeout: float | None = None) -> str:
        raise TimeoutError

    def close(self) -> None:
        if self.subscription is not None:
            self.subscription.alive = False


class HandStream(UserStream):
    """`pump` does what the stream's thread does: connect, take messages, notice silence, connect again."""

    def __init__(
        self, key: ApiKey, time: ServerTime, held: Account, clock: TurnedClock, redial: float
    ) -> None:
        super().__init__("wss://test-exchange", key, time)
        self._held = held
        self._clock = clock
        self._redial = redial
        self._wire: _Wire | None = None
        self._heard_ms = 0
        self._connect_ms: int | None = None

    @property
    def state(self) -> StreamState:
        return StreamState.LIVE if self.up else StreamState.CONNECTING

    def start(self, wake: Callable[[], None] | None = None) -> None:
        self._wake = wake
        self._connect_ms = self._clock.ms
        self.pump()

    def end(self) -> None:
        """Nothing is waited for."""

    def stop(self, timeout: float = 0.0) -> None:
        self._connect_ms = None
        self._hang_up()

    def pump(self) -> None:
        """Live up to now."""
        try:
            if self._wire is None and self._connect_ms is not None and self._clock.ms >= self._connect_ms:
                self._open()
            if self._wire is not None:
                self._listen(self._wire)
        except (LineLost, AaitiError) as error:
            self._lose(str(error))

    def _open(self) -> None:
        self._heard_ms = self._clock.ms
        wire = _Wire(self._held)
        self._wire = wire
        line: Line = wire
        self.opened(line)

    def _listen(self, wire: _Wire) -> None:
        messages, wire.answers = wire.answers, []
        subscription = wire.subscription
        if subscription is not None:
            messages += [json.dumps(event) for event in subscription.drain()]
        for message in messages:
            self._heard_ms = self._clock.ms
            self.take(message)
        if subscription is not None and not subscription.silent:
            self._heard_ms = self._clock.ms  # it answers pings
        if (self._clock.ms - self._heard_ms) / 1000 > SILENCE:
            raise LineLost(f"silent for {SILENCE:.0f} s")

    def _lose(self, why: str) -> None:
        self._hang_up()
        self.lost(why)
        self._connect_ms = self._clock.ms + round(self._redial * 1000)

    def _hang_up(self) -> None:
        if self._wire is not None:
            self._wire.close()
        self._wire = None
