"""Polynomial member: ten principal components, all their products of two, a very strongly regularised logistic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.learning.kernels.compiled import Column, Matrix
from engine.learning.kernels.linear import affine_rows, quadratic_rows, sigmoid_rows, standard_rows
from engine.learning.members.member import Arrays, Lesson, Member, Recipe, Scaler

NAME = "polynomial"
_C = 0.001
_COMPONENTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Polynomial:
    """Logit = bias + weights . standardised(products of the components of the standardised features)."""

    mean: Column
    scale: Column
    axes: Matrix
    centre: Column
    term_mean: Column
    term_scale: Column
    weights: Column
    bias: float
    name: str = NAME

    def probability_up(self, x: Matrix) -> Column:
        """Sigmoid of the logit per row."""
        terms = quadratic_rows(x, self.mean, self.scale, self.axes, self.centre)
        return sigmoid_rows(affine_rows(terms, self.term_mean, self.term_scale, self.weights, self.bias))

    def arrays(self) -> Arrays:
        """Moments, axes, weights and bias."""
        return {
            "mean": self.mean, "scale": self.scale, "axes": self.axes, "centre": self.centre,
            "term_mean": self.term_mean, "term_scale": self.term_scale, "weights": self.weights,
            "bias": np.array([self.bias]),
        }  # fmt: skip


def fit(lesson: Lesson) -> Member:
    """Fit with C = 0.001 on the 65 standardised terms; overlapping rows share one row's weight."""
    from sklearn.decomposition import PCA  # only training pays for this import
    from sklearn.linear_model import LogisticRegression

    scaler = Scaler.of(lesson.x, lesson.weight)
    z = standard_rows(lesson.x, scaler.mean, scaler.scale)
    pca = PCA(n_components=_COMPONENTS, svd_solver="covariance_eigh").fit(z)
    axes = np.ascontiguousarray(pca.components_, dtype=np.float64)
    centre = np.ascontiguousarray(pca.mean_ @ axes.T, dtype=np.float64)
    terms = quadratic_rows(lesson.x, scaler.mean, scaler.scale, axes, centre)
    of_terms = Scaler.of(terms, lesson.weight)
    model = LogisticRegression(C=_C, max_iter=300, tol=1e-6)
    model.fit(
        standard_rows(terms, of_terms.mean, of_terms.scale), lesson.y, sample_weight=lesson.weight / lesson.overlap
    )
    return Polynomial(
        mean=scaler.mean,
        scale=scaler.scale,
        axes=axes,
        centre=centre,
        term_mean=of_terms.mean,
        term_scale=of_terms.scale,
        weights=np.ascontiguousarray(model.coef_[0], dtype=np.float64),
        bias=float(model.intercept_[0]),
    )


def restore(arrays: Arrays) -> Member:
    """The member those arrays came from."""
    return Polynomial(
        mean=arrays["mean"],
        scale=arrays["scale"],
        axes=arrays["axes"],
        centre=arrays["centre"],
        term_mean=arrays["term_mean"],
        term_scale=arrays["term_scale"],
        weights=arrays["weights"],
        bias=float(arrays["bias"][0]),
    )


RECIPE = Recipe(name=NAME, meaning="logistic on products of components", cost=0.5, fit=fit, restore=restore)
