"""Block length of the stationary bootstrap: how long neighbouring values remember one another.

Politis and White (2004) with the correction of Patton, Politis and White (2009): b = (G^2 / s^4)^(1/3) n^(1/3), where G
and s^2 are the flat-top sums of |k| R(k) and of R(k) over the autocovariances R up to twice the first lag m after which
a handful of correlations are all insignificant.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.statistics.sample import Floats, sample

_LEAST = 16
"""Values below which no lag can be told from noise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """`block`: mean block length for the stationary bootstrap of a mean; `variance`: the flat-top estimate of n times
    the mean's variance, which is less biased than what resampling shows, and may come out below zero."""

    block: float
    variance: float


def block_length(values: ArrayLike) -> float:
    """Mean block length for the stationary bootstrap of a mean, within 1 and min(3 sqrt(n), n / 3).

    >>> block_length(np.sin(np.arange(400) / 20)) > 30
    True
    """
    return memory(values).block


def memory(values: ArrayLike) -> Memory:
    """How long these values remember one another, from at least 16 that vary."""
    found = sample(values, "values", least=_LEAST, varies=True)
    n = len(found)
    run = max(5, int(math.log10(n)))
    most = min(math.ceil(math.sqrt(n)) + run, n - 2)
    covariance, correlation = _lagged(found - found.mean(), most)
    flat = min(2 * max(_first_quiet(correlation, run, n), 1), most)
    lags = np.arange(1, flat + 1)
    weight = np.minimum(1.0, 2 * (1 - lags / flat))
    slope = 2 * float((weight * lags * covariance[1 : flat + 1]).sum())
    level = float(covariance[0] + 2 * (weight * covariance[1 : flat + 1]).sum())
    longest = math.ceil(min(3 * math.sqrt(n), n / 3))
    wanted = (slope**2 / level**2 * n) ** (1 / 3) if level else longest
    return Memory(block=float(min(max(1.0, wanted), longest)), variance=level)


def resampled_variance(values: Floats, block: float) -> float:
    """The variance that stationary resamples give the mean, times n (Politis and Romano 1994, lemma 1):
    R(0) + 2 sum_k (1 - k / n) (1 - 1 / block)^k R(k) over the circular autocovariances R."""
    n = len(values)
    power = np.abs(np.fft.rfft(values - values.mean())) ** 2
    covariance = np.fft.irfft(power, n) / n
    lags = np.arange(1, n)
    return float(covariance[0] + 2 * ((1 - lags / n) * (1 - 1 / block) ** lags * covariance[1:]).sum())


def _lagged(away: Floats, most: int) -> tuple[Floats, Floats]:
    """Autocovariances and absolute autocorrelations at lags 0..most, each of the pairs that its lag makes."""
    n = len(away)
    covariance, correlation = np.empty(most + 1), np.empty(most + 1)
    for lag in range(most + 1):
        product = float(away[lag:] @ away[: n - lag])
        late, early = away[lag + 1 :], away[: n - lag - 1]
        spread = math.sqrt(float(late @ late) * float(early @ early))
        covariance[lag] = product / n
        correlation[lag] = abs(product) / spread if spread > 0 else 1.0
    return covariance, correlation


def _first_quiet(correlation: Floats, run: int, n: int) -> int:
    """The first lag from which `run` correlations in a row are insignificant; the last lag where there is none."""
    limit = 2 * math.sqrt(math.log10(n) / n)
    for lag in range(1, len(correlation) - run):
        if (correlation[lag : lag + run] < limit).all():
            return lag
    return len(correlation) - 1
