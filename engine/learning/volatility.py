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
    compute = partial(_deviation, decay=0.5 ** (1.0 / half_life(series.interval)))
    return anchored(series, compute, first, warm_up=warm_up) * math.sqrt(horizon)


def half_life(interval: Interval) -> float:
    """The half-life in bars of `interval`.

    >>> half_life(Interval.H1)
    336.0
    """
    return max(_LEAST_HALF_LIFE, HALF_LIFE_HOURS * 3_600_000 / interval.ms)


def _deviation(window: BarSeries, decay: float) -> Column:
    log_close = np.log(np.array(window.close, dtype=np.float64))
    return _ewm_deviation(log_close, decay)


@compiled
def _ewm_deviation(log_close: Column, decay: float) -> Column:
    """Weights decay^0, decay^1.. over their sum; NaN for the first bar, which has no return."""
    out = np.full(len(log_close), np.nan)
    total, weight = 0.0, 0.0
    for t in range(1, len(log_close)):
        r = log_close[t] - log_close[t - 1]
        total = total * decay + r * r
        weight = weight * decay + 1.0
        out[t] = np.sqrt(total / weight)
    return out
