"""Small seeded markets for tests: a walk, a walk with a planted signal, gaps where wanted."""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray

from engine.domain.bar import BarSeries
from engine.domain.interval import Interval
from engine.features.window import BLOCK


def walk(
    n: int, *, seed: int = 1, first_block: int = 200, gap: tuple[int, int] | None = None, planted: float = 0.0,
    trending: float = 0.0,
) -> BarSeries:  # fmt: skip
    """A geometric walk of n hourly bars from the start of a block.

    `gap` = (position, bars missing before it). `planted` > 0 makes each return follow the last one's sign; `trending`
    > 0 makes price drift up or down by so many deviations a bar, for some eighty bars at a time.
    """
    rng = np.random.default_rng(seed)
    shocks = rng.standard_normal(n) * 0.005
    returns = shocks.copy()
    for t in range(1, n if planted else 0):
        returns[t] += planted * 0.005 * np.sign(returns[t - 1])
    if trending:
        returns += trending * 0.005 * np.cumprod(np.where(rng.random(n) < 1 / 80, -1.0, 1.0))
    close = 30_000.0 * np.exp(np.cumsum(returns))
    opened = np.concatenate(([30_000.0], close[:-1]))
    wick = np.abs(rng.standard_normal((2, n))) * 0.002
    high = np.maximum(opened, close) * (1 + wick[0])
    low = np.minimum(opened, close) * (1 - wick[1])
    steps = np.arange(n, dtype=np.int64)
    if gap is not None:
        steps[gap[0] :] += gap[1]
    open_ms = (steps + first_block * BLOCK) * Interval.H1.ms
    return _series(open_ms, opened, high, low, close, rng.gamma(2.0, 50.0, n))


def _series(open_ms: NDArray[np.int64], *columns: NDArray[np.float64]) -> BarSeries:
    opened, high, low, close, volume = (array("d", c.tobytes()) for c in columns)
    return BarSeries(
        symbol="BTCUSDT", interval=Interval.H1, open_ms=array("q", open_ms.tobytes()), open=opened, high=high,
        low=low, close=close, volume=volume,
    )  # fmt: skip
