"""Scores of probabilities against what happened: accuracy, AUC, Brier, log-loss, calibration error.

`p` and `y` are float64 arrays of shape (n,): the stated chance of a rise, and 1.0 where it rose, else 0.0.
Empty arrays score NaN; NaN inside is refused, because a score over holes hides them.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SMALLEST = 1e-15


def accuracy(p: Floats, y: Floats) -> float:
    """Share of rows where the side of 0.5 that `p` is on came true (0.5 itself calls a rise).

    >>> accuracy(np.array([0.1, 0.6, 0.8]), np.array([0.0, 0.0, 1.0]))
    0.6666666666666666
    """
    p, y = _checked(p, y)
    return _mean((p >= 0.5) == (y > 0.5))


def auc(p: Floats, y: Floats) -> float:
    """Chance that a rise was given a higher `p` than a fall; ties count half. NaN where one class is absent.

    >>> auc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0.0, 0.0, 1.0, 1.0]))
    0.75
    """
    p, y = _checked(p, y)
    rises = int(np.count_nonzero(y > 0.5))
    falls = len(y) - rises
    if rises == 0 or falls == 0:
        return float("nan")
    ranks = _mid_ranks(p)
    return float((ranks[y > 0.5].sum() - rises * (rises + 1) / 2) / (rises * falls))


def auc_influence(p: Floats, y: Floats) -> Floats:
    """How much each row moves the AUC, shape (n,), mean zero: AUC + influence has the AUC's sampling variance as its
    mean's (DeLong, DeLong and Clarke-Pearson 1988; here over time, so that blocks of rows may be resampled).

    >>> auc_influence(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0.0, 0.0, 1.0, 1.0])).tolist()
    [0.5, -0.5, -0.5, 0.5]
    """
    p, y = _checked(p, y)
    rises = y > 0.5
    n, up = len(y), int(rises.sum())
    if up in (0, n):
        return np.full(n, np.nan)
    ranks, placed = _mid_ranks(p), np.empty(n)
    placed[rises] = (ranks[rises] - _mid_ranks(p[rises])) / (n - up)
    placed[~rises] = 1 - (ranks[~rises] - _mid_ranks(p[~rises])) / up
    share = np.where(rises, up, n - up) / n
    return np.asarray((placed - placed[rises].mean()) / share)


def brier(p: Floats, y: Floats) -> float:
    """Mean squared distance of `p` from what happened.

    >>> p, y = np.array([.1, .3, .35, .6, .62, .8]), np.array([0., 0, 1, 1, 0, 1])
    >>> round(brier(p, y), 6)
    0.184483
    """
    p, y = _checked(p, y)
    return _mean((p - y) ** 2)


def log_loss(p: Floats, y: Floats) -> float:
    """Mean surprise, in nats: 0.693 is a coin's. `p` is kept 1e-15 away from 0 and 1.

    >>> p, y = np.array([.1, .3, .35, .6, .62, .8]), np.array([0., 0, 1, 1, 0, 1])
    >>> round(log_loss(p, y), 6)
    0.535568
    """
    return _mean(log_losses(p, y))


def log_losses(p: Floats, y: Floats) -> Floats:
    """The same per row, shape (n,): what comparisons and skill gates resample."""
    p, y = _checked(p, y)
    p = np.clip(p, _SMALLEST, 1 - _SMALLEST)
    return np.asarray(-(y * np.log(p) + (1 - y) * np.log1p(-p)))


def ece(p: Floats, y: Floats, bins: int = 10) -> float:
    """Expected calibration error over `bins` bins of equal mass (rows sorted by `p`, stable).

    A perfect forecaster does not score zero: show it beside `ece_noise_q95`.

    >>> p, y = np.array([.1, .3, .35, .6, .62, .8]), np.array([0., 0, 1, 1, 0, 1])
    >>> round(ece(p, y, bins=3), 6)
    0.311667
    """
    p, y = _checked(p, y)
    if len(p) == 0:
        return float("nan")
    order = np.argsort(p, kind="stable")
    return _binned_gap(p[order], y[order], _edges(len(p), bins))


def ece_noise_q95(p: Floats, n_sims: int = 200, seed: int = 0, overlap: int = 1, bins: int = 10) -> float:
    """The ECE that a perfect forecaster stays under 95 times in 100: outcomes drawn from `p` itself.

    See `ece_noise`.
    """
    drawn = ece_noise(p, n_sims, seed, overlap, bins)
    return float(np.quantile(drawn, 0.95)) if len(drawn) else float("nan")


def ece_noise(p: Floats, n_sims: int = 200, seed: int = 0, overlap: int = 1, bins: int = 10) -> Floats:
    """ECEs of a perfect forecaster, shape (n_sims,): outcomes drawn from `p` itself. None where there is no `p`.

    With labels that overlap (a horizon of `overlap` bars) neighbouring outcomes move together: each simulated
    outcome compares the scaled sum of `overlap` successive normal draws with the threshold that `p` sets.
    """
    p, _ = _checked(p, np.zeros(len(p)))
    if len(p) == 0:
        return np.empty(0)
    rng = np.random.default_rng(seed)
    threshold = _normal_quantiles(p)
    order = np.argsort(p, kind="stable")
    edges = _edges(len(p), bins)
    scores = np.empty(n_sims)
    for k in range(n_sims):
        outcome = (_moves(rng, len(p), max(1, overlap)) < threshold).astype(np.float64)
        scores[k] = _binned_gap(p[order], outcome[order], edges)
    return scores


def log_loss_skill(p: Floats, y: Floats, base: Floats) -> float:
    """Share of the log-loss of whoever knows nothing that `p` saves; below zero is worse than that.

    `base` holds, row by row, the base rate known beforehand. Where that did worse than a coin, the coin is who knows
    nothing: a base rate of few independent outcomes is off by chance, and beating it would be no skill.
    """
    reference = min(log_loss(base, y), math.log(2))
    return 1 - log_loss(p, y) / reference if reference > 0 else float("nan")


def _moves(rng: np.random.Generator, n: int, overlap: int) -> Floats:
    """Standard normal draws, shape (n,), each sharing `overlap - k` of its parts with the one `k` rows on."""
    if overlap == 1:
        return rng.standard_normal(n)
    path = np.concatenate(([0.0], np.cumsum(rng.standard_normal(n + overlap - 1))))
    return np.asarray((path[overlap:] - path[:-overlap]) / np.sqrt(overlap), dtype=np.float64)


def _normal_quantiles(p: Floats) -> Floats:
    """Where a standard normal draw stays below with chance `p`."""
    inverse = NormalDist().inv_cdf
    return np.array([inverse(x) for x in np.clip(p, _SMALLEST, 1 - _SMALLEST).tolist()])


def _edges(n: int, bins: int) -> NDArray[np.int64]:
    return np.unique(np.round(np.linspace(0, n, min(bins, n) + 1)).astype(np.int64))


def _binned_gap(p: Floats, y: Floats, edges: NDArray[np.int64]) -> float:
    """Sum over bins of |sum(p) - sum(y)| / n, for rows already in order."""
    gaps = np.add.reduceat(p - y, edges[:-1])
    return float(np.abs(gaps).sum() / len(p))


def _mid_ranks(values: Floats) -> Floats:
    """Ranks from 1, ties sharing their mean."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    middle: Floats = last - (counts - 1) / 2.0
    return middle[inverse]


def _mean(values: NDArray[np.float64] | NDArray[np.bool_]) -> float:
    return float(np.mean(values)) if len(values) else float("nan")


def _checked(p: Floats, y: Floats) -> tuple[Floats, Floats]:
    p, y = np.asarray(p, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if p.shape != y.shape or p.ndim != 1:
        raise ValueError(f"p has shape {p.shape}, y {y.shape}; both must be (n,)")
    if np.isnan(p).any() or np.isnan(y).any():
        raise ValueError("p or y holds NaN; score only rows that have both")
    return p, y
