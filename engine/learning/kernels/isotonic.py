"""Isotonic regression with one point added: the two ends of a Venn-Abers interval, per score."""

from __future__ import annotations

import numpy as np

from engine.learning.kernels.compiled import Column, Matrix, compiled


@compiled
def _fitted_at(at: int, total: Column, weight: Column, hits: Column, mass: Column) -> float:
    """The isotonic fit's value at position `at` of points with sums `total` and masses `weight`; pools of adjacent
    violators are kept in `hits` and `mass`, whose content is overwritten."""
    pools, mine = 0, -1
    for i in range(len(total)):
        hits[pools], mass[pools] = total[i], weight[i]
        if i == at:
            mine = pools
        pools += 1
        while pools > 1 and hits[pools - 2] * mass[pools - 1] >= hits[pools - 1] * mass[pools - 2]:
            hits[pools - 2] += hits[pools - 1]
            mass[pools - 2] += mass[pools - 1]
            pools -= 1
            mine = min(mine, pools - 1)
    return float(hits[mine] / mass[mine])


@compiled
def bounds_rows(scores: Column, knots: Column, hits: Column, counts: Column, own: float) -> Matrix:
    """Columns p0, p1 per score, shape (n, 2); NaN stays NaN.

    `knots` are the distinct scores of the calibration rows, ascending; `hits` and `counts` their sums of outcomes and
    of rows. The added row counts as `own` rows.
    """
    out = np.full((len(scores), 2), np.nan)
    k = len(knots)
    pool_hits, pool_mass = np.empty(k + 1), np.empty(k + 1)
    for i in range(len(scores)):
        if np.isnan(scores[i]):
            continue
        at = np.searchsorted(knots, scores[i])
        tied = at < k and knots[at] == scores[i]
        size = k if tied else k + 1
        total, weight = np.empty(size), np.empty(size)
        total[:at], weight[:at] = hits[:at], counts[:at]
        total[at], weight[at] = (hits[at], counts[at]) if tied else (0.0, 0.0)
        after = at + 1 if tied else at
        total[at + 1 :], weight[at + 1 :] = hits[after:], counts[after:]
        weight[at] += own
        out[i, 0] = _fitted_at(at, total, weight, pool_hits, pool_mass)
        total[at] += own
        out[i, 1] = _fitted_at(at, total, weight, pool_hits, pool_mass)
    return out
