"""One hidden layer, row by row, without BLAS, whose sums depend on how many rows are asked."""

from __future__ import annotations

import math

import numpy as np

from engine.learning.kernels.compiled import Column, Matrix, compiled

CLIP = 5.0
"""As `linear.CLIP`: standardised features are kept within this many deviations."""


@compiled
def network_rows(
    x: Matrix, moments: tuple[Column, Column], inner: Matrix, outer: tuple[Column, Column, float]
) -> Column:  # fmt: skip
    """Logit per row, shape (n,): bias + out . tanh(inner_bias + inner . z), z standardised.

    `moments` = (mean, scale), `inner` has shape (hidden, k), `outer` = (inner_bias, out, bias).
    """
    mean, scale = moments
    inner_bias, out, bias = outer
    n, k = x.shape
    z = np.empty(k)
    found = np.empty(n)
    for i in range(n):
        for j in range(k):
            z[j] = min(max((x[i, j] - mean[j]) / scale[j], -CLIP), CLIP)
        total = bias
        for a in range(len(out)):
            h = inner_bias[a]
            for j in range(k):
                h += z[j] * inner[a, j]
            total += math.tanh(h) * out[a]
        found[i] = total
    return found
