"""Reasons: what moved this prediction, found by taking each family of features away and asking the ensemble again.

A family's push is the calibrated chance of a rise as it is, less the chance with that family at its training medians.
The words are those of the family's feature that pushes hardest the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.features.columns import Feature
from engine.learning.kernels.compiled import Column, Matrix

_LEAST_PUSH = 0.001
"""A tenth of a percentage point: less is not worth a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """What one family did to the chance of a rise, in probability, and its loudest feature's words."""

    family: str
    amount: float
    words: str

    def __str__(self) -> str:
        way = "up" if self.amount > 0 else "down"
        return f"{self.words} ({self.family}: {100 * abs(self.amount):.1f} points {way})"


def pushes(
    row: Column, medians: Column, features: Sequence[Feature], chance: Callable[[Matrix], Column]
) -> tuple[Push, ...]:
    """Every family's push on one row (n_features,), hardest first. `chance` gives the calibrated chance per row."""
    families = list(dict.fromkeys(feature.family for feature in features))
    groups = [[k for k, f in enumerate(features) if f.family == family] for family in families]
    singles = [[k] for k in range(len(features))]
    asked = np.tile(row, (1 + len(groups) + len(singles), 1))
    for i, columns in enumerate((*groups, *singles), start=1):
        asked[i, columns] = medians[columns]
    answers = chance(asked)
    effect = answers[0] - answers[1:]
    found = [
        Push(
            family=family, amount=float(effect[i]), words=_words(row, effect[len(groups) :], group, features, effect[i])
        )
        for i, (family, group) in enumerate(zip(families, groups, strict=True))
    ]
    return tuple(sorted(found, key=lambda push: -abs(push.amount)))


def reasons(found: Sequence[Push], most: int = 3) -> tuple[str, ...]:
    """The hardest pushes in words; where nothing stands out, that."""
    told = [str(push) for push in found[:most] if abs(push.amount) >= _LEAST_PUSH]
    return tuple(told) or ("no family of features moves this call: all are near their usual values",)


def _words(row: Column, effect: Column, group: list[int], features: Sequence[Feature], family_effect: float) -> str:
    """Words of the feature that pushes hardest in its family's direction."""
    loudest = max(group, key=lambda k: float(effect[k]) * (1.0 if family_effect >= 0 else -1.0))
    return features[loudest].words(float(row[loudest]))
