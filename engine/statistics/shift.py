"""Shift: have values moved away from those that a model learned from? PSI and Kolmogorov-Smirnov, with Holm's care.

Both compare a reference (training) with recent values; both have a floor of noise that falls with the number of
*independent* values. Values that remember one another count once in `overlap` (their block length, or the horizon).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.statistics.sample import Floats, at_least, sample
from engine.statistics.tails import chi_square_quantile, kolmogorov_above

_EMPTY = 1e-4
"""Share given to a bin without values, as is usual; its logarithm would not end."""

LARGE_SHIFT = 0.25
"""From here on a shift is called large, by custom; below 0.1, none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """Population stability index, and what it stays under 95 times in 100 where nothing has moved."""

    psi: float
    noise_q95: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """Largest gap between the two distributions, and its p-value."""

    statistic: float
    p_value: float


def stability(reference: ArrayLike, recent: ArrayLike, bins: int = 10, *, overlap: float = 1.0) -> Stability:
    """sum_b (a_b - e_b) ln(a_b / e_b) over the reference's quantile bins; e and a are the shares of both in a bin.

    Without a move it is close to chi-square with bins - 1 degrees times (1/n + 1/m) (Yurdakul 2018): the floor.

    >>> reference, recent = np.repeat([1, 2, 3, 4], 25), np.repeat([1, 2, 3, 4], [40, 30, 20, 10])
    >>> round(stability(reference, recent, bins=4).psi, 5)
    0.22822
    """
    at_least(bins, "number of bins", 2)
    at_least(overlap, "overlap", 1)
    old = sample(reference, "reference values", least=2 * bins, varies=True)
    new = sample(recent, "recent values", least=2 * bins)
    inner = np.unique(np.quantile(old, np.arange(1, bins) / bins, method="inverted_cdf"))
    inner = inner[inner < old.max()]
    expected, actual = _shares(old, inner), _shares(new, inner)
    psi = float(((actual - expected) * np.log(actual / expected)).sum())
    independent = overlap / len(old) + overlap / len(new)
    return Stability(psi=psi, noise_q95=chi_square_quantile(0.95, max(1, len(inner))) * independent)


def kolmogorov_smirnov(reference: ArrayLike, recent: ArrayLike, *, overlap: float = 1.0) -> Distance:
    """Two-sample test: D = max |F - G|, p = Q((sqrt(N) + 0.12 + 0.11 / sqrt(N)) D) with N = n m / (n + m)
    (Stephens 1970). Ties make it cautious.

    >>> kolmogorov_smirnov(np.arange(100), np.arange(100) + 50).statistic
    0.5
    """
    at_least(overlap, "overlap", 1)
    old, new = np.sort(sample(reference, "reference values")), np.sort(sample(recent, "recent values"))
    both = np.concatenate([old, new])
    gap = np.searchsorted(old, both, "right") / len(old) - np.searchsorted(new, both, "right") / len(new)
    largest = float(np.abs(gap).max())
    root = math.sqrt(len(old) * len(new) / (len(old) + len(new)) / overlap)
    return Distance(statistic=largest, p_value=kolmogorov_above((root + 0.12 + 0.11 / root) * largest))


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """P-values of several tests made good for their number (Holm 1979): the smallest times k, the next times k - 1, ..

    >>> holm({"a": 0.01, "b": 0.04, "c": 0.03})
    {'a': 0.03, 'b': 0.06, 'c': 0.06}
    """
    adjusted: dict[str, float] = {}
    worst = 0.0
    for rank, (name, p) in enumerate(sorted(p_values.items(), key=lambda item: item[1])):
        worst = max(worst, min(1.0, (len(p_values) - rank) * p))
        adjusted[name] = worst
    return {name: adjusted[name] for name in p_values}


def _shares(values: Floats, inner: Floats) -> Floats:
    """Share of values in each bin (edge belongs to the lower one), none below the least share."""
    counts = np.bincount(np.searchsorted(inner, values, "left"), minlength=len(inner) + 1)
    return np.maximum(counts / len(values), _EMPTY)
