"""Diebold-Mariano: does one forecast lose less than another, at a date that was fixed beforehand?

With the small-sample correction of Harvey, Leybourne and Newbold (1997). For looking every day, use `evidence`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.domain.errors import UnusableSample
from engine.statistics.sample import Floats, at_least, sample
from engine.statistics.tails import student_two_sided


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Mean difference of losses, its statistic, and the two-sided p-value of "both lose the same".

    `truncated` is False where the plain sum of autocovariances was not positive and Bartlett's weights took its place.
    """

    mean: float
    statistic: float
    p_value: float
    n: int
    truncated: bool


def diebold_mariano(difference: ArrayLike, horizon: int = 1) -> Comparison:
    """Judge differences of losses per forecast, shape (n,), of forecasts `horizon` steps ahead.

    DM = mean / sqrt((g0 + 2 sum_{k<h} g_k) / n), times sqrt((n + 1 - 2h + h (h - 1) / n) / n), against Student's t with
    n - 1 degrees. Above zero the first forecast (loss - other's loss) lost more. Known once the last outcome is.

    >>> d = [0.1, -0.2, 0.3, 0.4, -0.1, 0.2, 0.5, -0.3, 0.1, 0.2]
    >>> found = diebold_mariano(d)
    >>> round(found.statistic, 6), round(found.p_value, 6)
    (1.474617, 0.174416)
    """
    at_least(horizon, "horizon", 1)
    found = sample(difference, "differences of losses", least=max(3, 2 * horizon), varies=True)
    n = len(found)
    variance, truncated = _long_run_variance(found - found.mean(), horizon)
    correction = (n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n
    statistic = float(found.mean()) / math.sqrt(variance / n) * math.sqrt(correction)
    return Comparison(
        mean=float(found.mean()), statistic=statistic, p_value=student_two_sided(statistic, n - 1), n=n,
        truncated=truncated,
    )  # fmt: skip


def _long_run_variance(away: Floats, horizon: int) -> tuple[float, bool]:
    """Plain sum up to lag horizon - 1; Bartlett's weights where that is not positive (they cannot be below zero)."""
    n = len(away)
    covariance = np.array([float(away[lag:] @ away[: n - lag]) / n for lag in range(horizon)])
    plain = float(covariance[0] + 2 * covariance[1:].sum())
    if plain > 1e-12 * covariance[0]:
        return plain, True
    weights = 1 - np.arange(1, horizon) / horizon
    bartlett = float(covariance[0] + 2 * (weights * covariance[1:]).sum())
    if bartlett <= 0:
        raise UnusableSample("the differences cancel one another out at this horizon; their mean cannot be judged")
    return bartlett, False
