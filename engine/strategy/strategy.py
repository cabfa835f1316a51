"""Strategy: what calls BUY and SELL, a rule or a trained model behind one face."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from engine.domain.bar import BarSeries
from engine.domain.errors import MissingBars
from engine.domain.signal import Prediction
from engine.features.window import anchored
from engine.learning.forecast import TrainedModel
from engine.strategy.calls import BUY, HOLD, SELL, Call, Calls
from engine.strategy.rules import Rule, parse_rule, rule_text


class Strategy(Protocol):
    """One call per bar, each from bars up to its own only; the same live and in batch, to the bit."""

    @property
    def name(self) -> str:
        """How it is written: `rule:...` or `model:...`."""
        ...

    @property
    def horizon(self) -> int:
        """Bars that a call looks ahead; 0 for a rule."""
        ...

    def calls(self, series: BarSeries, first: int = 0) -> Calls:
        """Calls at the closes of bars `first`..end."""
        ...

    def prediction(self, series: BarSeries, i: int) -> Prediction | None:
        """The call at bar i as a prediction with its reasons; None for a rule and where bars are lacking."""
        ...


def spoken(strategy: Strategy, series: BarSeries, i: int) -> tuple[Call, Prediction | None]:
    """The call at bar i with its own account, from one look at the bars: the numbers of both are the same."""
    prediction = strategy.prediction(series, i)
    if prediction is None:
        return strategy.calls(series, i).at(0), None
    return Call.of(prediction, prediction.horizon / series.interval.bars_per_year), prediction


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleStrategy:
    """A rule with its parameters."""

    rule: Rule
    parameters: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str) -> RuleStrategy:
        """From `NAME:k=v,...`; ConfigurationError says what is wrong."""
        rule, parameters = parse_rule(text)
        return cls(rule=rule, parameters=parameters)

    @property
    def name(self) -> str:
        """The rule with all its parameters."""
        return f"rule:{rule_text(self.rule, self.parameters)}"

    @property
    def horizon(self) -> int:
        """A rule has none."""
        return 0

    def calls(self, series: BarSeries, first: int = 0) -> Calls:
        """The rule's signals, without probabilities."""
        if len(series) == 0:
            return Calls.of_rule(np.zeros(0, dtype=np.int8))
        rows = anchored(series, lambda window: self.rule.signals(window, self.parameters), first)
        return Calls.of_rule(rows.astype(np.int8))

    def prediction(self, series: BarSeries, i: int) -> Prediction | None:
        """A rule predicts nothing."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStrategy:
    """A trained model; `version_id` names it."""

    model: TrainedModel
    version_id: str

    @property
    def name(self) -> str:
        """The version."""
        return f"model:{self.version_id}"

    @property
    def horizon(self) -> int:
        """Bars that the model looks ahead."""
        return self.model.horizon

    def calls(self, series: BarSeries, first: int = 0) -> Calls:
        """BUY where a rise is likelier than not, SELL where it is less so; no call where bars are lacking."""
        forecasts = self.model.forecast(series, first)
        up = forecasts.probability_up
        signal = np.where(up > 0.5, BUY, np.where(up < 0.5, SELL, HOLD))
        return Calls(
            signal=signal.astype(np.int8),
            probability=forecasts.probability,
            probability_low=forecasts.probability_low,
            probability_high=forecasts.probability_high,
            confidence=forecasts.confidence,
            expected_move=forecasts.expected_move,
            volatility=forecasts.volatility,
            years=self.model.horizon / series.interval.bars_per_year,
        )

    def prediction(self, series: BarSeries, i: int) -> Prediction | None:
        """The model's own account of its call."""
        try:
            return self.model.explain(series, i)
        except MissingBars:
            return None
