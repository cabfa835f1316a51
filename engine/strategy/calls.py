"""Calls: what a strategy says at each bar close, as numbers that the kernel takes."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.domain.signal import Prediction, Signal, SkillGate
from engine.risk.terms import ACTIVE, BUY, HOLD, OFF, PAPER_ONLY, SELL

__all__ = ["BUY", "HOLD", "SELL", "Call", "Calls"]

Floats = NDArray[np.float64]


class Call(NamedTuple):
    """One call. `signal` is BUY, SELL or HOLD (1, -1, 0); the floats are NaN for a rule and where a model cannot say.

    `years`: the model's horizon as a share of a year; 0 for a rule. `skill` is ACTIVE, PAPER_ONLY or OFF (a rule is
    ACTIVE); `strangeness` NaN where nobody knows.
    """

    signal: int
    probability: float
    probability_low: float
    probability_high: float
    confidence: float
    expected_move: float
    volatility: float
    years: float
    skill: int = ACTIVE
    strangeness: float = nan

    @classmethod
    def of(cls, prediction: Prediction, years: float) -> Call:
        """The call that a model's prediction is."""
        return cls(
            _SIGNALS[prediction.signal], prediction.probability, prediction.probability_low,
            prediction.probability_high, prediction.confidence, prediction.expected_move, prediction.volatility, years,
            _SKILLS[prediction.skill], nan if prediction.strangeness is None else prediction.strangeness,
        )  # fmt: skip


_SKILLS = {
    SkillGate.ACTIVE: ACTIVE, SkillGate.PAPER_ONLY: PAPER_ONLY, SkillGate.OFF: OFF, None: PAPER_ONLY,
}  # fmt: skip
_SIGNALS = {Signal.BUY: BUY, Signal.SELL: SELL, Signal.HOLD: HOLD}


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """One call per bar, each known from its bar's close on: `signal` and `skill` int8, the rest float64, all of shape
    (n,). Without `skill` every call is ACTIVE, without `strangeness` none is strange."""

    signal: NDArray[np.int8]
    probability: Floats
    probability_low: Floats
    probability_high: Floats
    confidence: Floats
    expected_move: Floats
    volatility: Floats
    years: float = 0.0
    skill: NDArray[np.int8] | None = None
    strangeness: Floats | None = None

    @classmethod
    def of_rule(cls, signal: NDArray[np.int8]) -> Calls:
        """Calls without probabilities: all floats are one shared NaN column."""
        nothing = np.broadcast_to(np.float64(np.nan), len(signal))
        return cls(
            signal=signal, probability=nothing, probability_low=nothing, probability_high=nothing, confidence=nothing,
            expected_move=nothing, volatility=nothing,
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.signal)

    def at(self, i: int) -> Call:
        """The i-th call."""
        return Call(
            int(self.signal[i]), float(self.probability[i]), float(self.probability_low[i]),
            float(self.probability_high[i]), float(self.confidence[i]), float(self.expected_move[i]),
            float(self.volatility[i]), self.years, ACTIVE if self.skill is None else int(self.skill[i]),
            nan if self.strangeness is None else float(self.strangeness[i]),
        )  # fmt: skip
