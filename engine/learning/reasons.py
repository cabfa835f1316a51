"""Reasons: what moved this prediction, shared out among the families of features so that the shares add up to it.

A family's push is its Shapley value: what its features add to the calibrated chance of a rise, averaged over all orders
in which the families could have come in, from the training medians on. Six families make 64 coalitions, so the values
are exact, and the chance at the medians plus all pushes is the chance that was said. The words are those of the
family's feature that pushes hardest the same way when it alone is taken away.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import factorial

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """How a chance of a rise came about: `usual`, that at the training medians, plus every family's push, hardest
    first, is `chance`."""

    usual: float
    chance: float
    pushes: tuple[Push, ...]


def account(
    row: Column, medians: Column, features: Sequence[Feature], chance: Callable[[Matrix], Column]
) -> Account:  # fmt: skip
    """Share one row's (n_features,) calibrated chance out. `chance` gives it per row; it is asked once, for all."""
    families = list(dict.fromkeys(feature.family for feature in features))
    groups = [np.array([k for k, f in enumerate(features) if f.family == family]) for family in families]
    n, k = len(families), len(features)
    asked = np.tile(medians, (2**n + k, 1))
    for coalition in range(2**n):
        for i, columns in enumerate(groups):
            if coalition >> i & 1:
                asked[coalition, columns] = row[columns]
    asked[2**n :] = row
    asked[2**n + np.arange(k), np.arange(k)] = medians
    answers = chance(asked)
    worth, alone = answers[: 2**n], answers[2**n - 1] - answers[2**n :]
    amounts = shapley(worth)
    found = [
        Push(family=family, amount=float(amounts[i]), words=_words(row, alone, groups[i], features, float(amounts[i])))
        for i, family in enumerate(families)
    ]
    return Account(
        usual=float(worth[0]), chance=float(worth[-1]), pushes=tuple(sorted(found, key=lambda push: -abs(push.amount)))
    )


def shapley(worth: Column) -> Column:
    """Each player's share, shape (n,), of what all are worth together beyond none; `worth` (2^n,) by coalition, player
    i in bit i.

    >>> shapley(np.array([0.0, 1.0, 2.0, 5.0])).tolist()
    [2.0, 3.0]
    """
    n = len(worth).bit_length() - 1
    coalitions = np.arange(len(worth))
    sizes = np.array([int(c).bit_count() for c in coalitions])
    weight = np.array([factorial(s) * factorial(max(0, n - s - 1)) / factorial(n) for s in sizes])
    out = np.empty(n)
    for i in range(n):
        without = coalitions[coalitions >> i & 1 == 0]
        out[i] = float((weight[without] * (worth[without | 1 << i] - worth[without])).sum())
    return out


def reasons(found: Sequence[Push], most: int = 3) -> tuple[str, ...]:
    """The hardest pushes in words; where nothing stands out, that."""
    told = [str(push) for push in found[:most] if abs(push.amount) >= _LEAST_PUSH]
    return tuple(told) or ("no family of features moves this call: all are near their usual values",)


def _words(
    row: Column, alone: Column, group: np.ndarray[tuple[int], np.dtype[np.int64]], features: Sequence[Feature],
    push: float,
) -> str:  # fmt: skip
    """Words of the feature that pushes hardest in its family's direction."""
    loudest = max(group.tolist(), key=lambda k: float(alone[k]) * (1.0 if push >= 0 else -1.0))
    return features[loudest].words(float(row[loudest]))
