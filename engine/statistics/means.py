"""Interval of a mean over values that remember one another, without resampling.

The stationary bootstrap's variance of the mean is known in closed form (Politis and Romano 1994, lemma 1), which costs
a thousandth of drawing; where the flat-top estimate is larger, that is taken, as in `bootstrap`.
"""

from __future__ import annotations

import math

from numpy.typing import ArrayLike

from engine.statistics.blocks import memory, resampled_variance
from engine.statistics.bootstrap import Interval
from engine.statistics.sample import at_least, sample, within
from engine.statistics.tails import normal_quantile


def mean_interval(values: ArrayLike, *, level: float = 0.95, least_block: float = 1.0) -> Interval:
    """Normal interval of the mean of `values`, shape (n,), n >= 16, that vary. `least_block`: mean block length at
    least, such as the horizon whose labels overlap."""
    within(level, "level", 0, 1)
    at_least(least_block, "least block length", 1)
    found = sample(values, "values", least=16, varies=True)
    told = memory(found)
    block = min(max(told.block, least_block), len(found) / 3)
    variance = max(resampled_variance(found, block), told.variance, 0.0)
    half = normal_quantile((1 + level) / 2) * math.sqrt(variance / len(found))
    mean = float(found.mean())
    return Interval(value=mean, low=mean - half, high=mean + half, block=block)
