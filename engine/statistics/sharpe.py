"""Sharpe ratios of per-period returns, always with their interval and the name of the definition used."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LO_2002 = "Lo 2002 with skew and kurtosis (Mertens)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharpe:
    """`ratio` annualised, risk-free rate zero, within [`low`, `high`] at `level`; NaN where returns do not vary.

    `n` periods of `periods_per_year` a year; `definition` names the standard error behind the interval.
    """

    ratio: float
    low: float
    high: float
    level: float
    n: int
    periods_per_year: float
    definition: str = LO_2002


def sharpe_ratio(returns: Floats, periods_per_year: float) -> float:
    """Mean over standard deviation (n - 1) of returns, times the root of periods per year; NaN without spread.

    >>> round(sharpe_ratio(np.array([0.01, -0.01, 0.02, 0.0]), 365), 4)
    7.3993
    """
    return _per_period(returns) * sqrt(periods_per_year)


def sharpe(returns: Floats, periods_per_year: float, level: float = 0.95) -> Sharpe:
    """Annualised Sharpe with its asymptotic interval: se = sqrt((1 - g3 SR + (g4 - 1)/4 SR^2) / (n - 1)) per period.

    Returns are taken as independent: overlapping or smoothed ones have a wider interval than this.
    """
    ratio = _per_period(returns)
    n = len(returns)
    spread = float("nan")
    if n > 2 and not np.isnan(ratio):
        skew, kurtosis = moments(returns)
        variance = (1 - skew * ratio + (kurtosis - 1) / 4 * ratio * ratio) / (n - 1)
        spread = NormalDist().inv_cdf(0.5 + level / 2) * sqrt(max(0.0, variance))
    year = sqrt(periods_per_year)
    return Sharpe(
        ratio=ratio * year,
        low=(ratio - spread) * year,
        high=(ratio + spread) * year,
        level=level,
        n=n,
        periods_per_year=periods_per_year,
    )


def probabilistic_sharpe(ratio: float, benchmark: float, n: int, skew: float = 0.0, kurtosis: float = 3.0) -> float:
    """Chance that the true per-period Sharpe exceeds `benchmark` (Bailey and Lopez de Prado 2012; kurtosis non-excess).

    >>> round(probabilistic_sharpe(0.458, 0.0, 24), 5), round(probabilistic_sharpe(0.458, 0.0, 24, -2.448, 10.164), 5)
    (0.98167, 0.91336)
    """
    scale = sqrt(1 - skew * ratio + (kurtosis - 1) / 4 * ratio * ratio)
    return NormalDist().cdf((ratio - benchmark) * sqrt(n - 1) / scale)


def moments(returns: Floats) -> tuple[float, float]:
    """Skew and non-excess kurtosis, from population moments; (0, 3) where returns do not vary."""
    away = returns - returns.mean()
    variance = float(np.mean(away**2))
    if variance <= 0:
        return 0.0, 3.0
    return float(np.mean(away**3)) / variance**1.5, float(np.mean(away**4)) / variance**2


def _per_period(returns: Floats) -> float:
    if len(returns) < 2:
        return float("nan")
    deviation = float(np.std(returns, ddof=1))
    return float(np.mean(returns)) / deviation if deviation > 0 else float("nan")
