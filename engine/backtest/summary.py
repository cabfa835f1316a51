"""Compiled: what is kept of a run's equity where nobody will look at its path."""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.backtest.state import Floats, Ints
from engine.kernel.compiled import unlocked


class Summary(NamedTuple):
    """Of `n` returns: Sharpe ratio per period (NaN where nothing varied), skew, kurtosis, deepest drawdown, and what
    returns and their squares add up to per block, shape (blocks,), the oldest `n mod blocks` left out."""

    n: int
    sharpe: float
    skew: float
    kurtosis: float
    drawdown: float
    sums: Floats
    squares: Floats


@unlocked
def moments_into(equity: Ints, cash: int, sums: Floats, squares: Floats, out: Floats) -> None:
    """One pass over `equity`: fills block sums and squares, and `out` with the first four power sums and the deepest
    drawdown."""
    n, blocks = len(equity), len(sums)
    length = n // blocks
    before, peak, deepest = float(cash), float(cash), 0.0
    one = two = three = four = 0.0
    begin = 0
    for part in range(blocks + 1):
        end = n % blocks + part * length
        part_one = part_two = 0.0
        for t in range(begin, end):
            now = float(equity[t])
            r = now / before - 1.0
            square = r * r
            part_one += r
            part_two += square
            three += square * r
            four += square * square
            if now > peak:
                peak = now
            elif peak - now > deepest * peak:
                deepest = (peak - now) / peak
            before = now
        begin = end
        one, two = one + part_one, two + part_two
        if part > 0:
            sums[part - 1], squares[part - 1] = part_one, part_two
    out[0], out[1], out[2], out[3], out[4] = one, two, three, four, deepest


def summarise(equity: NDArray[np.int64], cash: int, blocks: int) -> Summary:
    """Judge an equity curve in atoms that began with `cash` atoms."""
    sums, squares, out = np.zeros(blocks), np.zeros(blocks), np.zeros(5)
    moments_into(equity, cash, sums, squares, out)
    n = len(equity)
    one, two, three, four, deepest = (float(v) for v in out)
    mean = one / n
    variance = two / n - mean * mean
    if n < 3 or variance <= 0:
        return Summary(n, float("nan"), 0.0, 3.0, deepest, sums, squares)
    third = three / n - 3 * mean * two / n + 2 * mean**3
    fourth = four / n - 4 * mean * three / n + 6 * mean**2 * two / n - 3 * mean**4
    ratio = mean / sqrt(variance * n / (n - 1))
    return Summary(n, ratio, third / variance**1.5, fourth / variance**2, deepest, sums, squares)
