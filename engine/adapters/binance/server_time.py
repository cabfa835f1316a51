"""ServerTime: how far the exchange's clock is from ours, measured with the way there and back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from engine.domain.errors import ClockSkew
from engine.domain.interval import iso, to_ms
from engine.ports import Clock

RESYNC = timedelta(minutes=10)
STEP = timedelta(seconds=1)
"""An intent that lies further in our future than this was committed before our clock was set back."""


class ServerTime:
    """`ask` returns the exchange's time. Safe to use from several threads."""

    def __init__(self, ask: Callable[[], datetime], *, clock: Clock) -> None:
        self._ask = ask
        self._clock = clock
        self._offset: timedelta | None = None
        self._round_trip = timedelta(0)
        self._synced_at: datetime | None = None
        self._lock = threading.Lock()

    @property
    def offset(self) -> timedelta | None:
        """Its clock minus ours; None before the first measurement."""
        return self._offset

    @property
    def round_trip(self) -> timedelta:
        """How long the last measurement was under way: the offset is known to half of this."""
        return self._round_trip

    def sync(self) -> timedelta:
        """Measure now. Half of the way there and back is the best guess for when it looked at its clock."""
        with self._lock:
            sent = self._clock.now()
            at = self._ask()
            received = self._clock.now()
            self._round_trip = received - sent
            self._offset = at - (sent + self._round_trip / 2)
            self._synced_at = received
            return self._offset

    def forget(self) -> None:
        """The exchange did not believe our timestamp: measure again before the next one."""
        self._synced_at = None

    def stamp(self) -> int:
        """Milliseconds of now by its clock, measured again every ten minutes."""
        now = self._clock.now()
        offset = self._offset
        if offset is None or self._synced_at is None or not timedelta(0) <= now - self._synced_at <= RESYNC:
            offset = self.sync()
        return to_ms(self._clock.now() + offset)

    def stamp_of(self, intent_at: datetime) -> int:
        """Milliseconds of the moment an intent was committed, by its clock (law 3: never the moment of sending).

        ClockSkew where that moment lies in our future: our clock was set back, and the stamp would hide a late send.
        """
        offset = self._offset
        if offset is None or self._synced_at is None:
            offset = self.sync()
        now = self._clock.now()
        if intent_at > now + STEP:
            raise ClockSkew(f"the order was decided at {iso(intent_at)}, but it is {iso(now)}: the clock was set back")
        return to_ms(intent_at + offset)
