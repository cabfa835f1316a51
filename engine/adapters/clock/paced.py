"""A clock that is turned: it runs at a chosen speed towards the next bar close and waits there to be let on."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta


class PacedClock:
    """Implements ports.Clock for replays and the simulated market.

    `speed` is market seconds per real second; None means as fast as the work allows. The clock never passes the moment
    it was last let on to, so a slow machine delays the market instead of missing bars.
    """

    def __init__(
        self, start: datetime, speed: float | None, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._monotonic = monotonic
        self._speed = speed
        self._from = self._limit = start
        self._since = monotonic()

    @property
    def speed(self) -> float | None:
        """Market seconds per real second; None is as fast as can be."""
        return self._speed

    def set_speed(self, speed: float | None) -> None:
        """Go on at another speed from now."""
        self._from, self._since = self.now(), self._monotonic()
        self._speed = speed

    def now(self) -> datetime:
        """Market time."""
        if self._speed is None:
            return self._limit
        passed = timedelta(seconds=(self._monotonic() - self._since) * self._speed)
        return min(self._from + passed, self._limit)

    def let_on_to(self, at: datetime) -> None:
        """Allow the clock to run until `at`."""
        self._from, self._since = self.now(), self._monotonic()
        self._limit = max(at, self._limit)

    def hold(self) -> None:
        """Stand still until let on again: what is done now is done at one moment of the market."""
        self._from = self._limit = self.now()

    def seconds_until(self, at: datetime) -> float:
        """Real seconds until the clock shows `at`, were it let on."""
        return 0.0 if self._speed is None else max(0.0, (at - self.now()).total_seconds() / self._speed)

    def sleep_until(self, at: datetime) -> None:
        """Let the clock on to `at` and wait for it."""
        while not self.nap_until(at, at_most=3600.0):
            pass

    def nap_until(self, at: datetime, *, at_most: float) -> bool:
        """Let the clock on to `at` and wait for it, but no longer than so many real seconds; True once it is there."""
        self.let_on_to(at)
        seconds = self.seconds_until(at)
        if seconds:
            time.sleep(min(at_most, seconds))
        return self.now() >= at
