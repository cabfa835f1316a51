"""Sharpe ratios of per-period returns, always with their interval."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharpe:
    """`ratio` annualised, risk-free rate zero, within [`low`, `high`]; NaN where returns do not vary."""

    ratio: float
    low: float
    high: float


def sharpe(returns: Floats, periods_per_year: float, level: float = 0.95) -> Sharpe:
    """Annualised Sharpe with its asymptotic interval (Lo 2002, with skew and kurtosis as Mertens has them):
    se = sqrt((1 - g3 SR + (g4 - 1)/4 SR^2) / (n - 1)) per period.

    Returns are taken as independent: overlapping or smoothed ones have a wider interval than this.

    >>> round(sharpe(np.array([0.01, -0.01, 0.02, 0.0]), 365).ratio, 4)
    7.3993
    """
    ratio = _per_period(returns)
    n = len(returns)
    spread = float("nan")
    if n > 2 and not np.isnan(ratio):
        skew, kurtosis = moments(returns)
        variance = (1 - skew * ratio + (kurtosis - 1) / 4 * ratio * ratio) / (n - 1)
        spread = NormalDist().inv_cdf(0.5 + level / 2) * sqrt(max(0.0, variance))
    year = sqrt(periods_per_year)
    return Sharpe(ratio=ratio * year, low=(ratio - spread) * year, high=(ratio + spread) * year)


def moments(returns: Floats) -> tuple[float, float]:
    """Skew and non-excess kurtosis, from population moments; (0, 3) where returns do not vary."""
    away = returns - returns.mean()
    square = away * away  # numpy takes its time over powers
    variance = float(np.mean(square))
    if variance <= 0:
        return 0.0, 3.0
    return float(np.mean(square * away)) / variance**1.5, float(np.mean(square * square)) / variance**2


def _per_period(returns: Floats) -> float:
    if len(returns) < 2:
        return float("nan")
    deviation = float(np.std(returns, ddof=1))
    return float(np.mean(returns)) / deviation if deviation > 0 else float("nan")
