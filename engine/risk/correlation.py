"""Correlation of a new position with what is held already: would it be the same bet once more?

The number is the Pearson correlation rho(i, P) between the instrument's returns and those of the portfolio it would
join: the sum of the other positions' returns weighted by what they are worth. It is the marginal one: what a little of
instrument i adds to the portfolio's volatility is rho(i, P) x sigma_i (Litterman, "Hot Spots and Hedges", 1996; Jorion,
"Value at Risk", 3rd ed., ch. 7). Near 1 the new position adds its whole volatility, near 0 it diversifies.

Returns are those of the last 30 days on the sleeve's own grid, 720 at most: hourly ones for 1h, coarser ones for longer
bars, and for shorter bars the last 720. A return counts where both of its bars are there, a row where all returns of it
count. All sums run in one order, by time and then by symbol, so that live and backtest give the same bits.
"""

from __future__ import annotations

from math import inf, isnan, nan, sqrt

import numpy as np
from numpy.typing import NDArray

from engine.domain.bar import BarSeries
from engine.domain.interval import Interval
from engine.kernel.compiled import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DAYS = 30
MOST = 720
FEWEST = 20
"""Rows below which a correlation is not known."""


def slots(interval: Interval) -> int:
    """How many returns on the interval's grid are looked at.

    >>> slots(Interval.M1), slots(Interval.H1), slots(Interval.H4)
    (720, 720, 180)
    """
    return min(MOST, DAYS * 86_400_000 // interval.ms)


def returns_on_grid(series: BarSeries, first_ms: int, n: int) -> Floats:
    """Returns of the `n` bars that open from `first_ms` on: close / close before - 1, whatever else the series has.

    NaN where a bar or the one before it is missing.
    """
    step = series.interval.ms
    start, end = series.position(first_ms - step), series.position(first_ms + n * step)
    closes = np.full(n + 1, np.nan)
    opens, seen = np.asarray(series.open_ms)[start:end], np.asarray(series.close)[start:end]
    whole = end > start and opens[-1] - opens[0] == (end - start - 1) * step
    at = (int(opens[0]) - first_ms) // step + 1 if whole else 0
    closes[slice(at, at + len(seen)) if whole else (opens - first_ms) // step + 1] = seen
    returns: Floats = closes[1:] / closes[:-1] - 1.0
    return returns


@compiled
def correlation(returns: Floats, end: int, n: int, values: Ints, i: int) -> float:
    """Correlation of row `i` with the portfolio of the others, over columns end-n..end-1 of `returns`.

    `values` weighs the rows. NaN where nothing else is held, inf where too little is known, 0 where nothing moves.
    """
    total = 0.0
    for j in range(len(values)):
        if j != i:
            total += float(values[j])
    if not total > 0.0:
        return nan
    first = max(0, end - n)
    rest = np.zeros(end - first)
    for j in range(len(values)):
        if j != i and values[j] > 0:
            share = float(values[j]) / total
            for k in range(end - first):
                rest[k] += share * returns[j, first + k]
    rows, sx, sy, sxx, syy, sxy = 0, 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(end - first):
        x, y = returns[i, first + k], rest[k]
        if not isnan(x + y):
            rows += 1
            sx, sy, sxx, syy, sxy = sx + x, sy + y, sxx + x * x, syy + y * y, sxy + x * y
    return _pearson(rows, sx, sy, sxx, syy, sxy)


@compiled
def _pearson(rows: int, sx: float, sy: float, sxx: float, syy: float, sxy: float) -> float:  # noqa: PLR0917
    """Pearson's correlation from its sums."""
    if rows < FEWEST:
        return inf
    vx, vy = rows * sxx - sx * sx, rows * syy - sy * sy
    if not (vx > 0.0 and vy > 0.0):
        return 0.0
    return max(-1.0, min(1.0, (rows * sxy - sx * sy) / sqrt(vx * vy)))
