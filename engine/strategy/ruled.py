"""Rules as strategies, and the face that rules and models share. Imports no learning: a rule's backtest starts fast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from engine.domain.bar import BarSeries
from engine.domain.signal import Prediction
from engine.strategy.calls import Calls
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
        return Calls.of_rule(self.rule.signals(series, self.parameters, first))

    def prediction(self, series: BarSeries, i: int) -> Prediction | None:
        """A rule predicts nothing."""
        return None
