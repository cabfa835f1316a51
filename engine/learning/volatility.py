"""Volatility over a horizon: exponentially weighted, half-life 336 hours (two weeks)."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from engine.domain.bar import BarSeries
from engine.domain.interval import Interval
from engine.features.window import anchored
from engine.learning.kernels.compiled import Column, compiled

HALF_LIFE_HOURS = 336.0
_LEAST_HALF_LIFE = 10.0
"""In bars, for daily and longer ones."""

MEAN_TO_DEVIATION = 0.75
"""E|r| over the standard deviation: 0.80 for a normal return, a little less for the fat tails of prices."""


def volatility(series: BarSeries, horizon: int, first: int = 0, *, warm_up: int = 0) -> Column:
    """Standard deviation of the log return over `horizon` bars from each close on, shape (n_bars - first,).

    Known at the bar's close. EWMA of squared one-bar log returns within the anchored window, scaled by sqrt(horizon).
    Moves across a gap count as one bar's.
    """
    return anchored(series, partial(window_volatility, horizon=1), first, warm_up=warm_up) * math.sqrt(horizon)


def window_volatility(window: BarSeries, horizon: int) -> Column:
    """The same for the bars of one window, shape (n_bars,)."""
    return Spread().follow(np.array(window.close, dtype=np.float64), window.interval) * math.sqrt(horizon)


def half_life(interval: Interval) -> float:
    """The half-life in bars of `interval`.

    >>> half_life(Interval.H1)
    336.0
    """
    return max(_LEAST_HALF_LIFE, HALF_LIFE_HOURS * 3_600_000 / interval.ms)


class Spread:
    """The deviation of a window's one-bar returns, bar after bar; `bars` of it were taken in."""

    def __init__(self) -> None:
        self.bars = 0
        self._last = np.nan
        self._sums = np.array([0.0, 0.0, np.nan])

    def follow(self, closes: Column, interval: Interval) -> Column:
        """Take in the closes that come next; the deviation at each, NaN for the first bar, which has no return."""
        out = _ewm_deviation(np.log(closes), 0.5 ** (1.0 / half_life(interval)), self._sums)
        self.bars += len(out)
        if len(out):
            self._last = float(out[-1])
        return out

    def last(self) -> float:
        """The deviation at the bar that was taken in last."""
        return self._last


@compiled
def _ewm_deviation(log_close: Column, decay: float, sums: Column) -> Column:
    """Weights decay^0, decay^1.. over their sum; NaN for the first bar, which has no return. `sums`: of weighted
    squares, of weights, and the log close before (NaN where there is none)."""
    out = np.full(len(log_close), np.nan)
    total, weight, before = sums[0], sums[1], sums[2]
    for t in range(len(log_close)):
        if not np.isnan(before):
            r = log_close[t] - before
            total = total * decay + r * r
            weight = weight * decay + 1.0
            out[t] = np.sqrt(total / weight)
        before = log_close[t]
    sums[0], sums[1], sums[2] = total, weight, before
    return out
