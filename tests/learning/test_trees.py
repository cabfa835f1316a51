"""Rows that go down the trees side by side get what each gets alone, to the bit."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.learning.kernels.trees import LEAF, leaf_sums, leaf_sums_together

Nodes = tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]
K = 7


def forest(seed: int, trees: int = 20, depth: int = 6) -> tuple[NDArray[np.int64], Nodes]:
    """Full trees with thresholds that many rows lie exactly on."""
    draw, size = np.random.default_rng(seed), 2 ** (depth + 1) - 1
    place = np.tile(np.arange(size), trees)
    base = np.repeat(np.arange(trees) * size, size)
    inner = place < 2**depth - 1
    feature = np.where(inner, draw.integers(0, K, size * trees), LEAF).astype(np.int32)
    threshold = np.round(draw.normal(size=size * trees), 1)
    left, right = (np.where(inner, base + 2 * place + side, LEAF).astype(np.int32) for side in (1, 2))
    roots = (np.arange(trees) * size).astype(np.int64)
    return roots, (feature, threshold, left, right, draw.normal(size=size * trees))


@pytest.mark.parametrize("narrow", [True, False])
@pytest.mark.parametrize("n", [1, 2, 49, 106, 256])
def test_together_is_as_alone(n: int, narrow: bool) -> None:
    roots, nodes = forest(n)
    draw = np.random.default_rng(n + 1)
    usual, row = np.round(draw.normal(size=(2, K)), 1)
    x = np.where(draw.random((n, K)) < 0.5, usual, row)
    assert leaf_sums_together(x, narrow, roots, nodes).tobytes() == leaf_sums(x, narrow, roots, nodes).tobytes()
    x[n // 2, 0], x[0, 1], x[n - 1, 2] = np.nan, np.inf, -np.inf
    assert leaf_sums_together(x, narrow, roots, nodes).tobytes() == leaf_sums(x, narrow, roots, nodes).tobytes()
    x = np.round(draw.normal(size=(n, K)), 1)
    assert leaf_sums_together(x, narrow, roots, nodes).tobytes() == leaf_sums(x, narrow, roots, nodes).tobytes()
