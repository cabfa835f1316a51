"""Tails of the distributions that tests speak of. The standard library has the normal one; these are the others.

Accurate to 1e-10 or better where not said otherwise; scipy agrees in the tests.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from engine.statistics.sample import Floats, at_least, within

NORMAL = NormalDist()

_TINY = 1e-300
_CLOSE = 1e-15


def normal_quantile(share: float) -> float:
    """The value that a standard normal draw stays below with chance `share`."""
    return NORMAL.inv_cdf(within(share, "share", 0, 1))


def normal_cdf(values: Floats) -> Floats:
    """Chance that a standard normal draw stays below each value, shape of `values`."""
    flat = [0.5 * math.erfc(-x / math.sqrt(2)) for x in values.ravel().tolist()]
    return np.array(flat).reshape(values.shape)


def student_two_sided(t: float, degrees: float) -> float:
    """Chance that Student's t with `degrees` of freedom lies farther from zero than `t`.

    I_x(degrees / 2, 1/2) at x = degrees / (degrees + t^2); for small t by 1 - x, which has the digits that x lacks.

    >>> round(student_two_sided(2.0, 10), 6)
    0.073388
    """
    at_least(degrees, "degrees of freedom", 1e-9)
    if t * t < degrees:
        return 1 - incomplete_beta(0.5, degrees / 2, t * t / (degrees + t * t))
    return incomplete_beta(degrees / 2, 0.5, degrees / (degrees + t * t))


def kolmogorov_above(x: float) -> float:
    """Chance that Kolmogorov's limit distribution exceeds `x`: 2 sum_k (-1)^(k-1) exp(-2 k^2 x^2).

    >>> round(kolmogorov_above(1.358), 3)
    0.05
    """
    if x < 0.2:
        return 1.0  # 1 - 5e-13 at 0.2: the alternating series needs ever more terms below it
    terms = [(-1) ** (k - 1) * math.exp(-2 * k * k * x * x) for k in range(1, 31)]
    return min(1.0, max(0.0, 2 * math.fsum(terms)))


def chi_square_quantile(share: float, degrees: float) -> float:
    """The value that chi-square with `degrees` of freedom stays below with chance `share`, by Wilson and Hilferty:
    right to 1 % in the upper half from three degrees on.

    >>> round(chi_square_quantile(0.95, 9), 1)
    16.9
    """
    at_least(degrees, "degrees of freedom", 1)
    part = 2 / (9 * degrees)
    return float(degrees * max(0.0, 1 - part + normal_quantile(share) * math.sqrt(part)) ** 3)


def incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b), by its continued fraction (DLMF 8.17.22, Lentz's method).

    >>> round(incomplete_beta(2, 3, 0.4), 10)
    0.5248
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, 1 - x)
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(log_front) / (a * _fraction(a, b, x))


def _fraction(a: float, b: float, x: float) -> float:
    """1 + d1 / (1 + d2 / (1 + ..)), from the front."""
    f, c, d = 1.0, 1.0, 0.0
    for i in range(1, 1000):
        m = i // 2
        if i % 2:
            step = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            step = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 + step * d
        d = 1 / (d if abs(d) > _TINY else _TINY)
        c = 1 + step / c
        c = c if abs(c) > _TINY else _TINY
        f *= c * d
        if abs(c * d - 1) < _CLOSE:
            break
    return f
