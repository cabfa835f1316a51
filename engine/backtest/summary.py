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
    left_out = n % blocks
    length = n // blocks
    before, peak = float(cash), float(cash)
    one = two = three = four = deepest = 0.0
    part_one = part_two = 0.0
    block, ends = 0, left_out + length
    for t in range(n):
        now = float(equity[t])
        if now != before:
            r = now / before - 1.0
            square = r * r
            one += r
            two += square
            three += square * r
            four += square * square
            if t >= left_out:
                part_one += r
                part_two += square
            if now > peak:
                peak = now
            elif (peak - now) / peak > deepest:
                deepest = (peak - now) / peak
            before = now
        if t + 1 == ends and length > 0:
            sums[block], squares[block] = part_one, part_two
            part_one = part_two = 0.0
            block, ends = block + 1, ends + length
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
