"""Logits and the calibrated chance with its interval, one row at a time by the C library's own exp and log."""

from __future__ import annotations

import math

import numpy as np

from engine.learning.kernels.compiled import Column, Matrix, compiled

_EDGE = 1e-6
"""Votes are kept this far from 0 and 1."""

_Z90 = 1.6448536269514722
"""Half-width of a two-sided 90 % interval, in standard deviations."""


@compiled
def _sigmoid(z: float) -> float:
    if z >= 0.0:
        return 1.0 / (1.0 + math.exp(-z))
    e = math.exp(z)
    return e / (1.0 + e)


@compiled
def _logit(p: float) -> float:
    p = min(max(p, _EDGE), 1.0 - _EDGE)
    return math.log(p / (1.0 - p))


@compiled
def logit_rows(p: Column) -> Column:
    """Log odds per value, shape (n,)."""
    out = np.empty(len(p))
    for i in range(len(p)):
        out[i] = _logit(p[i])
    return out


@compiled
def platt_rows(logit: Column, a: float, b: float) -> Column:
    """Sigmoid of a + b logit, shape (n,)."""
    out = np.empty(len(logit))
    for i in range(len(logit)):
        out[i] = _sigmoid(a + b * logit[i])
    return out


@compiled
def calibrated_rows(raw: Column, a: float, b: float, covariance: tuple[float, float, float]) -> Matrix:
    """Columns chance, low, high of the 90 % interval, shape (n, 3); NaN stays NaN.

    `covariance` = (variance of a, covariance, variance of b).
    """
    out = np.full((len(raw), 3), np.nan)
    var_a, cov_ab, var_b = covariance
    for i in range(len(raw)):
        if np.isnan(raw[i]):
            continue
        logit = _logit(raw[i])
        z = a + b * logit
        doubt = _Z90 * math.sqrt(max(0.0, var_a + 2.0 * cov_ab * logit + var_b * logit * logit))
        out[i, 0] = _sigmoid(z)
        out[i, 1] = _sigmoid(z - doubt)
        out[i, 2] = _sigmoid(z + doubt)
    return out
