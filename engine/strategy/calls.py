"""Calls: what a strategy says at each bar close, as numbers that the kernel takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.domain.signal import Prediction, Signal
from engine.risk.terms import BUY, HOLD, SELL

__all__ = ["BUY", "HOLD", "SELL", "Call", "Calls"]

Floats = NDArray[np.float64]


class Call(NamedTuple):
    """One call. `signal` is BUY, SELL or HOLD (1, -1, 0); the floats are NaN for a rule and where a model cannot say.

    `years`: the model's horizon as a share of a year; 0 for a rule.
    """

    signal: int
    probability: float
    probability_low: float
    probability_high: float
    confidence: float
    expected_move: float
    volatility: float
    years: float

    @classmethod
    def of(cls, prediction: Prediction, years: float) -> Call:
        """The call that a model's prediction is."""
        return cls(
            _SIGNALS[prediction.signal], prediction.probability, prediction.probability_low,
            prediction.probability_high, prediction.confidence, prediction.expected_move, prediction.volatility, years,
        )  # fmt: skip


_SIGNALS = {Signal.BUY: BUY, Signal.SELL: SELL, Signal.HOLD: HOLD}


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """One call per bar, each known from its bar's close on: `signal` int8, the rest float64, all of shape (n,)."""

    signal: NDArray[np.int8]
    probability: Floats
    probability_low: Floats
    probability_high: Floats
    confidence: Floats
    expected_move: Floats
    volatility: Floats
    years: float = 0.0

    @classmethod
    def of_rule(cls, signal: NDArray[np.int8]) -> Calls:
        """Calls without probabilities: all floats are one shared NaN column."""
        nothing = np.full(len(signal), np.nan)
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
            float(self.volatility[i]), self.years,
        )  # fmt: skip
