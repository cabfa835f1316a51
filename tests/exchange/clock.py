"""Clocks: one stands still until somebody turns it, one runs. They serve the exchange and, as ports.Clock, clients."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class TurnedClock:
    """Stands at `at`."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.at

    def sleep_until(self, at: datetime) -> None:
        """Jump there, and remember for how long one would have slept."""
        self.slept.append(round((at - self.at).total_seconds(), 3))
        self.at = max(self.at, at)

    def turn(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    @property
    def ms(self) -> int:
        return (self.at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


class RunningClock(TurnedClock):
    """Runs as the wall's does, from `at` on (now, where none is given); turning it moves it ahead."""

    def __init__(self, at: datetime | None = None) -> None:
        super().__init__(at or datetime.now(UTC))
        self._started = time.monotonic()

    def now(self) -> datetime:
        return self.at + timedelta(seconds=time.monotonic() - self._started)

    def sleep_until(self, at: datetime) -> None:
        """Really sleep."""
        time.sleep(max(0.0, (at - self.now()).total_seconds()))

    @property
    def ms(self) -> int:
        return (self.now() - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
