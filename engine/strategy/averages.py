"""Compiled: crossings of moving averages as TA-Lib computes them, to the bit, without its costly import of pandas."""

from __future__ import annotations

from math import nan

import numpy as np
from numpy.typing import NDArray

from engine.kernel.compiled import compiled

Floats = NDArray[np.float64]


@compiled
def crossings(close: Floats, fast: int, slow: int) -> Floats:
    """1.0 where the average of the newest `fast` values crosses above that of the newest `slow`, -1.0 where it crosses
    below, else 0.0; `fast` is below `slow`. Both are running sums, walked together: one waits while the other adds.

    >>> crossings(np.array([3.0, 2.0, 1.0, 4.0, 1.0, 0.0]), 1, 2).tolist()
    [0.0, 0.0, 0.0, 1.0, -1.0, 0.0]
    """
    out = np.zeros(len(close))
    quick = calm = 0.0
    for i in range(min(slow - 1, len(close))):
        quick += close[i]
        calm += close[i]
        if i >= fast - 1:
            quick -= close[i - fast + 1]
    before = nan
    for i in range(slow - 1, len(close)):
        quick += close[i]
        calm += close[i]
        gap = quick / fast - calm / slow
        quick -= close[i - fast + 1]
        calm -= close[i - slow + 1]
        if gap > 0.0 and before <= 0.0:
            out[i] = 1.0
        elif gap < 0.0 and before >= 0.0:
            out[i] = -1.0
        before = gap
    return out
