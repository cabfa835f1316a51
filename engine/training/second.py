"""The second model: taught fold by fold by the votes that the members cast on rows they had not seen."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.domain.target import Barrier
from engine.learning.kernels.compiled import Column
from engine.learning.labels import Labels, known_before
from engine.learning.meta import Meta
from engine.learning.meta import fit as fit_meta
from engine.learning.online import Matured, calibrated_online
from engine.learning.weights import row_weights
from engine.training.answers import Answers
from engine.training.material import RECENCY_DAYS, Material
from engine.training.spec import TrainingSpec
from engine.training.walk import Walk


@dataclass(frozen=True, slots=True, kw_only=True)
class Second:
    """What goes on with the model (`final`, taught by all out-of-fold votes), the one that judged the last fold, and
    the answers out of fold: of every fold but the first, whose votes could only teach."""

    final: Meta
    last: Meta
    answers: Answers


def second(material: Material, walked: Walk, barrier: Barrier, spec: TrainingSpec) -> Second:
    """Walk forward: each fold is answered by a model that learned from earlier folds' votes alone, of which no trade
    reached into it. ModelError where nothing can be told apart."""
    assert material.trade is not None, "a target that is a trade has its labels"
    taught = _Taught(material=material, trade=material.trade, walked=walked, barrier=barrier, spec=spec)
    folds = np.unique(walked.fold)[1:].tolist()
    metas = [taught.by(taught.before(fold)) for fold in folds]
    every = np.arange(len(walked.rows))
    return Second(final=taught.by(every), last=metas[-1], answers=taught.answers(folds, metas))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taught:
    """Positions are those of the walk's rows."""

    material: Material
    trade: Labels
    walked: Walk
    barrier: Barrier
    spec: TrainingSpec

    def before(self, fold: int) -> NDArray[np.int64]:
        """The purge: votes of earlier folds whose trade was over when this one began."""
        first = int(self.material.close_ms[self.walked.rows[self.walked.fold == fold][0]])
        return known_before(self.trade.over_ms[self.walked.rows], np.flatnonzero(self.walked.fold < fold), first)

    def by(self, which: NDArray[np.int64]) -> Meta:
        """A second model that these votes taught."""
        rows = self.walked.rows[which]
        close, over = self.material.close_ms[rows], self.trade.over_ms[rows]
        return fit_meta(
            self.barrier, np.ascontiguousarray(self.material.x[rows]), self.walked.chosen.raw[which],
            self.trade.up[rows], weight=row_weights(close, over, RECENCY_DAYS),
            life=(over - close) / self.spec.interval.ms, seed=self.spec.seed,
        )  # fmt: skip

    def answers(self, folds: list[int], metas: list[Meta]) -> Answers:
        """What each said of its own fold, calibrated week by week as it would have been."""
        parts = [np.flatnonzero(self.walked.fold == fold) for fold in folds]
        which = np.concatenate(parts)
        rows, vote = self.walked.rows[which], self.walked.chosen.raw[which]
        raw = np.concatenate([self._chance(meta, part) for meta, part in zip(metas, parts, strict=True)])
        bases = [float(self.trade.up[self.walked.rows[self.before(fold)]].mean()) for fold in folds]
        base = np.repeat(bases, [len(part) for part in parts])
        close, known = self.material.close_ms[rows], self.trade.known_ms[rows]
        said = np.empty(len(rows))
        for rate in bases:
            matured = Matured(
                raw=raw, up=self.trade.up[rows], close_ms=close, known_ms=known, horizon=self.spec.horizon,
                centre=math.log(rate / (1.0 - rate)),
            )  # fmt: skip
            said[base == rate] = calibrated_online(matured, raw[base == rate], close[base == rate])[:, 0]
        return Answers(
            rows=rows, fold=self.walked.fold[which], base=base, raw=raw, said=said, up=self.trade.up[rows],
            log_return=self.trade.log_return[rows], close_ms=close, known_ms=known, vote=vote,
            usual=float(self.trade.up[self.walked.rows].mean()),
        )  # fmt: skip

    def _chance(self, meta: Meta, which: NDArray[np.int64]) -> Column:
        x = np.ascontiguousarray(self.material.x[self.walked.rows[which]])
        return meta.chance(x, self.walked.chosen.raw[which])
