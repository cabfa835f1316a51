"""The walk: what the ensemble would have said, fold by fold, weighed and calibrated by earlier folds alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.learning.calibration import Calibrator
from engine.learning.ensemble import equal_weights, vote, weights_from
from engine.learning.kernels.compiled import Column, Matrix
from engine.learning.members.member import Member
from engine.statistics import scores
from engine.training.folds import Fold
from engine.training.material import Material


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """Out-of-fold rows in order of time: their positions in the material, each member's vote (n, n_members), the
    calibrated chance of a rise as it would have been given then, and the base rate known then; all of length n."""

    rows: NDArray[np.int64]
    names: tuple[str, ...]
    votes: Matrix
    probability_up: Column
    base: Column
    fold: NDArray[np.int64]

    def log_losses(self, up: Column) -> dict[str, float]:
        """Each member's own log-loss against `up`, shape (n,)."""
        return {name: scores.log_loss(self.votes[:, k], up) for k, name in enumerate(self.names)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """Weights and calibrator, learned from out-of-fold rows."""

    weights: Mapping[str, float]
    calibrator: Calibrator

    @classmethod
    def learned(cls, votes: Matrix, up: Column, names: Sequence[str], horizon: int) -> Vote:
        """From members' out-of-fold votes and what happened; equal shares and the prior where there are none yet."""
        if len(up) == 0:
            return cls(weights=equal_weights(names), calibrator=Calibrator.prior())
        losses = {name: scores.log_loss(votes[:, k], up) for k, name in enumerate(names)}
        weights = weights_from(losses, len(up) / horizon)
        raw = vote([votes[:, k] for k in range(len(names))], [weights[name] for name in names])
        return cls(weights=weights, calibrator=Calibrator.fit(raw, up, horizon))

    def raw(self, votes: Matrix) -> Column:
        """The weighted vote per row, in the order of the weights."""
        return vote([votes[:, k] for k in range(votes.shape[1])], list(self.weights.values()))

    def probability_up(self, votes: Matrix) -> Column:
        """Calibrated chance of a rise per row."""
        return self.calibrator.apply(self.raw(votes))[:, 0]


def walk(
    material: Material,
    folds: Sequence[Fold],
    fitted: Mapping[tuple[int, str], Member],
    names: tuple[str, ...],
    horizon: int,
) -> Walk:
    """Replay the folds: each is voted by its own members, weighed and calibrated by what matured before it began."""
    votes = np.concatenate([_votes(material, fold, [fitted[k, n] for n in names]) for k, fold in enumerate(folds)])
    rows = np.concatenate([fold.judge for fold in folds])
    chances, bases = [], []
    for fold in folds:
        here = np.searchsorted(rows, fold.judge)
        earlier = np.flatnonzero(material.known_ms[rows] <= material.close_ms[fold.judge[0]])
        learned = Vote.learned(votes[earlier], material.up[rows[earlier]], names, horizon)
        chances.append(learned.probability_up(votes[here]))
        bases.append(np.full(len(here), material.up[fold.teach].mean()))
    return Walk(
        rows=rows,
        names=names,
        votes=votes,
        probability_up=np.concatenate(chances),
        base=np.concatenate(bases),
        fold=np.repeat(np.arange(len(folds)), [len(fold.judge) for fold in folds]),
    )


def _votes(material: Material, fold: Fold, members: Sequence[Member]) -> Matrix:
    """What the fold's own members say about the rows that judge it."""
    x = np.ascontiguousarray(material.x[fold.judge])
    return np.column_stack([member.probability_up(x) for member in members])
