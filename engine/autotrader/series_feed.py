"""Feed of a replay: all bars in memory, shown only as far as the replay has come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from engine.domain.bar import BarSeries
from engine.domain.instrument import Instrument
from engine.domain.interval import Interval, to_ms
from engine.domain.quote import Quote
from engine.execution.matching import to_ticks
from engine.features.window import window_start


class SeriesFeed:
    """Implements `Feed` over whole series."""

    def __init__(
        self, series: Iterable[BarSeries], instruments: Mapping[str, Instrument],
        finer: Mapping[str, BarSeries] = MappingProxyType({}),
    ) -> None:  # fmt: skip
        """`finer`: bars of a shorter interval, by symbol, as far as there are any."""
        self._series = {(s.symbol, s.interval): s for s in series}
        self._finer = finer
        self._instruments = instruments

    @property
    def problem(self) -> str | None:
        """Archived bars are always there."""
        return None

    @property
    def seen(self) -> Mapping[str, Quote]:
        """A replay shows its prices as bars."""
        return {}

    def rules(self) -> Sequence[Instrument]:
        """An archive's rules do not change."""
        return ()

    def window(self, symbol: str, interval: Interval, at: datetime) -> BarSeries:
        """Bars closed by `at`, from the first that the newest one's features look at."""
        series = self._series[symbol, interval]
        end = series.position(to_ms(at) - interval.ms + 1)
        start = series.position(to_ms(window_start(at, interval)))
        return series.rows(min(start, max(end - 1, 0)), end)

    def finer(self, symbol: str, interval: Interval, at: datetime) -> BarSeries | None:
        """Those inside the bar that closed at `at`."""
        finer = self._finer.get(symbol)
        return None if finer is None else finer.between(at - interval.duration, at)

    def quote(self, symbol: str, interval: Interval, at: datetime) -> Quote | None:
        """The open of the bar that begins at `at`; None where that bar is missing."""
        series = self._series[symbol, interval]
        position = series.position(to_ms(at))
        if position == len(series) or series.open_ms[position] != to_ms(at):
            return None
        instrument = self._instruments[symbol]
        price = instrument.price(to_ticks(series.open[position], instrument))
        return Quote(symbol=symbol, bid=price, ask=price, as_of=at)

    def count(self, start: datetime, end: datetime) -> int:
        """Bars that close after `start` and by `end`, over all series."""
        return sum(len(s.between(start, end)) for s in self._series.values())

