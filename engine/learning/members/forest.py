"""Forest member: 200 shallow trees on quarter samples; 16 times faster to fit than full depth, and no worse here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.learning.kernels.compiled import Column, Matrix
from engine.learning.members.member import Arrays, Lesson, Member, Recipe
from engine.learning.members.trees import Branches, Trees

if TYPE_CHECKING:
    from sklearn.ensemble import RandomForestClassifier

NAME = "forest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """Mean of the trees' shares of rises."""

    trees: Trees
    name: str = NAME

    def probability_up(self, x: Matrix) -> Column:
        """Mean over trees per row, summed in their order."""
        return self.trees.sums(x, narrow=True) / float(len(self.trees.roots))

    def arrays(self) -> Arrays:
        """The flattened trees."""
        return self.trees.arrays()


_LEAF = 100
_SAMPLE = 0.25


def classifier(seed: int, leaf: int = _LEAF) -> RandomForestClassifier:
    """The forest's settings. One job: several would sum in another order."""
    from sklearn.ensemble import RandomForestClassifier  # only training pays for this import

    return RandomForestClassifier(
        n_estimators=200, max_depth=6, min_samples_leaf=leaf, max_samples=_SAMPLE, random_state=seed, n_jobs=1
    )


def leaf_rows(n: int, overlap: int) -> int:
    """Rows a leaf must hold: 100 x sqrt(overlap), yet no more than a tenth of a tree's sample.

    >>> leaf_rows(28_000, 1), leaf_rows(28_000, 24), leaf_rows(2_000, 24)
    (100, 490, 100)
    """
    return max(_LEAF, min(round(_LEAF * math.sqrt(overlap)), round(0.1 * _SAMPLE * n)))


def flattened(model: RandomForestClassifier) -> Forest:
    """The fitted forest as arrays."""
    rise = int(np.flatnonzero(model.classes_ == 1.0)[0])
    trees = [
        Branches(
            feature=tree.tree_.feature,
            threshold=tree.tree_.threshold,
            left=tree.tree_.children_left,
            right=tree.tree_.children_right,
            value=np.ascontiguousarray(tree.tree_.value[:, 0, rise]),
        )
        for tree in model.estimators_
    ]
    return Forest(trees=Trees.joined(trees))


def fit(lesson: Lesson) -> Member:
    """Fit 200 trees of depth 6."""
    model = classifier(lesson.seed, leaf_rows(len(lesson.y), lesson.overlap))
    return flattened(model.fit(lesson.x, lesson.y, sample_weight=lesson.weight))


def restore(arrays: Arrays) -> Member:
    """The member those arrays came from."""
    return Forest(trees=Trees.restored(arrays))


RECIPE = Recipe(name=NAME, meaning="random forest of shallow trees", cost=4.0, fit=fit, restore=restore)
