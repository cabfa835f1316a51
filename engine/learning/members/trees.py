"""Flattened trees: what the forest and the boosting member have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.learning.kernels.compiled import Column, Matrix
from engine.learning.kernels.trees import LEAF, leaf_sums, leaf_sums_together
from engine.learning.members.member import Arrays

_A_FEW = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Branches:
    """One tree's nodes, each shape (n_nodes,); children are positions in the same tree, -1 at a leaf."""

    feature: NDArray[np.int64]
    threshold: Column
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    value: Column


@dataclass(frozen=True, slots=True, kw_only=True)
class Trees:
    """Many trees in one set of arrays; `roots` says where each begins, children are absolute positions."""

    roots: NDArray[np.int64]
    feature: NDArray[np.int32]
    threshold: Column
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: Column

    @classmethod
    def joined(cls, trees: Sequence[Branches]) -> Trees:
        """Lay trees end to end."""
        sizes = [len(tree.feature) for tree in trees]
        roots = np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.int64)
        leaf = np.concatenate([tree.left < 0 for tree in trees])
        shift = np.repeat(roots, sizes)

        def children(side: list[NDArray[np.int64]]) -> NDArray[np.int32]:
            return np.where(leaf, LEAF, np.concatenate(side) + shift).astype(np.int32)

        return cls(
            roots=roots,
            feature=np.where(leaf, LEAF, np.concatenate([tree.feature for tree in trees])).astype(np.int32),
            threshold=np.where(leaf, 0.0, np.concatenate([tree.threshold for tree in trees])),
            left=children([tree.left for tree in trees]),
            right=children([tree.right for tree in trees]),
            value=np.concatenate([tree.value for tree in trees]).astype(np.float64),
        )

    @classmethod
    def restored(cls, arrays: Arrays) -> Trees:
        """The trees those arrays came from. A child that lies before its parent is refused: no end."""
        trees = cls(**{name: arrays[name] for name in ("roots", "feature", "threshold", "left", "right", "value")})
        inner = trees.feature != LEAF
        here = np.arange(len(trees.feature))[inner]
        for side in (trees.left[inner], trees.right[inner]):
            if (side <= here).any() or (side >= len(trees.feature)).any():
                raise ValueError("a tree's child does not lie after its parent")
        if len(trees.roots) and (trees.roots.min() < 0 or trees.roots.max() >= len(trees.feature)):
            raise ValueError("a tree's root lies outside its nodes")
        return trees

    def sums(self, x: Matrix, *, narrow: bool) -> Column:
        """Sum of leaf values per row, shape (n,). A few rows are those of one bar, changed here and there."""
        sums = leaf_sums_together if 1 < len(x) <= _A_FEW else leaf_sums
        return sums(x, narrow, self.roots, (self.feature, self.threshold, self.left, self.right, self.value))

    def arrays(self) -> Arrays:
        """All arrays by name."""
        return {
            "roots": self.roots, "feature": self.feature, "threshold": self.threshold, "left": self.left,
            "right": self.right, "value": self.value,
        }  # fmt: skip
