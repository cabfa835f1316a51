"""Weighing: is a member's word worth more than another's? Equal shares stand until others are shown to do better.

Three schemes are walked forward over the same out-of-fold votes: equal shares; weights from the members' log-losses
shrunk half to equal; the same weights raw. Each fold is weighed by what had matured before it began, and calibrated
week by week. Another scheme takes over only where its log-loss is lower and Diebold-Mariano calls that no luck (p <
0.05).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.domain.errors import UnusableSample
from engine.learning.ensemble import equal_weights, vote, weights_from
from engine.learning.kernels.compiled import Column, Matrix
from engine.learning.online import Matured, calibrated_online
from engine.statistics import scores
from engine.statistics.comparison import diebold_mariano
from engine.training.folds import Fold
from engine.training.material import Material

SIGNIFICANT = 0.05

Weigh = Callable[[Sequence[str], Mapping[str, float], float], dict[str, float]]

EQUAL = "equal"
SCHEMES: Mapping[str, Weigh] = {
    EQUAL: lambda names, losses, n: equal_weights(names),
    "shrunk": lambda names, losses, n: weights_from(losses, n),
    "raw": lambda names, losses, n: weights_from(losses, n, equal_share=0.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """One scheme, walked forward: the weights it ends with, the vote and the chance of a rise per out-of-fold row as
    they would have been then, and how it compares with equal shares (None for these themselves, or where nothing
    differs)."""

    name: str
    weights: Mapping[str, float]
    raw: Column
    said: Column
    log_loss: float
    ece: float
    p_value: float | None
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """Out-of-fold votes (n, n_members) with what came of them; `rows` are positions in the material."""

    names: tuple[str, ...]
    votes: Matrix
    material: Material
    rows: np.ndarray[tuple[int], np.dtype[np.int64]]
    folds: Sequence[Fold]
    horizon: int

    @property
    def up(self) -> Column:
        """What happened, per row."""
        return self.material.up[self.rows]

    def weights(self, weigh: Weigh, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> dict[str, float]:
        """A scheme's weights from these of the out-of-fold rows; equal shares where there are none."""
        if not len(rows):
            return equal_weights(self.names)
        losses = {name: scores.log_loss(self.votes[rows, k], self.up[rows]) for k, name in enumerate(self.names)}
        return weigh(self.names, losses, len(rows) / self.horizon)

    def walked(self, name: str, weigh: Weigh) -> Weighed:
        """Vote fold by fold with what was known then, and calibrate week by week."""
        known, close = self.material.known_ms[self.rows], self.material.close_ms[self.rows]
        parts = []
        for fold in self.folds:
            here = np.searchsorted(self.rows, fold.judge)
            earlier = np.flatnonzero(known <= self.material.close_ms[fold.judge[0]])
            weights = self.weights(weigh, earlier)
            parts.append(vote([self.votes[here, k] for k in range(len(self.names))], list(weights.values())))
        raw = np.concatenate(parts)
        matured = Matured.of(raw, self.up, close, known, self.horizon)
        said = calibrated_online(matured, raw, close)[:, 0]
        return Weighed(
            name=name, weights=self.weights(weigh, np.arange(len(self.rows))), raw=raw, said=said,
            log_loss=scores.log_loss(said, self.up), ece=scores.ece(said, self.up), p_value=None,
        )  # fmt: skip


def weigh(ballot: Ballot) -> tuple[Weighed, ...]:
    """All schemes, equal shares first, one of them chosen."""
    found = [ballot.walked(name, how) for name, how in SCHEMES.items()]
    return _chosen([found[0], *(_compared(one, found[0], ballot) for one in found[1:])])


def _compared(one: Weighed, equal: Weighed, ballot: Ballot) -> Weighed:
    difference = scores.log_losses(one.said, ballot.up) - scores.log_losses(equal.said, ballot.up)
    try:
        p = diebold_mariano(difference, ballot.horizon).p_value
    except UnusableSample:
        p = None
    return replace(one, p_value=p)


def _chosen(found: Sequence[Weighed]) -> tuple[Weighed, ...]:
    better = [
        k for k, one in enumerate(found)
        if one.p_value is not None and one.p_value < SIGNIFICANT and one.log_loss < found[0].log_loss
    ]  # fmt: skip
    best = min(better, key=lambda k: found[k].log_loss, default=0)
    return tuple(replace(one, chosen=k == best) for k, one in enumerate(found))
