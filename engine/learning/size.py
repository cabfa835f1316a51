"""Size: how far price will move, either way. A ridge says how much more or less than volatility suggests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.learning.kernels.compiled import Column, Matrix
from engine.learning.kernels.linear import affine_rows, standard_rows
from engine.learning.members.member import Arrays, Scaler

_LEAST, _MOST = 0.3, 2.0
"""Bounds of E|r| in standard deviations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """E|log return| over the horizon = volatility x clip(bias + weights . standardised features)."""

    mean: Column
    scale: Column
    weights: Column
    bias: float

    @classmethod
    def fit(cls, x: Matrix, absolute: Column, deviation: Column, weight: Column) -> Size:
        """Fit |log return| / volatility, both shape (n,), by a ridge as strong as a tenth of the rows."""
        from sklearn.linear_model import Ridge  # only training pays for this import

        scaler = Scaler.of(x, weight)
        target = np.minimum(absolute / deviation, 5.0)
        ridge = Ridge(alpha=0.1 * len(x), solver="cholesky")
        ridge.fit(standard_rows(x, scaler.mean, scaler.scale), target, sample_weight=weight)
        return cls(
            mean=scaler.mean,
            scale=scaler.scale,
            weights=np.ascontiguousarray(ridge.coef_, dtype=np.float64),
            bias=float(ridge.intercept_),
        )

    def expected_move(self, x: Matrix, deviation: Column) -> Column:
        """E|log return| per row, shape (n,)."""
        multiple = affine_rows(x, self.mean, self.scale, self.weights, self.bias)
        return deviation * np.clip(multiple, _LEAST, _MOST)

    def arrays(self) -> Arrays:
        """All that was learned."""
        return {"mean": self.mean, "scale": self.scale, "weights": self.weights, "bias": np.array([self.bias])}

    @classmethod
    def restore(cls, arrays: Arrays) -> Size:
        """The size model those arrays came from."""
        return cls(mean=arrays["mean"], scale=arrays["scale"], weights=arrays["weights"], bias=float(arrays["bias"][0]))
