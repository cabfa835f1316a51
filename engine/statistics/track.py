"""Track record: the four numbers of a row of returns that every judgement of its Sharpe ratio needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.domain.errors import UnusableSample
from engine.statistics.sample import Floats, at_least, sample
from engine.statistics.sharpe import moments


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """`n` returns, their Sharpe ratio per period (never annualised here), skew, and kurtosis (normal: 3).

    Returns count as independent. Where they overlap or are smoothed, hand in as many as are independent.

    >>> Track(n=24, sharpe=0.458).kurtosis
    3.0
    """

    n: int
    sharpe: float
    skew: float = 0.0
    kurtosis: float = 3.0

    def __post_init__(self) -> None:
        at_least(self.n, "number of returns", 2)
        for what, value in (("Sharpe ratio", self.sharpe), ("skew", self.skew), ("kurtosis", self.kurtosis)):
            if not np.isfinite(value):
                raise UnusableSample(f"the {what} is {value}; a finite number is needed")
        if self.kurtosis < 1 + self.skew**2 - 1e-6:
            raise UnusableSample(
                f"kurtosis {self.kurtosis:g} and skew {self.skew:g} do not go together: kurtosis is at least "
                f"1 + skew^2 = {1 + self.skew**2:g} (is it the excess over 3 that was given?)"
            )

    @classmethod
    def of(cls, returns: ArrayLike) -> Track:
        """From net returns per period, shape (n,), at least three that vary. Known at the last one's end."""
        found = sample(returns, "returns", least=3, varies=True)
        skew, kurtosis = moments(found)
        return cls(n=len(found), sharpe=sharpe_per_period(found), skew=skew, kurtosis=kurtosis)

    def spread(self, at: float) -> float:
        """1 - g3 SR + (g4 - 1)/4 SR^2 at SR = `at`: n times the estimate's variance (Mertens 2002), not below 0."""
        return max(0.0, 1 - self.skew * at + (self.kurtosis - 1) / 4 * at * at)


def sharpe_per_period(returns: Floats) -> float:
    """Mean over standard deviation (n - 1) of returns that vary, risk-free rate zero."""
    return float(np.mean(returns) / np.std(returns, ddof=1))
