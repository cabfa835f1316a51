"""The anchored window: which bars a row may see, live and in batch alike, so that both give the same bits.

The UTC grid is cut into blocks of 2,048 bars. The row of bar t is computed from the bars of t's block and of the block
before it, up to t. Batch work computes a whole block at once and keeps its rows; live work computes the last window
only. As every `compute` handed in here is prefix-stable (row i depends on rows 0..i alone, whatever follows), the
last row of the one is the row of the other, to the bit. A sliding window would start its running sums elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from engine.domain.bar import BarSeries
from engine.domain.interval import Interval, from_ms, to_ms

BLOCK = 2048
"""Bars on the grid per block."""

Compute = Callable[[BarSeries], NDArray[np.float64]]
ComputeFrom = Callable[[BarSeries, int], NDArray[np.float64]]
"""The same for the rows from a position of the window on."""


def block_of(open_ms: int, interval: Interval) -> int:
    """Number of the block that a bar's open lies in."""
    return open_ms // interval.ms // BLOCK


def window_start(at: datetime, interval: Interval) -> datetime:
    """Open of the first bar that the row of the bar closing at `at` may see; live work reads bars from here.

    >>> window_start(from_ms(2048 * 3_600_000 + 1), Interval.H1)
    datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)
    """
    block = block_of(to_ms(at) - interval.ms, interval)
    return from_ms(max(0, block - 1) * BLOCK * interval.ms)


def anchored(series: BarSeries, compute: Compute, first: int = 0, *, warm_up: int = 0) -> NDArray[np.float64]:
    """Rows `first`..end of `compute` over anchored windows, shape (n - first,) or (n - first, k).

    `compute` gets the window's bars and answers one row per bar; NaN where it cannot know yet. Rows with fewer than
    `warm_up` bars in their window, their own included, are NaN too. `first = len(series) - 1` is the live call: it
    costs one window and gives the batch's last row bit for bit, provided `series` reaches back to `window_start`.
    """

    def whole(window: BarSeries, begin: int) -> NDArray[np.float64]:
        rows = compute(window)
        if len(rows) != len(window):
            raise ValueError(f"compute gave {len(rows)} rows for {len(window)} bars; it must give one per bar")
        return rows[begin:]

    return anchored_from(series, whole, first, warm_up=warm_up)


def anchored_from(
    series: BarSeries, compute: ComputeFrom, first: int = 0, *, warm_up: int = 0
) -> NDArray[np.float64]:  # fmt: skip
    """As `anchored`, with a `compute` that is told from which row of its window on rows are wanted."""
    n = len(series)
    if not 0 <= first <= n:
        raise ValueError(f"first is {first}; it must lie within 0..{n}, the number of bars")
    if first == n:
        shape = compute(series.rows(0, 0), 0).shape
        return np.full((0, *shape[1:]), np.nan)
    parts: list[NDArray[np.float64]] = []
    begin = first
    while begin < n:
        rows, start, end = _block_rows(series, compute, begin)
        cold = max(0, warm_up - 1 - (begin - start))
        rows[:cold] = np.nan
        parts.append(rows)
        begin = end
    return np.concatenate(parts)


def _block_rows(series: BarSeries, compute: ComputeFrom, begin: int) -> tuple[NDArray[np.float64], int, int]:
    """Rows from position `begin` to the end of its block; the positions where its window starts and ends."""
    span = BLOCK * series.interval.ms
    block = block_of(series.open_ms[begin], series.interval)
    start = series.position((block - 1) * span)
    end = series.position((block + 1) * span)
    rows = compute(series.rows(start, end), begin - start)
    if len(rows) != end - begin:
        raise ValueError(f"compute gave {len(rows)} rows for {end - begin} bars; it must give one per bar")
    return np.array(rows, dtype=np.float64), start, end
