"""Linear algebra of the linear and polynomial members, without BLAS, whose sums depend on how many rows are asked."""

from __future__ import annotations

import math

import numpy as np

from engine.learning.kernels.compiled import Column, Matrix, compiled

CLIP = 5.0
"""Standardised features are kept within this many deviations: one wild bar must not own a polynomial."""


@compiled
def _sigmoid(z: float) -> float:
    if z >= 0.0:
        return 1.0 / (1.0 + math.exp(-z))
    e = math.exp(z)
    return e / (1.0 + e)


@compiled
def _standardised(value: float, mean: float, scale: float) -> float:
    z = (value - mean) / scale
    if z > CLIP:
        return CLIP
    if z < -CLIP:
        return -CLIP
    return z


@compiled
def standard_rows(x: Matrix, mean: Column, scale: Column) -> Matrix:
    """Every value standardised, shape of x."""
    n, k = x.shape
    out = np.empty((n, k))
    for i in range(n):
        for j in range(k):
            out[i, j] = _standardised(x[i, j], mean[j], scale[j])
    return out


@compiled
def affine_rows(x: Matrix, mean: Column, scale: Column, weights: Column, bias: float) -> Column:
    """Bias + weights . standardised(row), shape (n,)."""
    n, k = x.shape
    out = np.empty(n)
    for i in range(n):
        z = bias
        for j in range(k):
            z += _standardised(x[i, j], mean[j], scale[j]) * weights[j]
        out[i] = z
    return out


@compiled
def sigmoid_rows(z: Column) -> Column:
    """Sigmoid of every value, shape (n,)."""
    out = np.empty(len(z))
    for i in range(len(z)):
        out[i] = _sigmoid(z[i])
    return out


@compiled
def quadratic_rows(x: Matrix, mean: Column, scale: Column, axes: Matrix, centre: Column) -> Matrix:
    """Principal components of the standardised row and all their products of two.

    `axes` has shape (p, k), `centre` (p,). Shape of the answer (n, p + p (p + 1) / 2), in scikit-learn's order:
    c0.., c0 c0, c0 c1, .., c1 c1, ..
    """
    n, k = x.shape
    p = axes.shape[0]
    out, z = np.empty((n, p + p * (p + 1) // 2)), np.empty(k)
    for i in range(n):
        for j in range(k):
            z[j] = _standardised(x[i, j], mean[j], scale[j])
        for a in range(p):
            c = -centre[a]
            for j in range(k):
                c += z[j] * axes[a, j]
            out[i, a] = c
        at = p
        for a in range(p):
            for b in range(a, p):
                out[i, at] = out[i, a] * out[i, b]
                at += 1
    return out
