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


@compiled
def _bounds(v: Matrix) -> tuple[Column, Column]:
    """Least and greatest value per row of `v`; infinities where one is NaN, so that nothing follows from them."""
    least, most = np.full(len(v), np.inf), np.full(len(v), -np.inf)
    for f in range(len(v)):
        for value in v[f]:
            if np.isnan(value):
                least[f], most[f] = -np.inf, np.inf
                break
            least[f], most[f] = min(least[f], value), max(most[f], value)
    return least, most


@compiled
def _parted(rows: NDArray[np.int64], first: int, last: int, values: Column, threshold: float) -> int:
    """Put the rows that go left before the others; where the others begin."""
    middle = first
    for j in range(first, last):
        if values[rows[j]] <= threshold:
            rows[j], rows[middle] = rows[middle], rows[j]
            middle += 1
    return middle


@compiled
def leaf_sums_together(
    x: Matrix,
    narrow: bool,
    roots: NDArray[np.int64],
    nodes: tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]],
) -> Column:
    """The same sums to the bit, for rows that have much in common: all go down a tree side by side and part only where
    a threshold lies between them."""
    feature, threshold, left, right, value = nodes
    n = len(x)
    out, rows, v = np.zeros(n), np.arange(n), np.empty((x.shape[1], n))
    for i in range(n):
        for f in range(x.shape[1]):
            v[f, i] = np.float64(np.float32(x[i, f])) if narrow else x[i, f]
    least, most = _bounds(v)
    waiting = np.empty((n + 1, 3), dtype=np.int64)
    for root in roots:
        waiting[0] = root, 0, n
        left_over = 1
        while left_over:
            left_over -= 1
            node, first, last = waiting[left_over]
            while feature[node] != LEAF:
                f, limit = feature[node], threshold[node]
                if most[f] <= limit:
                    middle = last
                elif least[f] > limit:
                    middle = first
                else:
                    middle = _parted(rows, first, last, v[f], limit)
                if first < middle < last:
                    waiting[left_over] = np.int64(right[node]), middle, last
                    left_over += 1
                    last = middle
                node = np.int64(left[node]) if middle > first else np.int64(right[node])
            for j in range(first, last):
                out[rows[j]] += value[node]
    return out
