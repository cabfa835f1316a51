"""Drawdown of an equity curve: how far below its running peak, as a ratio within 0 and 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def drawdowns(equity: Floats) -> Floats:
    """Share of the running peak that is gone after each period, shape (n,).

    >>> drawdowns(np.array([100.0, 120.0, 90.0, 150.0])).tolist()
    [0.0, 0.0, 0.25, 0.0]
    """
    peak = np.maximum.accumulate(equity)
    return np.asarray(np.where(peak > 0, (peak - equity) / np.where(peak > 0, peak, 1.0), 0.0))


def max_drawdown(equity: Floats) -> float:
    """The largest of them; 0 for an empty curve.

    >>> max_drawdown(np.array([100.0, 120.0, 90.0, 150.0]))
    0.25
    """
    return float(drawdowns(equity).max()) if len(equity) else 0.0
