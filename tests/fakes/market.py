"""A clock that stands where it is put, a market and a cache in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from engine.domain.bar import BarSeries
from engine.domain.errors import MissingBars
from engine.domain.instrument import Instrument
from engine.domain.interval import Interval, from_ms
from engine.domain.quote import Quote
from engine.market.columns import overlay
from engine.market.gaps import count_missing
from engine.ports import Clock, Coverage


class FixedClock:
    """Implements ports.Clock; `at` moves only when a test moves it, or by sleep_until."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def sleep_until(self, at: datetime) -> None:
        self.at = max(self.at, at)

    def forward(self, step: timedelta) -> None:
        self.at += step


class FakeMarket:
    """Implements ports.MarketData over given series; `asked` records every request for bars."""

    def __init__(self, clock: Clock, *series: BarSeries, instruments: Sequence[Instrument] = ()) -> None:
        self._clock = clock
        self._instruments = instruments
        self.series = {(one.symbol, one.interval): one for one in series}
        self.asked: list[tuple[datetime, datetime]] = []

    def instruments(self) -> Sequence[Instrument]:
        return self._instruments

    def bars(self, symbol: str, interval: Interval, start: datetime, end: datetime) -> BarSeries:
        self.asked.append((start, end))
        whole = self.series.get((symbol, interval), BarSeries.empty(symbol, interval))
        return whole.between(start, end).closed_by(self._clock.now())

    def quote(self, symbol: str) -> Quote:
        for (name, interval), whole in self.series.items():
            open_at = interval.floor(self._clock.now())
            rows = whole.between(open_at, open_at + interval.duration)
            if name == symbol and len(rows):
                price = Decimal(str(rows.open[0]))
                return Quote(symbol=symbol, bid=price, ask=price, as_of=open_at)
        raise MissingBars(f"{symbol}: no price")


class FakeBars:
    """Implements ports.Bars in memory."""

    def __init__(self) -> None:
        self._series: dict[tuple[str, str, Interval], BarSeries] = {}
        self._rules: dict[str, dict[str, Instrument]] = {}

    def read(
        self, source: str, symbol: str, interval: Interval, start: datetime | None = None, end: datetime | None = None
    ) -> BarSeries:
        empty = BarSeries.empty(symbol, interval)
        return self._series.get((source, symbol, interval), empty).between(start, end)

    def write(self, source: str, series: BarSeries) -> int:
        old = self.read(source, series.symbol, series.interval)
        merged = overlay(old, series)
        if len(merged):
            self._series[source, series.symbol, series.interval] = merged
        return len(merged) - len(old)

    def write_rules(self, source: str, instruments: Sequence[Instrument]) -> None:
        self._rules.setdefault(source, {}).update({one.symbol: one for one in instruments})

    def rules(self, source: str) -> Sequence[Instrument]:
        return [one for _, one in sorted(self._rules.get(source, {}).items())]

    def coverage(self, source: str) -> Sequence[Coverage]:
        return [
            Coverage(
                source=source, symbol=symbol, interval=interval, n_bars=len(one), first_open_at=from_ms(one.open_ms[0]),
                last_open_at=from_ms(one.open_ms[-1]), missing=count_missing(one),
            )
            for (name, symbol, interval), one in sorted(self._series.items())
            if name == source
        ]  # fmt: skip
