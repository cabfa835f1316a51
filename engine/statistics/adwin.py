"""ADWIN: a window that grows while its mean holds and drops its older part once the two parts differ.

Bifet and Gavaldà (2007), the second algorithm: values are kept in buckets of 1, 2, 4, .. so that a window of n costs
log n. A cut is made where |mean0 - mean1| > sqrt(2/m s^2 ln(2 ln(n) / delta)) + 2/(3m) ln(2 ln(n) / delta), with
1/m = 1/n0 + 1/n1 and s^2 the window's variance. Parameters and small print as in MOA and river.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.domain.errors import UnusableSample
from engine.statistics.compiled import compiled
from engine.statistics.sample import Floats, at_least, sample, within

_LEVELS = 48
_PER_LEVEL = 5
_LEAST_PART = 5
_GRACE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What is left after all values. `changes`: rows at whose arrival the older part was dropped; `since`: first row of
    the window; `mean` over it."""

    changes: NDArray[np.int64]
    since: int
    mean: float


def adwin(values: ArrayLike, delta: float = 0.05, *, every: int = 32, overlap: int = 1) -> Window:
    """Run over values within 0 and 1 (a model's misses) in order of time; row i is judged by rows up to i alone.

    It looks for a cut at each `every`-th value. `delta` bounds the chance of a false cut per look where values are
    independent. Misses of overlapping horizons are not: they go in as means of `overlap` neighbours.

    Slow by nature: at 0.05, after half a year of hourly rows, a fall of hits from .54 to .46 is seen after some 500
    rows (median), to .50 after some 1,700; one year in twenty has a false alarm.

    >>> found = adwin([0.0] * 500 + [1.0] * 100)
    >>> int(found.changes[0]), found.since > 400, found.mean > 0.9
    (511, True, True)
    """
    within(delta, "delta", 0, 1)
    at_least(every, "every", 1)
    at_least(overlap, "overlap", 1)
    found = sample(values, "values", least=1)
    if found.min() < 0 or found.max() > 1:
        raise UnusableSample(f"values reach from {found.min():g} to {found.max():g}; they must lie within 0 and 1")
    step = overlap
    usable = len(found) // step * step
    means = found[:usable].reshape(-1, step).mean(axis=1)
    every = max(1, every // step)
    changes, width, total = _run(np.ascontiguousarray(means), delta, every)
    rows = np.flatnonzero(changes)
    mean = total / width if width else math.nan
    return Window(changes=(rows + 1) * step - 1, since=(len(means) - width) * step, mean=mean)


@compiled
def _run(values: Floats, delta: float, every: int) -> tuple[NDArray[np.bool_], int, float]:
    """Which values brought a cut; width and sum of the window that is left."""
    sums, squares = np.zeros((_LEVELS, _PER_LEVEL + 2)), np.zeros((_LEVELS, _PER_LEVEL + 2))
    counts = np.zeros(_LEVELS, dtype=np.int64)
    window = np.zeros(3)  # width, sum, sum of squares about the mean
    changes = np.zeros(len(values), dtype=np.bool_)
    for i in range(len(values)):
        _insert(values[i], sums, squares, counts, window)
        if (i + 1) % every == 0 and window[0] > _GRACE:
            while _differs(sums, counts, window, delta):
                changes[i] = True
                _drop(sums, squares, counts, window)
    return changes, int(window[0]), window[1]


@compiled
def _insert(value: float, sums: Floats, squares: Floats, counts: NDArray[np.int64], window: Floats) -> None:
    """Put a value into the youngest bucket; two full neighbours of a level become one of the next."""
    if window[0] > 0:
        window[2] += window[0] * (value - window[1] / window[0]) ** 2 / (window[0] + 1)
    window[0] += 1
    window[1] += value
    level, total, square = 0, value, 0.0
    while True:
        k = counts[level]
        sums[level, k], squares[level, k] = total, square
        counts[level] += 1
        if counts[level] <= _PER_LEVEL:
            return
        size = float(2**level)
        total = sums[level, 0] + sums[level, 1]
        apart = (sums[level, 0] - sums[level, 1]) / size
        square = squares[level, 0] + squares[level, 1] + size / 2 * apart * apart
        for j in range(2, counts[level]):
            sums[level, j - 2], squares[level, j - 2] = sums[level, j], squares[level, j]
        counts[level] -= 2
        level += 1


@compiled
def _differs(sums: Floats, counts: NDArray[np.int64], window: Floats, delta: float) -> bool:
    """True where some cut between buckets, oldest first, leaves two parts whose means differ by too much."""
    if window[0] < 2 * _LEAST_PART:
        return False
    n0, total0 = 0.0, 0.0
    width, variance = window[0], window[2] / window[0]
    doubt = math.log(2.0 * math.log(width) / delta)
    for level in range(_LEVELS - 1, -1, -1):
        for k in range(counts[level]):
            n0 += float(2**level)
            total0 += sums[level, k]
            n1 = width - n0
            if n1 < _LEAST_PART:
                return False
            if n0 < _LEAST_PART:
                continue
            m = 1.0 / (n0 - _LEAST_PART + 1.0) + 1.0 / (n1 - _LEAST_PART + 1.0)
            apart = abs(total0 / n0 - (window[1] - total0) / n1)
            if apart > math.sqrt(2.0 * m * variance * doubt) + 2.0 / 3.0 * doubt * m:
                return True
    return False


@compiled
def _drop(sums: Floats, squares: Floats, counts: NDArray[np.int64], window: Floats) -> None:
    """Forget the oldest bucket."""
    level = _LEVELS - 1
    while counts[level] == 0:
        level -= 1
    size = float(2**level)
    total = sums[level, 0]
    window[0] -= size
    window[1] -= total
    if window[0] > 0:
        apart = total / size - window[1] / window[0]
        window[2] -= squares[level, 0] + size * window[0] * apart * apart / (size + window[0])
        window[2] = max(0.0, window[2])
    for j in range(1, counts[level]):
        sums[level, j - 1], squares[level, j - 1] = sums[level, j], squares[level, j]
    counts[level] -= 1
