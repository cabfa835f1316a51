"""Trees flattened into arrays: a random forest's 200 trees answer one row in some ten microseconds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.learning.kernels.compiled import Column, Matrix, compiled

LEAF = -1
"""`feature` of a node without children."""


@compiled
def leaf_sums(
    x: Matrix,
    narrow: bool,
    roots: NDArray[np.int64],
    nodes: tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]],
) -> Column:
    """Sum of the leaves a row falls into, tree by tree, shape (n,).

    `nodes` = (feature, threshold, left, right, value); a row goes left where its feature <= threshold. `narrow` rounds
    features to float32 first, as scikit-learn's forests do.
    """
    feature, threshold, left, right, value = nodes
    out = np.zeros(len(x))
    for i in range(len(x)):
        total = 0.0
        for root in roots:
            node = root
            while feature[node] != LEAF:
                v = x[i, feature[node]]
                if narrow:
                    v = np.float64(np.float32(v))
                node = np.int64(left[node]) if v <= threshold[node] else np.int64(right[node])
            total += value[node]
        out[i] = total
    return out
