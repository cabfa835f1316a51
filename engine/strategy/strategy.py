"""Strategy: what calls BUY and SELL, a rule or a trained model behind one face."""

from __future__ import annotations

from dataclasses import dataclass

from engine.domain.bar import BarSeries
from engine.domain.errors import MissingBars
from engine.domain.signal import Prediction, Said, Why
from engine.learning.forecast import TrainedModel
from engine.strategy.calls import Call, Calls
from engine.strategy.ruled import RuleStrategy, Strategy

__all__ = ["ModelStrategy", "RuleStrategy", "Strategy", "spoken"]


def spoken(strategy: Strategy, series: BarSeries, i: int) -> tuple[Call, Said | None]:
    """The call at bar i with its own account, from one look at the bars: the numbers of both are the same."""
    said = _said(strategy, series, i)
    if said is None:
        return strategy.calls(series, i).at(0), None
    return Call.of(said.prediction, said.prediction.horizon / series.interval.bars_per_year), said


def _said(strategy: Strategy, series: BarSeries, i: int) -> Said | None:
    """A model's reasons can wait; whoever else has some has told them."""
    if isinstance(strategy, ModelStrategy):
        return strategy.say(series, i)
    told = strategy.prediction(series, i)
    if told is None:
        return None
    return Said(prediction=told, why=lambda: Why(reasons=told.reasons, contributions=told.contributions))


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
        """BUY where the model calls a rise, SELL where a fall; no call where bars are lacking."""
        forecasts = self.model.forecast(series, first)
        return Calls(
            signal=forecasts.signal,
            probability=forecasts.probability,
            probability_low=forecasts.probability_low,
            probability_high=forecasts.probability_high,
            confidence=forecasts.confidence,
            expected_move=forecasts.expected_move,
            volatility=forecasts.volatility,
            years=self.model.horizon / series.interval.bars_per_year,
            skill=forecasts.skill,
            strangeness=forecasts.strangeness,
        )

    def prediction(self, series: BarSeries, i: int) -> Prediction | None:
        """The model's own account of its call."""
        said = self.say(series, i)
        return None if said is None else said.why().told(said.prediction)

    def say(self, series: BarSeries, i: int) -> Said | None:
        """The same, its reasons later."""
        try:
            return self.model.say(series, i)
        except MissingBars:
            return None
