"""Which came first where a bar reaches a stop and a target: finer bars say it, and where there are none the stop wins.

One function for the paper account and the backtest loop. Finer bars decide only as far as they leave no gap: from the
bar's open to the finer bar that touches first, which must not itself reach both.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.domain.bar import BarSeries
from engine.domain.instrument import Instrument
from engine.execution.matching import NOT_TOUCHED, STOPPED, intrabar, tick_bars
from engine.kernel.compiled import borrowing, compiled

Finer = NDArray[np.int64]
"""Finer bars, shape (rows, FINER_COLUMNS), sorted by place and time; times in ms, prices in ticks."""
PLACE, BEGIN, END, OPENED, HIGHEST, LOWEST = range(6)
FINER_COLUMNS = 6

PLAIN, BY_FINER, BY_RULE = 0, 1, 2
"""Who decided an exit: the bar alone, finer bars, or the rule that the stop wins."""


@compiled
def torn(opened: int, high: int, low: int, stop: int, target: int) -> bool:
    """True where a bar reaches both and opens between them: it does not say which came first.

    >>> torn(100, 120, 80, 90, 110), torn(85, 120, 80, 90, 110), torn(100, 120, 95, 90, 110)
    (True, False, False)
    """
    return 0 < stop < opened < target and low <= stop and target <= high


@borrowing
def settled(  # noqa: PLR0917
    opened: int, high: int, low: int, stop: int, target: int, finer: Finer, place: int, begin_ms: int, end_ms: int
) -> tuple[int, int, int]:
    """(what happened, price in ticks before costs, who decided) to a resting stop and target in one bar."""
    if not torn(opened, high, low, stop, target):
        kind, ticks = intrabar(opened, high, low, stop, target)
        return kind, ticks, PLAIN
    due = begin_ms
    for k in range(_first(finer, place, begin_ms), len(finer)):
        if finer[k, PLACE] != place or finer[k, BEGIN] != due or due >= end_ms:
            break
        first, most, least = finer[k, OPENED], finer[k, HIGHEST], finer[k, LOWEST]
        if torn(first, most, least, stop, target):
            break
        kind, ticks = intrabar(first, most, least, stop, target)
        if kind != NOT_TOUCHED:
            return kind, int(ticks), BY_FINER
        due = finer[k, END]
    return STOPPED, stop, BY_RULE


@borrowing
def _first(finer: Finer, place: int, begin_ms: int) -> int:
    """The first row of the place that does not begin before."""
    low, high = 0, len(finer)
    while low < high:
        middle = (low + high) // 2
        if finer[middle, PLACE] < place or (finer[middle, PLACE] == place and finer[middle, BEGIN] < begin_ms):
            low = middle + 1
        else:
            high = middle
    return low


def finer_rows(series: BarSeries | None, instrument: Instrument, place: int = 0) -> Finer:
    """Rows of one instrument's finer bars; no rows where there are none. InvalidBar where a price is off the grid."""
    rows = np.zeros((0 if series is None else len(series), FINER_COLUMNS), dtype=np.int64)
    if series is None or not len(series):
        return rows
    ticks = np.empty((len(series), 4), dtype=np.int64)
    tick_bars((series.open, series.high, series.low, series.close), instrument, ticks)
    rows[:, PLACE], rows[:, BEGIN] = place, np.asarray(series.open_ms)
    rows[:, END] = rows[:, BEGIN] + series.interval.ms
    rows[:, [OPENED, HIGHEST, LOWEST]] = ticks[:, :3]
    return rows
