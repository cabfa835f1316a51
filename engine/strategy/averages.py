"""Compiled: moving averages as TA-Lib computes them, to the bit, without what its import costs (pandas)."""

from __future__ import annotations

from math import nan

import numpy as np
from numpy.typing import NDArray

from engine.kernel.compiled import compiled

Floats = NDArray[np.float64]


@compiled
def sma(values: Floats, n: int) -> Floats:
    """Mean of the newest `n` values, a running sum; NaN before there are so many.

    >>> sma(np.array([1.0, 2.0, 3.0, 5.0]), 2).tolist()
    [nan, 1.5, 2.5, 4.0]
    """
    out = np.full(len(values), nan)
    total = 0.0
    for i in range(len(values)):
        total += values[i]
        if i >= n - 1:
            out[i] = total / n
            total -= values[i - n + 1]
    return out


@compiled
def crossings(close: Floats, fast: int, slow: int) -> Floats:
    """1.0 where the fast average crosses above the slow one, -1.0 where it crosses below, else 0.0."""
    quick, calm = sma(close, fast), sma(close, slow)
    out = np.zeros(len(close))
    for i in range(1, len(close)):
        before, gap = quick[i - 1] - calm[i - 1], quick[i] - calm[i]
        if gap > 0.0 and before <= 0.0:
            out[i] = 1.0
        elif gap < 0.0 and before >= 0.0:
            out[i] = -1.0
    return out
