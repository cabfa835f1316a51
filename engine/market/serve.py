"""Serve the newest closed bars to the live cycle from memory, so that a decision waits for one request at most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.domain.bar import BarSeries
from engine.domain.interval import Interval
from engine.features.window import BLOCK
from engine.market.columns import overlay
from engine.market.sync import Asked, sync
from engine.ports import Bars, MarketData

WINDOW = 2 * BLOCK
"""Two anchored blocks: what the features of one bar may look at."""


class BarFeed:
    """The last WINDOW bars of each series, kept in memory and fetched on from the newest one.

    With `bars`, the cache is read first and every fetched bar goes there when somebody has time to `save`: a decision
    does not wait for a file. Without it (a replay over the cache, the simulated market) the source alone is asked.
    """

    def __init__(self, source: MarketData, source_name: str, bars: Bars | None = None) -> None:
        self._source = source
        self._source_name = source_name
        self._bars = bars
        self._tails: dict[tuple[str, Interval], _Tail] = {}
        self._asked: Asked = set()
        self._unsaved: dict[tuple[str, Interval], BarSeries] = {}

    def save(self) -> bool:
        """Write what was fetched of one series to the cache; True where more waits."""
        if self._bars is not None and self._unsaved:
            self._bars.write(self._source_name, self._unsaved.pop(next(iter(self._unsaved))))
        return bool(self._unsaved)

    def window(self, symbol: str, interval: Interval, upto: datetime) -> BarSeries:
        """Give the bars that closed by `upto`, the last WINDOW places of the grid; the source is asked if one is due.

        The newest bar may still be missing (look at `last_close_at`); the next call asks for it again.
        """
        upto = interval.floor(upto)
        start = upto - interval.duration * WINDOW
        tail = self._tails.get((symbol, interval))
        if tail is None or not tail.start <= start <= tail.end:
            tail = _Tail(series=self._load(symbol, interval, start, upto), start=start)
        elif tail.end < upto:
            tail = _Tail(series=self._extend(tail, upto), start=start)
        self._tails[symbol, interval] = tail
        return tail.series.between(start, upto)

    def _load(self, symbol: str, interval: Interval, start: datetime, upto: datetime) -> BarSeries:
        if self._bars is None:
            return self._source.bars(symbol, interval, start, upto)
        return sync(
            self._source, self._bars, self._source_name, symbol,
            interval=interval, start=start, end=upto, asked=self._asked,
        ).series  # fmt: skip

    def _extend(self, tail: _Tail, upto: datetime) -> BarSeries:
        old = tail.series
        fetched = self._source.bars(old.symbol, old.interval, tail.end, upto)
        if len(fetched) and self._bars is not None:
            key = (old.symbol, old.interval)
            before = self._unsaved.get(key)
            self._unsaved[key] = fetched if before is None else overlay(before, fetched)
        return overlay(old.between(upto - old.interval.duration * WINDOW, None), fetched)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tail:
    """Bars in memory: everything the source has from `start` on, up to the close of the last one."""

    series: BarSeries
    start: datetime

    @property
    def end(self) -> datetime:
        """The close of the newest bar; the start where there is none."""
        return self.series.last_close_at or self.start
