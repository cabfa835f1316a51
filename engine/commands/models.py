"""Commands about models: who leads, and how each is looked after."""

from __future__ import annotations

from dataclasses import dataclass

from engine.commands import fields
from engine.domain.drift import Care, DriftAction, DriftKind
from engine.domain.errors import ConfigurationError

TRAINING = "training"
"""Who asks for a refit's promotion."""
_MOST_DAYS = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Promote:
    """Make a version the champion. `words`: why, kept with the promotion."""

    version_id: str
    words: str

    @classmethod
    def parse(cls, payload: fields.Payload) -> Promote:
        """Read and check."""
        return cls(version_id=fields.text(payload, "version_id"), words=fields.text(payload, "words"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCare:
    """What to do about each kind of drift, and every how many days to train anew (None: never by itself)."""

    model_id: str
    care: Care

    @classmethod
    def parse(cls, payload: fields.Payload) -> SetCare:
        """Read and check."""
        chosen = fields.mapping(payload, "actions")
        unknown = sorted(set(chosen) - {kind.value for kind in DriftKind})
        if unknown:
            raise ConfigurationError(f"actions {unknown} are of no kind of drift; known: {', '.join(DriftKind)}")
        actions = {DriftKind(kind): fields.choice(chosen, kind, DriftAction) for kind in chosen}
        days = fields.whole(payload, "retrain_days", 0)
        if not 0 <= days <= _MOST_DAYS:
            raise ConfigurationError(f"retrain_days {days} must be 1 to {_MOST_DAYS}, or 0 for never")
        return cls(model_id=fields.text(payload, "model_id"), care=Care(actions=actions, retrain_days=days or None))
