"""Stationary bootstrap (Politis and Romano 1994): intervals for figures of values that remember one another.

Blocks of geometric length, wrapped round the end, keep neighbours together; their mean length comes from
`blocks.block_length` where it is not given. Resamples lose the memory beyond a block and so show too little variance;
the interval is stretched to the flat-top estimate where that is larger. Deterministic in the seed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.statistics.blocks import memory, resampled_variance
from engine.statistics.sample import Floats, at_least, sample, within

_AT_ONCE = 500_000
"""Values held in memory at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What is bootstrapped. `of` takes resamples (k, n) to one figure each (k,); `influence` says per value how much
    it moves the figure (up to a constant), shape (n,): blocks are as long as *its* memory."""

    of: Callable[[Floats], Floats]
    influence: Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A figure, and what the resamples put around it; `block` is the mean block length that was used."""

    value: float
    low: float
    high: float
    block: float


def _means(rows: Floats) -> Floats:
    return np.asarray(rows.mean(axis=1))


def _sharpes(rows: Floats) -> Floats:
    deviation = rows.std(axis=1, ddof=1)
    return np.asarray(np.where(deviation > 0, rows.mean(axis=1) / np.where(deviation > 0, deviation, 1.0), 0.0))


def _sharpe_influence(values: Floats) -> Floats:
    z = (values - values.mean()) / values.std()
    return np.asarray(z - float(values.mean() / values.std()) / 2 * (z**2 - 1))


MEAN = Figure(of=_means, influence=lambda values: values)
SHARPE = Figure(of=_sharpes, influence=_sharpe_influence)
"""Per period; a resample that does not vary counts as 0."""


def interval(
    values: ArrayLike, figure: Figure = MEAN, *, level: float = 0.95, n_resamples: int = 1000,
    block: float | None = None, seed: int = 0,
) -> Interval:  # fmt: skip
    """Interval of `figure` from `n_resamples` stationary resamples of `values`, shape (n,), n >= 16, that vary.

    Measured on AR(1) series: 0.95 intervals hold the mean 95 times in 100 with a coefficient of 0.5 and n = 1,000 (94
    with 0.8). Blocks are never longer than n / 3: values that remember longer than that get too narrow an interval.
    """
    within(level, "level", 0, 1)
    found = sample(values, "values", least=16, varies=True)
    influence = figure.influence(found)
    told = memory(influence)
    length = told.block if block is None else at_least(block, "mean block length", 1)
    value = float(figure.of(found[None, :])[0])
    drawn = resampled(found, figure, length, n_resamples=n_resamples, seed=seed)
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    shown = resampled_variance(influence, length)
    stretch = math.sqrt(max(1.0, told.variance / shown)) if shown > 0 else 1.0
    return Interval(
        value=value, low=value + stretch * (low - value), high=value + stretch * (high - value), block=length
    )


def resampled(values: Floats, figure: Figure, block: float, *, n_resamples: int, seed: int) -> Floats:
    """`figure` of every resample, shape (n_resamples,)."""
    rows = positions(len(values), block, n_resamples=n_resamples, seed=seed)
    return np.concatenate([figure.of(values[some]) for some in rows])


def positions(n: int, block: float, *, n_resamples: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Rows of the resamples, (k, n) at a time: each follows its neighbour, or starts anew with chance 1 / block."""
    at_least(block, "mean block length", 1)
    at_least(n_resamples, "number of resamples", 1)
    rng = np.random.default_rng(seed)
    step = np.arange(n)
    at_once = max(1, _AT_ONCE // n)
    for first in range(0, n_resamples, at_once):
        k = min(at_once, n_resamples - first)
        anew = rng.random((k, n)) < 1 / block
        anew[:, 0] = True
        began = np.maximum.accumulate(np.where(anew, step, 0), axis=1)
        start = np.take_along_axis(rng.integers(0, n, (k, n)), began, axis=1)
        yield (start + step - began) % n
