"""ArchiveMarket: the bars of the cache as a market, with a clock that says how much of them has happened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from engine.domain.bar import BarSeries
from engine.domain.errors import MissingBars
from engine.domain.instrument import Instrument
from engine.domain.interval import Interval, iso, to_ms
from engine.domain.quote import Quote
from engine.ports import Bars, Clock


class ArchiveMarket:
    """Implements ports.MarketData over the bars stored under one source, as known at `clock.now()`.

    `interval` is the length whose opens are the quotes: a replay gives its own, so that its fills are the backtest's.
    Without it the finest one stored counts. Series are read once and kept; `forget` reads them anew.
    """

    def __init__(self, bars: Bars, clock: Clock, source: str = "ARCHIVE", *, interval: Interval | None = None) -> None:
        self._bars = bars
        self._clock = clock
        self._source = source
        self._interval = interval
        self._series: dict[tuple[str, Interval], BarSeries] = {}
        self._finest: dict[str, Interval] = {}
        self._rules: dict[str, Instrument] = {}

    def instruments(self) -> Sequence[Instrument]:
        """Instruments that have bars, by symbol."""
        self._look()
        return [self._rules[symbol] for symbol in sorted(self._finest) if symbol in self._rules]

    def bars(self, symbol: str, interval: Interval, start: datetime, end: datetime) -> BarSeries:
        """Bars with start <= open < end that have closed by the clock. Gaps stay gaps."""
        return self._whole(symbol, interval).between(start, min(end, self._last_open_end(interval)))

    def quote(self, symbol: str) -> Quote:
        """The open of the bar that forms now, as of that open; MissingBars where the archive has no such bar."""
        if symbol not in self._finest:
            self._look()
        interval = self._interval or self._finest.get(symbol)
        instrument = self._rules.get(symbol)
        if interval is None or instrument is None:
            raise MissingBars(f"{symbol}: {self._source} has no bars of it; import or sync some")
        series = self._whole(symbol, interval)
        open_at = interval.floor(self._clock.now())
        i = series.position(to_ms(open_at))
        if i == len(series) or series.open_ms[i] != to_ms(open_at):
            raise MissingBars(f"{symbol}: {self._source} has no {interval} bar at {iso(open_at)}; a gap or its end")
        price = on_tick(series.open[i], instrument.tick_size)
        return Quote(symbol=symbol, bid=price, ask=price, as_of=open_at, spread_included=False)

    def forget(self) -> None:
        """Drop what was read: bars were imported or synced since."""
        self._series.clear()
        self._finest.clear()
        self._rules.clear()

    def _last_open_end(self, interval: Interval) -> datetime:
        """Bars that open before this moment have closed by now."""
        return interval.floor(self._clock.now())

    def _whole(self, symbol: str, interval: Interval) -> BarSeries:
        key = (symbol, interval)
        if key not in self._series:
            self._series[key] = self._bars.read(self._source, symbol, interval)
        return self._series[key]

    def _look(self) -> None:
        self._rules = {one.symbol: one for one in self._bars.rules(self._source)}
        self._finest = {}
        for covered in self._bars.coverage(self._source):
            known = self._finest.get(covered.symbol)
            if known is None or covered.interval.ms < known.ms:
                self._finest[covered.symbol] = covered.interval


def on_tick(price: float, tick_size: Decimal) -> Decimal:
    """The decimal price that the float stands for: the nearest whole number of ticks."""
    return round(price / float(tick_size)) * tick_size
