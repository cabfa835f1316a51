"""Keep the cache in step with a source: fetch what is missing, once, and write it as it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from engine.domain.bar import BarSeries
from engine.domain.errors import ConfigurationError
from engine.domain.interval import Interval, iso
from engine.market.gaps import Gap, find_gaps
from engine.ports import Bars, MarketData

CHUNK = 50_000
"""Bars asked for and written in one go: what a kill in a long sync can lose."""

Asked = set[tuple[str, str, Interval, datetime, datetime]]
"""Stretches that the source has been asked for and had no bars in; keep it and no sync asks for them again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What a sync came to. `series` is what the cache holds of start <= open < end now; `gaps` are its gaps."""

    series: BarSeries
    new: int
    requests: int
    gaps: tuple[Gap, ...]

    @property
    def missing(self) -> int:
        """Bars that neither the source nor the cache has."""
        return sum(gap.missing for gap in self.gaps)


def sync(
    source: MarketData,
    bars: Bars,
    source_name: str,
    symbol: str,
    *,
    interval: Interval,
    start: datetime,
    end: datetime,
    asked: Asked | None = None,
    progress: Callable[[float], None] | None = None,
) -> SyncReport:
    """Fetch from `source` what `bars` lacks of start <= open < end, write it, and give the whole range.

    Missing are: what lies before the first stored bar, each gap between stored bars, and what follows the last one.
    Each stretch is asked for once in this call; with `asked` kept by the caller, an outage of the venue is asked
    about once in a process. `progress` hears the share of the range that is dealt with.
    """
    if start >= end:
        raise ConfigurationError(f"{symbol}: start {iso(start)} is not before end {iso(end)}; swap them")
    start = interval.floor(start)
    stored = bars.read(source_name, symbol, interval, start, end)
    known: Asked = asked if asked is not None else set()
    new = requests = 0
    for first, last in _missing(stored, start, end):
        key = (source_name, symbol, interval, first, last)
        if key in known:
            continue
        for chunk_start, chunk_end in _chunks(first, last, interval):
            fetched = source.bars(symbol, interval, chunk_start, chunk_end)
            requests += 1
            if len(fetched):
                new += bars.write(source_name, fetched)
            if progress is not None:
                progress((chunk_end - start) / (end - start))
        if last < end:  # what follows the newest bar may come any minute: always ask again
            known.add(key)
    series = bars.read(source_name, symbol, interval, start, end) if new else stored
    return SyncReport(series=series, new=new, requests=requests, gaps=find_gaps(series))


def _missing(stored: BarSeries, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    if not len(stored):
        return [(start, end)]
    stretches = [(gap.start, gap.end) for gap in find_gaps(stored)]
    first, after = stored.bar(0).open_at, stored.last_close_at
    if start < first:
        stretches.insert(0, (start, first))
    if after is not None and after < end:
        stretches.append((after, end))
    return stretches


def _chunks(start: datetime, end: datetime, interval: Interval) -> Iterator[tuple[datetime, datetime]]:
    step = interval.duration * CHUNK
    while start < end:
        yield start, min(start + step, end)
        start += step
