"""The walk: what the ensemble would have said, fold by fold, weighed and calibrated by what was known then alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.learning.kernels.compiled import Column, Matrix
from engine.learning.members.member import Member
from engine.statistics import scores
from engine.training.answers import Answers
from engine.training.folds import Fold
from engine.training.material import Material
from engine.training.weighing import Ballot, Weighed, weigh


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """Out-of-fold rows in order of time: their positions in the material, each member's vote (n, n_members), and the
    base rate known then; all of length n. `schemes` are the ways of weighing the members that were compared."""

    rows: NDArray[np.int64]
    names: tuple[str, ...]
    votes: Matrix
    base: Column
    fold: NDArray[np.int64]
    schemes: tuple[Weighed, ...]

    @property
    def chosen(self) -> Weighed:
        """The scheme that the model goes on with."""
        return next(one for one in self.schemes if one.chosen)

    @property
    def probability_up(self) -> Column:
        """The calibrated chance of a rise as it would have been given then, shape (n,)."""
        return self.chosen.said

    def log_losses(self, up: Column) -> dict[str, float]:
        """Each member's own log-loss against `up`, shape (n,)."""
        return {name: scores.log_loss(self.votes[:, k], up) for k, name in enumerate(self.names)}

    def answers(self, material: Material) -> Answers:
        """What it says of the direction."""
        return Answers(
            rows=self.rows, fold=self.fold, base=self.base, raw=self.chosen.raw, said=self.chosen.said,
            up=material.up[self.rows], log_return=material.log_return[self.rows],
            close_ms=material.close_ms[self.rows], known_ms=material.known_ms[self.rows],
        )  # fmt: skip


def walk(
    material: Material,
    folds: Sequence[Fold],
    fitted: Mapping[tuple[int, str], Member],
    names: tuple[str, ...],
    horizon: int,
) -> Walk:
    """Replay the folds: each is voted by its own members, weighed and calibrated by what had matured by then."""
    votes = np.concatenate([_votes(material, fold, [fitted[k, n] for n in names]) for k, fold in enumerate(folds)])
    rows = np.concatenate([fold.judge for fold in folds])
    ballot = Ballot(names=names, votes=votes, material=material, rows=rows, folds=folds, horizon=horizon)
    return Walk(
        rows=rows,
        names=names,
        votes=votes,
        base=np.concatenate([np.full(len(fold.judge), material.up[fold.teach].mean()) for fold in folds]),
        fold=np.repeat(np.arange(len(folds)), [len(fold.judge) for fold in folds]),
        schemes=weigh(ballot),
    )


def _votes(material: Material, fold: Fold, members: Sequence[Member]) -> Matrix:
    """What the fold's own members say about the rows that judge it."""
    x = np.ascontiguousarray(material.x[fold.judge])
    return np.column_stack([member.probability_up(x) for member in members])
