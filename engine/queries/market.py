"""Stored bars: what there is, how old it is, where it has holes, and what can be chosen from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.domain.account import Account, Source
from engine.domain.bar import BarSeries
from engine.domain.interval import Interval, from_ms
from engine.ports import Coverage
from engine.queries.console import Console

SOURCES = ("SIMULATED", "BINANCE", "ARCHIVE", "COINGECKO")
FETCHED = ("BINANCE", "COINGECKO")
"""Sources whose bars the engine fetches when they are asked for."""
PREFERRED = ("BTCUSDT", "CHARUSDT")
"""Among equally long series a newcomer gets one of these: the best known, and the simulated one that trades soonest."""
_FEW_BARS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Missing bars: the open of the first and of the last one, and how many."""

    first_open_at: datetime
    last_open_at: datetime
    n_bars: int


def read_coverage(console: Console) -> Sequence[Coverage]:
    """All stored bars of all sources; those that somebody brought in come before the simulated ones."""
    return [row for source in (*SOURCES[1:], SOURCES[0]) for row in console.bars.coverage(source)]


def gaps(bars: BarSeries) -> Sequence[Gap]:
    """The holes between the first and the last bar."""
    step = bars.interval.ms
    holes = []
    for before, after in zip(bars.open_ms, bars.open_ms[1:], strict=False):
        n = (after - before) // step - 1
        if n > 0:
            holes.append(Gap(first_open_at=from_ms(before + step), last_open_at=from_ms(after - step), n_bars=n))
    return holes


def bars_age(row: Coverage, now: datetime) -> timedelta:
    """How long ago the newest stored bar closed."""
    return now - (row.last_open_at + row.interval.duration)


def best_choice(rows: Sequence[Coverage]) -> Coverage | None:
    """What a newcomer should train on: an hourly series where a long one is there, else the longest."""
    hourly = [r for r in rows if r.interval is Interval.H1 and r.n_bars >= _FEW_BARS]
    return max(hourly or rows, key=lambda r: (r.n_bars, r.symbol in PREFERRED), default=None)


def default_horizon(interval: Interval) -> int:
    """Bars in a day, the shortest span that can pay its costs (at least 1, at most 24).

    >>> default_horizon(Interval.H1), default_horizon(Interval.H4), default_horizon(Interval.D1)
    (24, 6, 1)
    """
    return max(1, min(24, 86_400_000 // interval.ms))


def symbols(console: Console, source: str) -> Sequence[str]:
    """Instruments that have rules or bars at a source."""
    stored = {row.symbol for row in console.bars.coverage(source)}
    return sorted(stored | {rule.symbol for rule in console.bars.rules(source)})


def fits(learned_from: str, traded_on: str) -> bool:
    """True where a model of one source may meet the prices of another: real with real, simulated with simulated.

    >>> fits("ARCHIVE", "BINANCE"), fits("ARCHIVE", "SIMULATED")
    (True, False)
    """
    return (learned_from == Source.SIMULATED) == (traded_on == Source.SIMULATED)


def source_of(account: Account | None) -> str:
    """Where a screen looks first."""
    return account.source.value if account else Source.SIMULATED.value
