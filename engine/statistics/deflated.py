"""Deflated Sharpe ratio: what the best of many trials is worth once it is known how many were made.

The best of N strategies without any skill has a ratio above zero. The deflated ratio is the probabilistic one against
that expected best. Ratios are per period; `variance` is that of the trials' ratios, per period too (an annual variance
divided by the periods of a year). Sources as in `probabilistic`; 2012 stands for Bailey and López de Prado, "The
deflated Sharpe ratio" (2014), which deflates the 2012 form.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from engine.statistics.probabilistic import probabilistic_sharpe
from engine.statistics.sample import at_least, sample
from engine.statistics.tails import NORMAL, normal_cdf, normal_quantile
from engine.statistics.track import Track

EULER = 0.5772156649015329


@dataclass(frozen=True, slots=True, kw_only=True)
class Deflated:
    """`chance` that the true ratio exceeds `benchmark`, the best that `trials` without skill would have shown."""

    chance: float
    benchmark: float
    trials: float


def deflated_sharpe(track: Track, *, trials: float, variance: float) -> Deflated:
    """2012: probabilistic Sharpe against SR0 = sqrt(V) E[max of N]. `track` is the best trial's.

    One trial deflates nothing.

    >>> best = Track(n=1250, sharpe=2.5 / 250**0.5, skew=-3, kurtosis=10)
    >>> round(deflated_sharpe(best, trials=100, variance=0.5 / 250).chance, 5)
    0.9004
    """
    benchmark = expected_best(trials, variance)
    return Deflated(chance=probabilistic_sharpe(track, benchmark), benchmark=benchmark, trials=trials)


def deflated_sharpe_2025(track: Track, *, trials: int, variance: float, benchmark: float = 0.0) -> Deflated:
    """2025: SR0 = benchmark + sqrt(V) E[max of K]; the spread at SR0 shrinks by sqrt(Var[max of K]); n, not n - 1.

    >>> fund = Track(n=24, sharpe=0.036 / 0.079, skew=-2.448, kurtosis=10.164)
    >>> round(deflated_sharpe_2025(fund, trials=10, variance=0.1).chance, 4)
    0.4164
    """
    best = benchmark + expected_best(trials, variance)
    spread = math.sqrt(track.spread(best) / track.n * variance_of_maximum(trials))
    return Deflated(chance=NORMAL.cdf((track.sharpe - best) / spread), benchmark=best, trials=trials)


def expected_best(trials: float, variance: float) -> float:
    """The ratio that the best of `trials` without skill shows on average, where trials' ratios vary by `variance`.

    >>> round(expected_best(100, 0.5 / 250), 5)
    0.11317
    """
    at_least(variance, "variance of the trials' Sharpe ratios", 0)
    return math.sqrt(variance) * expected_maximum(trials)


def expected_maximum(trials: float) -> float:
    """E of the largest of N standard normal draws, (1 - g) Phi^-1(1 - 1/N) + g Phi^-1(1 - 1/(N e)); 0 for one draw.

    The formula is the papers'; it is within 0.05 of the true value. `trials` may be fractional, as effective numbers
    are; below two it falls to zero in a straight line.

    >>> round(expected_maximum(45) ** 2, 3)
    4.998
    """
    at_least(trials, "number of trials", 1)
    n = max(2.0, trials)
    formula = (1 - EULER) * normal_quantile(1 - 1 / n) + EULER * normal_quantile(1 - 1 / (n * math.e))
    return formula * min(1.0, trials - 1)


@lru_cache(maxsize=256)
def variance_of_maximum(trials: int) -> float:
    """Variance of the largest of K standard normal draws, integrated to 1e-8.

    >>> round(variance_of_maximum(10) ** 0.5, 5)
    0.58681
    """
    at_least(trials, "number of trials", 1)
    x = np.linspace(-9.0, 9.0, 3601)
    density = trials * np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi) * normal_cdf(x) ** (trials - 1)
    step = x[1] - x[0]
    mean = float((x * density).sum() * step)
    return float((x * x * density).sum() * step) - mean * mean


def variance_of_trials(ratios: ArrayLike) -> float:
    """Variance (n - 1) of the trials' per-period Sharpe ratios, at least two, from the trial ledger."""
    return float(np.var(sample(ratios, "trials' Sharpe ratios"), ddof=1))
