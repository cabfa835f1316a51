"""The ensemble: a weighted vote of members. Clever weights gain little; equal shares are the default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.learning.kernels.compiled import Column, Matrix
from engine.learning.members.member import Member

_EQUAL_SHARE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Ensemble:
    """Members with their weights, which sum to 1."""

    members: tuple[Member, ...]
    weights: tuple[float, ...]

    def votes(self, x: Matrix) -> Matrix:
        """Each member's raw chance of a rise, shape (n, n_members)."""
        return np.column_stack([member.probability_up(x) for member in self.members])

    def probability_up(self, x: Matrix) -> Column:
        """The weighted vote per row, shape (n,); not yet calibrated."""
        return vote([member.probability_up(x) for member in self.members], self.weights)


def vote(votes: Sequence[Column], weights: Sequence[float]) -> Column:
    """Weighted mean of the members' chances, added in their order."""
    total = np.zeros(len(votes[0]))
    for chance, weight in zip(votes, weights, strict=True):
        total = total + weight * chance
    return total


def equal_weights(names: Sequence[str]) -> dict[str, float]:
    """The same weight for each."""
    return {name: 1.0 / len(names) for name in names}


def weights_from(
    log_losses: Mapping[str, float], n_independent: float, *, equal_share: float = _EQUAL_SHARE
) -> dict[str, float]:
    """Weights ~ exp(-n_independent x (log-loss - best)), from purged out-of-fold log-losses, shrunk by `equal_share` to
    equal.

    >>> weights_from({"a": 0.690, "b": 0.690}, 1000)
    {'a': 0.5, 'b': 0.5}
    """
    best = min(log_losses.values())
    raw = {name: float(np.exp(-n_independent * (loss - best))) for name, loss in log_losses.items()}
    total = sum(raw.values())
    equal = 1.0 / len(raw)
    return {name: equal_share * equal + (1 - equal_share) * w / total for name, w in raw.items()}
