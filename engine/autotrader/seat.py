"""Seat: a sleeve with the strategy that decides for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.domain.drift import FREE, Restraint
from engine.domain.interval import Interval
from engine.domain.sleeve import Sleeve, SleeveState
from engine.strategy.strategy import Strategy


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """`strategy` is None for the operator's own sleeve and for one that only keeps its stop; `restraint` is what drift
    leaves it, where the operator chose so."""

    sleeve: Sleeve
    strategy: Strategy | None
    restraint: Restraint = FREE

    @property
    def sleeve_id(self) -> str:
        """The sleeve's id."""
        return self.sleeve.sleeve_id

    @property
    def symbol(self) -> str:
        """The sleeve's instrument."""
        return self.sleeve.symbol

    @property
    def interval(self) -> Interval:
        """The sleeve's bar length."""
        return self.sleeve.interval

    @property
    def decides(self) -> bool:
        """True where a decision is due at each close."""
        return self.strategy is not None and self.sleeve.state is SleeveState.ACTIVE

    def bars_held(self, opened_at: datetime, at: datetime) -> int:
        """Closes since the position was opened, the entry bar's own included."""
        return int((at - opened_at) / self.interval.duration)
