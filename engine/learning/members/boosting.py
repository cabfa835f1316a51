"""Boosting member: 100 small histogram-boosted trees with a slow learning rate."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.learning.kernels.compiled import Column, Matrix
from engine.learning.kernels.linear import sigmoid_rows
from engine.learning.members.member import Arrays, Lesson, Member, Recipe
from engine.learning.members.trees import Branches, Trees

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier

NAME = "boosting"
_PENALTY = 100.0
"""Rows of hessian that a leaf is shrunk by: a leaf of 200 rows has 50."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Boosting:
    """Logit = baseline + sum of the trees' leaves."""

    trees: Trees
    baseline: float
    name: str = NAME

    def probability_up(self, x: Matrix) -> Column:
        """Sigmoid of the logit per row."""
        return sigmoid_rows(self.baseline + self.trees.sums(x, narrow=False))

    def arrays(self) -> Arrays:
        """The flattened trees and the baseline."""
        return {**self.trees.arrays(), "baseline": np.array([self.baseline])}


def classifier(seed: int, overlap: int = 1) -> HistGradientBoostingClassifier:
    """The settings: where labels overlap, fewer trees of larger leaves. The penalty draws small leaves to zero: without
    it a few thousand rows are learned by heart, and many do not feel it.

    No early stopping: its random validation rows would overlap in time with the training rows.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier  # only training pays for this import

    return HistGradientBoostingClassifier(
        max_iter=round(100 / overlap**0.3),
        learning_rate=0.03,
        max_leaf_nodes=8,
        min_samples_leaf=round(200 * math.sqrt(overlap)),
        l2_regularization=_PENALTY,
        early_stopping=False,
        random_state=seed,
    )


def flattened(model: HistGradientBoostingClassifier) -> Boosting:
    """The fitted trees as arrays. Features never hold NaN, so the branch for missing values is left out."""
    trees = [_branches(stage[0].nodes) for stage in model._predictors]
    return Boosting(trees=Trees.joined(trees), baseline=float(np.ravel(model._baseline_prediction)[0]))


def _branches(nodes: NDArray[np.void]) -> Branches:
    leaf = nodes["is_leaf"].astype(bool)

    def child(side: str) -> NDArray[np.int64]:
        return np.where(leaf, -1, nodes[side].astype(np.int64))

    return Branches(
        feature=nodes["feature_idx"].astype(np.int64),
        threshold=nodes["num_threshold"].astype(np.float64),
        left=child("left"),
        right=child("right"),
        value=nodes["value"].astype(np.float64),
    )


def fit(lesson: Lesson) -> Member:
    """Fit up to 100 trees of at most 8 leaves. Rows weigh the same here: weighted bins would cost ten fits."""
    return flattened(classifier(lesson.seed, lesson.overlap).fit(lesson.x, lesson.y))


def restore(arrays: Arrays) -> Member:
    """The member those arrays came from."""
    return Boosting(trees=Trees.restored(arrays), baseline=float(arrays["baseline"][0]))


RECIPE = Recipe(name=NAME, meaning="histogram gradient boosting", cost=1.0, fit=fit, restore=restore)
