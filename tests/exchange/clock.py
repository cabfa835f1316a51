"""A clock that stands still until somebody turns it. It serves the exchange and, as ports.Clock, its clients."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class TurnedClock:
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
