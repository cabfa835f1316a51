"""Interval: the length of a bar, and the UTC grid it stands on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum

_MINUTE_MS = 60_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_YEAR, _LAST_YEAR = 1970, 2100
"""Beyond them the history that a run reads before its start, or a span added to its end, is no time any more."""


class Interval(StrEnum):
    """A bar length that divides the UTC day (weeks and months are not on the grid)."""

    M1 = "1m"
    M5 = "5m"
    M15 = "15m"
    M30 = "30m"
    H1 = "1h"
    H2 = "2h"
    H4 = "4h"
    H6 = "6h"
    H8 = "8h"
    H12 = "12h"
    D1 = "1d"

    @property
    def ms(self) -> int:
        """Length in milliseconds."""
        unit = {"m": 1, "h": 60, "d": 1440}[self.value[-1]]
        return int(self.value[:-1]) * unit * _MINUTE_MS

    @property
    def duration(self) -> timedelta:
        """Length as a timedelta."""
        return timedelta(milliseconds=self.ms)

    def floor(self, at: datetime) -> datetime:
        """The open of the bar that `at` lies in: also the close of the newest bar closed by then."""
        return from_ms(to_ms(at) // self.ms * self.ms)

    @property
    def bars_per_year(self) -> float:
        """Bars in a 365-day year."""
        return 365 * 86_400_000 / self.ms


def to_ms(at: datetime) -> int:
    """Milliseconds since 1970 UTC. A naive datetime is refused.

    >>> to_ms(datetime(2025, 4, 1, tzinfo=UTC))
    1743465600000
    """
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone; times are aware UTC")
    return (at - _EPOCH) // timedelta(milliseconds=1)


def from_ms(ms: int) -> datetime:
    """The aware UTC datetime of `ms`."""
    return _EPOCH + timedelta(milliseconds=int(ms))


def parse_time(text: str) -> datetime:
    """Read ISO 8601; a date or a time without zone is UTC. ValueError names the text, also where no bar can be."""
    try:
        at = datetime.fromisoformat(text)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is not an ISO 8601 time such as 2025-04-01 or 2025-04-01T12:00Z") from None
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        raise ValueError(f"{text!r} lies outside the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return at


def iso(at: datetime) -> str:
    """Write `at` as the one canonical text, e.g. 2025-04-01T12:00:00Z (milliseconds only where there are any)."""
    at = at.astimezone(UTC)
    spec = "milliseconds" if at.microsecond else "seconds"
    return at.isoformat(timespec=spec).replace("+00:00", "Z")
