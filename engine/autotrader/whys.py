"""Whys: the reasons of one close's predictions, worked out when nobody waits for them any more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from engine.domain.decision import Decision
from engine.domain.signal import Why
from engine.strategy.decide import SleeveView


class Whys:
    """Those of the newest close, by sleeve."""

    def __init__(self) -> None:
        self._of: dict[str, Callable[[], Why]] = {}

    def keep(self, views: Iterable[SleeveView]) -> None:
        """The sleeves as they were shown to the decision, in place of those of the close before."""
        self._of = {view.sleeve_id: view.why for view in views if view.why is not None}

    def explained(self, decisions: Sequence[Decision]) -> list[Decision]:
        """With their reasons, where they have a prediction; the others as they are."""
        return [self._explained(decision) for decision in decisions]

    def _explained(self, decision: Decision) -> Decision:
        why = self._of.get(decision.sleeve_id)
        if decision.prediction is None or why is None:
            return decision
        return replace(decision, prediction=why().told(decision.prediction))
