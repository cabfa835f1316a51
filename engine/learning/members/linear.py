"""Linear member: a strongly regularised logistic regression on standardised features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.learning.kernels.compiled import Column, Matrix
from engine.learning.kernels.linear import affine_rows, sigmoid_rows, standard_rows
from engine.learning.members.member import Arrays, Lesson, Member, Recipe, Scaler

NAME = "linear"
_C = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear:
    """Logit = bias + weights . standardised features."""

    mean: Column
    scale: Column
    weights: Column
    bias: float
    name: str = NAME

    def probability_up(self, x: Matrix) -> Column:
        """Sigmoid of the logit per row."""
        return sigmoid_rows(affine_rows(x, self.mean, self.scale, self.weights, self.bias))

    def arrays(self) -> Arrays:
        """Moments, weights and bias."""
        return {"mean": self.mean, "scale": self.scale, "weights": self.weights, "bias": np.array([self.bias])}


def fit(lesson: Lesson) -> Member:
    """Fit with C = 0.005: 0.01 learns a few thousand rows by heart, and is no better on many. Overlapping rows share
    one row's weight."""
    from sklearn.linear_model import LogisticRegression  # only training pays for this import

    scaler = Scaler.of(lesson.x, lesson.weight)
    model = LogisticRegression(C=_C, max_iter=300, tol=1e-6)
    model.fit(
        standard_rows(lesson.x, scaler.mean, scaler.scale), lesson.y, sample_weight=lesson.weight / lesson.overlap
    )
    return Linear(
        mean=scaler.mean,
        scale=scaler.scale,
        weights=np.ascontiguousarray(model.coef_[0], dtype=np.float64),
        bias=float(model.intercept_[0]),
    )


def restore(arrays: Arrays) -> Member:
    """The member those arrays came from."""
    return Linear(mean=arrays["mean"], scale=arrays["scale"], weights=arrays["weights"], bias=float(arrays["bias"][0]))


RECIPE = Recipe(name=NAME, meaning="regularised logistic regression", cost=0.3, fit=fit, restore=restore)
