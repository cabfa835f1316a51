"""Answers: what a training's walk said out of fold to the question that the model is asked, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.learning.kernels.compiled import Column
from engine.learning.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Out-of-fold rows in order of time, all of length n: their positions in the material and their fold, the base rate
    known then, the chance that was said, raw and calibrated as it would have been then, what happened (0.0 or 1.0) and
    its log return, the close it was said at and the time its outcome was known.

    `vote`: where the question is whether a buy pays, the vote on the direction, which makes the call; else None.
    `usual`: how often it happens.
    """

    rows: NDArray[np.int64]
    fold: NDArray[np.int64]
    base: Column
    raw: Column
    said: Column
    up: Column
    log_return: Column
    close_ms: NDArray[np.int64]
    known_ms: NDArray[np.int64]
    vote: Column | None = None
    usual: float = 0.5

    def record(self, horizon: int) -> Record:
        """All of them, as a version keeps them."""
        return Record(
            raw=self.raw, said=self.said, up=self.up, close_ms=self.close_ms, known_ms=self.known_ms, horizon=horizon,
            vote=self.vote, usual=self.usual,
        )  # fmt: skip

    @property
    def taken(self) -> NDArray[np.bool_]:
        """Where a buy was called that was likelier than not to come true."""
        return np.asarray(self.said > 0.5) if self.vote is None else np.asarray((self.vote > 0.5) & (self.said > 0.5))
