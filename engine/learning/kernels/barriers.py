"""First touch of a target, a stop or the horizon's end, bar by bar, under the backtest's own rules."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.learning.kernels.compiled import Column, Matrix, compiled

TARGET, STOP, TIME = 1.0, -1.0, 0.0


@compiled
def first_touches(
    prices: tuple[Column, Column, Column, Column],
    last: NDArray[np.int64],
    width: Column,
    side: Column,
    multiples: tuple[float, float],
) -> Matrix:
    """Columns outcome, gross return ratio of the side, bar of the exit; shape (n, 3), NaN where there is no trade.

    `prices` = (open, high, low, close). A trade of row i enters at the open of bar i + 1 and ends with bar `last[i]` at
    the latest; `last[i]` < 0 means that it cannot be judged. `multiples` = (target, stop) in `width[i]`, a deviation of
    log returns. A bar that opens beyond the stop fills at its open; one that touches both counts as the stop; a target
    fills at its price.
    """
    opened, high, low, close = prices
    target, stop = multiples
    out = np.full((len(opened), 3), np.nan)
    for i in range(len(opened)):
        if last[i] < 0 or not width[i] > 0.0 or not (side[i] == 1.0 or side[i] == -1.0):
            continue
        entry = opened[i + 1]
        goal, guard = entry * math.exp(side[i] * target * width[i]), entry * math.exp(-side[i] * stop * width[i])
        outcome, price, at = TIME, close[last[i]], last[i]
        for j in range(i + 1, last[i] + 1):
            worst, best = (low[j], high[j]) if side[i] > 0 else (high[j], low[j])
            if side[i] * (opened[j] - guard) <= 0.0:
                outcome, price, at = STOP, opened[j], j
                break
            if side[i] * (worst - guard) <= 0.0:
                outcome, price, at = STOP, guard, j
                break
            if side[i] * (best - goal) >= 0.0:
                outcome, price, at = TARGET, goal, j
                break
        out[i, 0], out[i, 1], out[i, 2] = outcome, side[i] * (price / entry - 1.0), at
    return out
