"""Record: what a model said out of sample and what came of it; from it follows, at any moment, how it stands.

A version brings the purged out-of-fold calls of the year before its training ended. Calls of later bars that have
matured join them as the bars come in. The `Standing` at a moment is a function of the calls whose outcome was known by
then, and of nothing else: calibrator, reference of confidence, skill.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.learning.calibration import Calibrator
from engine.learning.kernels.compiled import Column, Matrix
from engine.learning.members.member import Arrays
from engine.learning.online import WINDOW_MS, Matured, calibrated_online
from engine.learning.skill import Skill, gains, known_base, skill

Times = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a model stands from one refit to the next: its calibrator, the strengths |p - 0.5| of the calls of its last
    year under it, ascending, and its skill."""

    calibrator: Calibrator
    strengths: Column
    skill: Skill

    def calibrated(self, raw: Column) -> Matrix:
        """Chance of a rise and its 90 % interval per vote, shape (n, 3)."""
        return self.calibrator.apply(raw)

    def confidence(self, probability_up: Column) -> Column:
        """Share of those calls that were weaker, per row; NaN stays NaN."""
        strength = np.abs(probability_up - 0.5)
        rank = np.searchsorted(self.strengths, strength, side="left") / max(1, len(self.strengths))
        return np.where(np.isnan(strength), np.nan, rank)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Calls in order of time, all (n,): the vote `raw`, the chance of a rise as it was `said` then, what happened, when
    it was said and when its outcome was known; `horizon` in bars."""

    raw: Column
    said: Column
    up: Column
    close_ms: Times
    known_ms: Times
    horizon: int

    @property
    def matured(self) -> Matured:
        """The same for calibration."""
        return Matured(
            raw=self.raw, up=self.up, close_ms=self.close_ms, known_ms=self.known_ms, horizon=self.horizon
        )  # fmt: skip

    def since(self, at_ms: int) -> Record:
        """Calls said after `at_ms`."""
        rows = self.close_ms > at_ms
        return Record(
            raw=self.raw[rows], said=self.said[rows], up=self.up[rows], close_ms=self.close_ms[rows],
            known_ms=self.known_ms[rows], horizon=self.horizon,
        )  # fmt: skip

    def joined(self, raw: Column, up: Column, close_ms: Times, known_ms: Times) -> Record:
        """With later calls, each said by the calibrator of its own week."""
        if not len(raw):
            return self
        longer = Record(
            raw=np.concatenate([self.raw, raw]), said=np.concatenate([self.said, raw]),
            up=np.concatenate([self.up, up]), close_ms=np.concatenate([self.close_ms, close_ms]),
            known_ms=np.concatenate([self.known_ms, known_ms]), horizon=self.horizon,
        )  # fmt: skip
        longer.said[len(self.said) :] = calibrated_online(longer.matured, raw, close_ms)[:, 0]
        return longer

    def standing(self, at_ms: int) -> Standing:
        """From the calls of the last year whose outcome was known at `at_ms`."""
        matured = self.matured
        calibrator = matured.calibrator(at_ms)
        lately = (self.known_ms <= at_ms) & (self.close_ms > at_ms - WINDOW_MS)
        strengths = np.sort(np.abs(calibrator.apply(self.raw[lately])[:, 0] - 0.5))
        gain = gains(self.said, self.up, known_base(matured)) if len(self.raw) else np.empty((0, 2))
        return Standing(
            calibrator=calibrator,
            strengths=strengths,
            skill=skill(gain, self.known_ms, at_ms, horizon=self.horizon),
        )

    def arrays(self) -> Arrays:
        """All that is kept."""
        return {
            "raw": self.raw, "said": self.said, "up": self.up.astype(np.uint8), "close_ms": self.close_ms,
            "known_ms": self.known_ms,
        }  # fmt: skip

    @classmethod
    def restore(cls, arrays: Arrays, horizon: int) -> Record:
        """The record those arrays came from."""
        return cls(
            raw=arrays["raw"], said=arrays["said"], up=arrays["up"].astype(np.float64), close_ms=arrays["close_ms"],
            known_ms=arrays["known_ms"], horizon=horizon,
        )  # fmt: skip
