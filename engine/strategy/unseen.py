"""Unseen: the calls that a training made of bars which the members of that time had never seen, as a strategy.

A version keeps them of the year before its training ended. Calibrated chance, confidence and skill of each are worked
out week by week from what had matured by then; the first weeks have few calls to be compared with. The expected move is
0.75 of the volatility, for the size model has seen these bars.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.domain.bar import BarSeries
from engine.domain.signal import Prediction, SkillGate
from engine.learning.kernels.compiled import Column, Matrix
from engine.learning.online import refitted_at
from engine.learning.record import Record
from engine.learning.volatility import MEAN_TO_DEVIATION, volatility
from engine.risk.terms import ACTIVE, OFF, PAPER_ONLY
from engine.strategy.calls import BUY, HOLD, SELL, Calls

_SKILLS = {SkillGate.ACTIVE: ACTIVE, SkillGate.PAPER_ONLY: PAPER_ONLY, SkillGate.OFF: OFF}


@dataclass(frozen=True, slots=True, kw_only=True)
class UnseenCalls:
    """BUY where a rise was called, SELL where a fall was. `bare`: the directions alone, so that no gate
    asks for probability, confidence, edge or skill, as it asks no rule."""

    record: Record
    bare: bool = False

    @property
    def name(self) -> str:
        """Which of the two."""
        return "its calls, no gates" if self.bare else "the model"

    @property
    def horizon(self) -> int:
        """Bars that each call looks ahead; 0 where only directions count."""
        return 0 if self.bare else self.record.horizon

    def calls(self, series: BarSeries, first: int = 0) -> Calls:
        """The call of each bar of `first`..end that has one, HOLD at the others."""
        close_ms = np.array(series.open_ms[first:], dtype=np.int64) + series.interval.ms
        chances, confidence, skill = self._judged()
        _, bars, said = np.intersect1d(close_ms, self.record.close_ms, assume_unique=True, return_indices=True)
        up = np.full((len(close_ms), 3), np.nan)
        up[bars] = chances[said]
        called = _laid(self._called(chances)[said], bars, len(close_ms))
        signal = np.where(called > 0.5, BUY, np.where(called < 0.5, SELL, HOLD)).astype(np.int8)
        if self.bare:
            return Calls.of_rule(signal)
        rises, deviation = called >= 0.5, volatility(series, self.horizon, first)
        return Calls(
            signal=signal, probability=np.where(rises, up[:, 0], 1 - up[:, 0]),
            probability_low=np.where(rises, up[:, 1], 1 - up[:, 2]),
            probability_high=np.where(rises, up[:, 2], 1 - up[:, 1]),
            confidence=_laid(confidence[said], bars, len(close_ms)), expected_move=MEAN_TO_DEVIATION * deviation,
            volatility=deviation, years=self.horizon / series.interval.bars_per_year,
            skill=np.nan_to_num(_laid(skill[said], bars, len(close_ms)), nan=PAPER_ONLY).astype(np.int8),
        )  # fmt: skip

    def prediction(self, series: BarSeries, i: int) -> Prediction | None:
        """None: these are backtested, never asked for reasons."""
        return None

    def _called(self, chances: Matrix) -> Column:
        """What made each call: its chance of a rise, or the vote where the target is a trade."""
        return chances[:, 0] if self.record.vote is None else self.record.vote

    def _judged(self) -> tuple[Matrix, Column, Column]:
        """Chance of a rise with its interval (n, 3), share of the calls before its week that were weaker (n,), and
        skill (n,), of each call of the record."""
        record = self.record
        chances, confidence = np.full((len(record.raw), 3), np.nan), np.zeros(len(record.raw))
        skill, moments = np.zeros(len(record.raw)), refitted_at(record.close_ms)
        for at in np.unique(moments).tolist():
            rows, standing = np.flatnonzero(moments == at), record.standing(at)
            chances[rows] = standing.calibrated(record.raw[rows])
            confidence[rows] = standing.confidence(chances[rows, 0], self._called(chances)[rows] >= 0.5)
            skill[rows] = _SKILLS[standing.skill.gate]
        return chances, confidence, skill


def _laid(values: Column, bars: NDArray[np.intp], n: int) -> Column:
    out = np.full(n, np.nan)
    out[bars] = values
    return out
