"""Drift on one page: the newest look of each kind, what was chosen for it, and what it was before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.domain.drift import Care, Drift, DriftAction, DriftKind, care_setting
from engine.domain.model import Model, ModelVersion
from engine.queries.console import Console

WORDS = {
    DriftKind.FEATURES: "Do this month's inputs look like those it learned from?",
    DriftKind.CALIBRATION: "Do its probabilities still come true as often as they say?",
    DriftKind.SKILL: "Is it right as often as before?",
}
CHOICES = {
    DriftAction.TELL: "tell me",
    DriftAction.CUT_SIZE: "half the size",
    DriftAction.RETRAIN: "train anew",
    DriftAction.STAND_DOWN: "buy nothing",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftState:
    """One kind of drift: its newest look (None before the first Monday in trade) and the operator's choice."""

    kind: DriftKind
    newest: Drift | None
    action: DriftAction

    @property
    def words(self) -> str:
        """Drifted, calm, too little to tell, or not looked at."""
        if self.newest is None:
            return "not looked at yet"
        if self.newest.drifted:
            return "drifted"
        return "too little to tell" if self.newest.score is None else "calm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """How a version stands; `history` newest first."""

    care: Care
    states: Sequence[DriftState]
    history: Sequence[Drift]


def read_drift(console: Console, model: Model, version: ModelVersion) -> Looks:
    """What was found of a version, and what its model's operator chose."""
    care = Care.from_mapping(console.board.setting(care_setting(model.model_id)))
    history = console.models.drift(version.version_id)
    states = [
        DriftState(kind=k, newest=next((d for d in history if d.kind is k), None), action=care.action(k))
        for k in DriftKind
    ]
    return Looks(care=care, states=states, history=history)
