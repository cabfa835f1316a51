"""Whys: the words of one close's gates and the reasons of its predictions, found when nobody waits for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from engine.domain.decision import Decision
from engine.domain.signal import Why
from engine.strategy.decide import SleeveView, Words


class Whys:
    """Those of the newest close, by sleeve."""

    def __init__(self) -> None:
        self._of: dict[str, Callable[[], Why]] = {}
        self.words: Words = {}
        """What the gates have to say of decisions that were made without their words."""

    def keep(self, views: Iterable[SleeveView]) -> None:
        """The sleeves as they are shown to the decision, in place of those of the close before."""
        self._of = {view.sleeve_id: view.why for view in views if view.why is not None}
        self.words = {}

    def explained(self, decisions: Sequence[Decision]) -> list[Decision]:
        """With their gates' words and their reasons, where there are some; the others as they are."""
        return [self._explained(self._worded(decision)) for decision in decisions]

    def _worded(self, decision: Decision) -> Decision:
        words = self.words.get(decision.sleeve_id)
        if words is None:
            return decision
        told = {gate.name: gate for gate in decision.gates if gate.detail}  # what came in between, or has its own word
        gates = [told.pop(gate.name, gate) for gate in words()]
        return replace(decision, gates=(*gates, *told.values()))

    def _explained(self, decision: Decision) -> Decision:
        why = self._of.get(decision.sleeve_id)
        if decision.prediction is None or why is None:
            return decision
        return replace(decision, prediction=why().told(decision.prediction))
