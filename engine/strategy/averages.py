"""Compiled: crossings of moving averages as TA-Lib computes them, to the bit, without its costly import of pandas.

The anchored windows of `engine.features.window` are walked in place: handed out one by one each would be copied, and
what falls before the wanted rows needs its sums alone.
"""

from __future__ import annotations

from math import nan

import numpy as np
from numpy.typing import NDArray

from engine.kernel.compiled import borrowing, compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Signals = NDArray[np.int8]


@compiled
def crossings(close: Floats, opens: Ints, first: int, span_ms: int, fast: int, slow: int) -> Signals:  # noqa: PLR0917
    """1 where the average of the newest `fast` closes crosses above that of the newest `slow`, -1 where it crosses
    below, else 0, for rows `first`..end; `fast` is below `slow`. A row's window is its block of `span_ms` and the one
    before. Both averages are running sums, walked together: one waits while the other adds.

    >>> close, opens = np.array([3.0, 2.0, 1.0, 4.0, 1.0, 0.0]), np.arange(6)
    >>> crossings(close, opens, 0, 100, 1, 2).tolist(), crossings(close, opens, 4, 100, 1, 2).tolist()
    ([0, 0, 0, 1, -1, 0], [-1, 0])
    """
    out = np.zeros(len(close) - first, dtype=np.int8)
    begin = first
    while begin < len(close):
        block = opens[begin] // span_ms
        start, end = _position(opens, (block - 1) * span_ms), _position(opens, (block + 1) * span_ms)
        _walk(close[start:end], begin - start, fast, slow, out[begin - first : end - first])
        begin = end
    return out


@borrowing
def _walk(close: Floats, begin: int, fast: int, slow: int, out: Signals) -> None:
    """One window; `out` has its rows from `begin` on."""
    quick = calm = 0.0
    for i in range(min(slow - 1, len(close))):
        quick += close[i]
        calm += close[i]
        if i >= fast - 1:
            quick -= close[i - fast + 1]
    known = max(slow - 1, begin - 1)
    for i in range(slow - 1, min(known, len(close))):
        quick += close[i]
        calm += close[i]
        quick -= close[i - fast + 1]
        calm -= close[i - slow + 1]
    before = nan
    for i in range(known, len(close)):
        quick += close[i]
        calm += close[i]
        gap = quick / fast - calm / slow
        quick -= close[i - fast + 1]
        calm -= close[i - slow + 1]
        if gap > 0.0 and before <= 0.0:
            out[i - begin] = 1
        elif gap < 0.0 and before >= 0.0:
            out[i - begin] = -1
        before = gap


@borrowing
def _position(opens: Ints, ms: int) -> int:
    """The first row that opens at `ms` or later."""
    low, high = 0, len(opens)
    while low < high:
        middle = (low + high) // 2
        if opens[middle] < ms:
            low = middle + 1
        else:
            high = middle
    return low
