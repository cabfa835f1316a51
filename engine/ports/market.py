"""MarketData and Bars: where prices come from, and the cache of closed bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.domain.bar import BarSeries
from engine.domain.instrument import Instrument
from engine.domain.interval import Interval
from engine.domain.quote import Quote


class MarketData(Protocol):
    """A source of prices."""

    def instruments(self) -> Sequence[Instrument]:
        """Every instrument on offer, with the rules in force now."""
        ...

    def bars(self, symbol: str, interval: Interval, start: datetime, end: datetime) -> BarSeries:
        """Closed bars with start <= open < end; the unfinished one is never among them. Gaps stay gaps."""
        ...

    def quote(self, symbol: str) -> Quote:
        """The newest price with its age. MarketDataError or VenueError where there is none."""
        ...


class Bars(Protocol):
    """The cache of closed bars, by source (`BINANCE`, `SIMULATED`, `ARCHIVE`, `COINGECKO`)."""

    def read(
        self, source: str, symbol: str, interval: Interval, start: datetime | None = None, end: datetime | None = None
    ) -> BarSeries:
        """Stored bars with start <= open < end; empty where there are none."""
        ...

    def write(self, source: str, series: BarSeries) -> int:
        """Store bars, replacing those with the same open; all or nothing. Returns how many were new."""
        ...

    def write_rules(self, source: str, instruments: Sequence[Instrument]) -> None:
        """Store instruments' rules, replacing those of the same symbols."""
        ...

    def rules(self, source: str) -> Sequence[Instrument]:
        """Stored instruments of a source, by symbol."""
        ...

    def coverage(self, source: str) -> Sequence[Coverage]:
        """What is stored, per symbol and interval."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Stored bars of one symbol and interval: opens of the first and last, and how many are missing between."""

    source: str
    symbol: str
    interval: Interval
    n_bars: int
    first_open_at: datetime
    last_open_at: datetime
    missing: int
