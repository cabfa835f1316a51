"""Calibration: shrunk Platt. What the vote says becomes what has been coming true, with the doubt that remains.

logit p' = a + b logit p, maximum a posteriori with a ~ N(0, 0.05), b ~ N(0.5, 0.25), b >= 0 and the likelihood scaled
to the independent observations n / horizon. Isotonic and plain Platt do worse at these sample sizes. The interval comes
from the posterior's curvature at its top (Laplace), so it widens with overlap and away from usual calls.

That shrinks to a coin, which is what a direction is. An event with another base rate (a trade that pays net of costs)
is shrunk to that: logit p' = c + a + b (logit p - c), c the event's usual log odds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.learning.kernels.compiled import Column, Matrix
from engine.learning.kernels.platt import calibrated_rows, logit_rows, platt_rows
from engine.learning.members.member import Arrays

_A_SD, _B_MEAN, _B_SD = 0.05, 0.5, 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrator:
    """a, b and the posterior covariance of both; frozen in a model's version."""

    a: float
    b: float
    var_a: float
    cov_ab: float
    var_b: float

    @classmethod
    def prior(cls) -> Calibrator:
        """What is believed before any outcome: half of what the vote claims."""
        return cls(a=0.0, b=_B_MEAN, var_a=_A_SD**2, cov_ab=0.0, var_b=_B_SD**2)

    @classmethod
    def fit(cls, raw: Column, up: Column, horizon: int, centre: float = 0.0) -> Calibrator:
        """Fit on out-of-fold votes `raw` and what happened, `up`, both shape (n,); overlap counts once. `centre`: the
        log odds that it shrinks to."""
        if len(raw) == 0:
            return cls.prior()
        logit = logit_rows(np.ascontiguousarray(raw, dtype=np.float64)) - centre
        a, b = _mode(logit, up, 1.0 / horizon, centre)
        cov = np.linalg.inv(_precision(logit, a, b, 1.0 / horizon))
        var_a, cov_ab, var_b = float(cov[0, 0]), float(cov[0, 1]), float(cov[1, 1])
        return cls(
            a=a - b * centre, b=b, var_a=var_a - 2.0 * centre * cov_ab + centre * centre * var_b,
            cov_ab=cov_ab - centre * var_b, var_b=var_b,
        )  # fmt: skip

    def apply(self, raw: Column) -> Matrix:
        """Calibrated chance of a rise and its 90 % interval per row: columns probability, low, high; shape (n, 3)."""
        return calibrated_rows(raw, self.a, self.b, (self.var_a, self.cov_ab, self.var_b))

    def arrays(self) -> Arrays:
        """The five numbers."""
        return {"calibrator": np.array([self.a, self.b, self.var_a, self.cov_ab, self.var_b])}

    @classmethod
    def restore(cls, arrays: Arrays) -> Calibrator:
        """The calibrator those arrays came from."""
        a, b, var_a, cov_ab, var_b = (float(v) for v in arrays["calibrator"])
        return cls(a=a, b=b, var_a=var_a, cov_ab=cov_ab, var_b=var_b)


def _mode(logit: Column, up: Column, share: float, centre: float) -> tuple[float, float]:
    """Newton's steps to the posterior's top; where b would fall below zero it is 0 and a is found alone."""
    prior = np.array([centre, _B_MEAN])
    a, b = _climb(logit, up, share, prior)
    if b >= 0.0:
        return a, b
    a, _ = _climb(np.zeros_like(logit), up, share, prior)
    return a, 0.0


def _climb(logit: Column, up: Column, share: float, prior: Column) -> tuple[float, float]:
    theta = prior
    for _ in range(50):
        p = platt_rows(logit, float(theta[0]), float(theta[1]))
        miss = (p - up) * share
        away = theta - prior
        slope = np.array([miss.sum() + away[0] / _A_SD**2, (miss * logit).sum() + away[1] / _B_SD**2])
        step = np.linalg.solve(_precision(logit, float(theta[0]), float(theta[1]), share), slope)
        theta = theta - step
        if float(np.abs(step).max()) < 1e-12:
            break
    return float(theta[0]), float(theta[1])


def _precision(logit: Column, a: float, b: float, share: float) -> Matrix:
    """Second derivatives of the negative log posterior, shape (2, 2)."""
    p = platt_rows(logit, a, b)
    w = p * (1.0 - p) * share
    cross = float((w * logit).sum())
    return np.array([[float(w.sum()) + 1 / _A_SD**2, cross], [cross, float((w * logit * logit).sum()) + 1 / _B_SD**2]])
