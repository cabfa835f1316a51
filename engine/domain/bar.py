"""Bars: closed price bars as columns, which numpy can wrap without a copy."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from engine.domain.interval import Interval, from_ms, to_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One closed bar. Prices are float64 observations; money is never computed from them without ticks."""

    open_at: datetime
    open: float
    high: float
    low: float
    close: float
    volume: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BarSeries:
    """Closed bars of one instrument, ascending, unique, on the UTC grid. Gaps are allowed and visible in `open_ms`.

    `open_ms` is array('q'), UTC milliseconds of each bar's open; the others are array('d'), all of length n_bars.
    A bar is known from its close on: open_ms + interval.ms.
    """

    symbol: str
    interval: Interval
    open_ms: array[int]
    open: array[float]
    high: array[float]
    low: array[float]
    close: array[float]
    volume: array[float]

    @classmethod
    def empty(cls, symbol: str, interval: Interval) -> BarSeries:
        """A series without bars."""
        return cls(
            symbol=symbol, interval=interval, open_ms=array("q"), open=array("d"), high=array("d"),
            low=array("d"), close=array("d"), volume=array("d"),
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.open_ms)

    def __iter__(self) -> Iterator[Bar]:
        return (self.bar(i) for i in range(len(self)))

    def bar(self, i: int) -> Bar:
        """The i-th bar (negative counts from the end)."""
        return Bar(
            open_at=from_ms(self.open_ms[i]), open=self.open[i], high=self.high[i], low=self.low[i],
            close=self.close[i], volume=self.volume[i],
        )  # fmt: skip

    def rows(self, start: int, stop: int) -> BarSeries:
        """Bars start..stop-1 by position, as a copy."""
        return BarSeries(
            symbol=self.symbol, interval=self.interval, open_ms=self.open_ms[start:stop],
            open=self.open[start:stop], high=self.high[start:stop], low=self.low[start:stop],
            close=self.close[start:stop], volume=self.volume[start:stop],
        )  # fmt: skip

    def between(self, start: datetime | None, end: datetime | None) -> BarSeries:
        """Bars with start <= open < end; None leaves that side open. The series itself where that is all of it."""
        first = 0 if start is None else self.position(to_ms(start))
        last = len(self) if end is None else self.position(to_ms(end))
        return self if (first, last) == (0, len(self)) else self.rows(first, last)

    def closed_by(self, at: datetime) -> BarSeries:
        """Bars whose close is at or before `at`: what was known then."""
        return self.rows(0, self.position(to_ms(at) - self.interval.ms + 1))

    def position(self, open_ms: int) -> int:
        """Position of the first bar that opens at or after `open_ms`."""
        return bisect_left(self.open_ms, open_ms)

    @property
    def last_close_at(self) -> datetime | None:
        """When the newest bar closed; None for an empty series."""
        return from_ms(self.open_ms[-1] + self.interval.ms) if len(self) else None
