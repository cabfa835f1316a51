"""Reasons: what moved this prediction, shared out among the families of features so that the shares add up to it.

A family's push is its Shapley value: what its features add to the calibrated chance of a rise, averaged over all orders
in which the families could have come in, from the training medians on. Six families make 64 coalitions, so the values
are exact, and the chance at the medians plus all pushes is the chance that was said. The words are those of the
family's feature that pushes hardest the same way when it alone is taken away.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from math import factorial

import numpy as np
from numpy.typing import NDArray

from engine.domain.signal import Contributions
from engine.features.feature import Feature
from engine.learning.kernels.compiled import Column, Matrix

Indices = NDArray[np.int64]

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

    @property
    def contributions(self) -> Contributions:
        """All of it in numbers."""
        return Contributions(usual=self.usual, pushes={push.family: push.amount for push in self.pushes})

    def reasons(self, most: int = 3) -> tuple[str, ...]:
        """The hardest pushes in words; where nothing stands out, that."""
        told = [str(push) for push in self.pushes[:most] if abs(push.amount) >= _LEAST_PUSH]
        return tuple(told) or ("no family of features moves this call: all are near their usual values",)


def account(
    row: Column, medians: Column, features: Sequence[Feature], chance: Callable[[Matrix], Column]
) -> Account:  # fmt: skip
    """Share one row's (n_features,) calibrated chance out. `chance` gives it per row; it is asked once, for all."""
    parts = _parts(tuple(feature.family for feature in features))
    families, groups, n = parts.families, parts.groups, len(parts.families)
    asked = np.where(parts.taken, row, medians)
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
    without, joined, weight = _orders(len(worth).bit_length() - 1)
    shares: Column = (weight * (worth[joined] - worth[without])).sum(axis=1)
    return shares


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """Families in their order, the columns of each, and which columns a question takes from the row: one per coalition,
    then one per column, which lacks it alone; shape (2^n + n_features, n_features)."""

    families: tuple[str, ...]
    groups: tuple[Indices, ...]
    taken: NDArray[np.bool_]


@cache
def _parts(family_of: tuple[str, ...]) -> _Parts:
    families, k = tuple(dict.fromkeys(family_of)), len(family_of)
    groups = tuple(np.array([i for i, family in enumerate(family_of) if family == one]) for one in families)
    n = len(families)
    taken = np.ones((2**n + k, k), dtype=np.bool_)
    for coalition in range(2**n):
        for i, columns in enumerate(groups):
            taken[coalition, columns] = bool(coalition >> i & 1)
    taken[2**n + np.arange(k), np.arange(k)] = False
    return _Parts(families=families, groups=groups, taken=taken)


@cache
def _orders(n: int) -> tuple[Indices, Indices, Column]:
    """For each of n players the coalitions without it, the same with it, and the share of all orders in which it joins
    just them; each of shape (n, 2^(n-1))."""
    coalitions = np.arange(2**n)
    without = np.array([coalitions[coalitions >> i & 1 == 0] for i in range(n)])
    joined = without | 1 << np.arange(n)[:, None]
    size = np.array([factorial(s) * factorial(max(0, n - s - 1)) / factorial(n) for s in range(n + 1)])
    return without, joined, size[(without[:, :, None] >> np.arange(n) & 1).sum(axis=2)]


def _words(
    row: Column, alone: Column, group: Indices, features: Sequence[Feature], push: float
) -> str:  # fmt: skip
    """Words of the feature that pushes hardest in its family's direction."""
    loudest: int = max(group.tolist(), key=lambda k: float(alone[k]) * (1.0 if push >= 0 else -1.0))
    return features[loudest].words(float(row[loudest]))
