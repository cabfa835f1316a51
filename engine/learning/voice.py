"""Voice: the members' vote and, where the target is a trade, the second model's word on it."""

from __future__ import annotations

from dataclasses import dataclass

from engine.learning.ensemble import Ensemble
from engine.learning.kernels.compiled import Column, Matrix
from engine.learning.meta import Meta


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """`meta` None: what is asked is the direction, and the vote answers it."""

    ensemble: Ensemble
    meta: Meta | None = None

    def answers(self, x: Matrix) -> tuple[Column, Column]:
        """The vote's chance of a rise and the chance of what is asked, neither calibrated, both of shape (n,)."""
        vote = self.ensemble.probability_up(x)
        return vote, vote if self.meta is None else self.meta.chance(x, vote)
