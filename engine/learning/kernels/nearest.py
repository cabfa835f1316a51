"""Distance to the nearest of many rows."""

from __future__ import annotations

import math

import numpy as np

from engine.learning.kernels.compiled import Column, Matrix, compiled


@compiled
def nearest_rows(x: Matrix, among: Matrix) -> Column:
    """Root mean squared difference to the nearest row of `among`, shape (n,); NaN where a feature is."""
    n, k = x.shape
    out = np.full(n, np.nan)
    for i in range(n):
        best = np.inf
        for r in range(len(among)):
            total = 0.0
            for j in range(k):
                gap = x[i, j] - among[r, j]
                total += gap * gap
                if total >= best:
                    break
            best = min(best, total)  # a NaN never is smaller
        for j in range(k):
            if np.isnan(x[i, j]):
                best = np.nan
        out[i] = math.sqrt(best / k)
    return out
