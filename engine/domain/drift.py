"""Drift: has the market, or a model's skill in it, moved away from what it learned? And what the operator wants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class DriftKind(StrEnum):
    """What may drift: the FEATURES' distributions, the CALIBRATION of its probabilities, its SKILL."""

    FEATURES = "features"
    CALIBRATION = "calibration"
    SKILL = "skill"


class DriftAction(StrEnum):
    """What to do about it. TELL writes an alert; CUT_SIZE halves what it may buy; RETRAIN starts a training, whose
    result must pass a refit's checks; STAND_DOWN lets it buy nothing. Exits go on in all."""

    TELL = "tell"
    CUT_SIZE = "cut_size"
    RETRAIN = "retrain"
    STAND_DOWN = "stand_down"


CUT_TO_PPM = 500_000
"""What CUT_SIZE leaves of a size, in millionths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One look, at one moment. `score` above `limit` is drift; None where there was too little to tell."""

    version_id: str
    at: datetime
    kind: DriftKind
    score: float | None
    limit: float | None
    drifted: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Care:
    """What the operator chose for a model: an action per kind of drift, and every how many days it is trained anew
    (None: never by itself)."""

    actions: Mapping[DriftKind, DriftAction] = field(default_factory=dict)
    retrain_days: int | None = None

    @classmethod
    def from_mapping(cls, stored: object) -> Care:
        """What was stored; the defaults where nothing was."""
        if not isinstance(stored, Mapping):
            return cls()
        actions = stored.get("actions")
        days = stored.get("retrain_days")
        return cls(
            actions={DriftKind(kind): DriftAction(action) for kind, action in dict(actions or {}).items()},
            retrain_days=int(days) if days is not None else None,
        )  # fmt: skip

    def to_mapping(self) -> dict[str, object]:
        """JSON that `from_mapping` reads."""
        return {
            "actions": {kind.value: action.value for kind, action in self.actions.items()},
            "retrain_days": self.retrain_days,
        }  # fmt: skip

    def action(self, kind: DriftKind) -> DriftAction:
        """What is to be done about that kind; to tell, where nothing was chosen."""
        return self.actions.get(kind, DriftAction.TELL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restraint:
    """What drift leaves a live sleeve: `size_ppm` millionths of its usual size, and nothing at all where it stands
    down. `why` says which drift asked for it. Replays and backtests know none."""

    size_ppm: int = 1_000_000
    stands_down: bool = False
    why: str = ""

    @classmethod
    def of(cls, care: Care, looks: Iterable[Drift]) -> Restraint:
        """What the newest look of each kind asks for; `looks` newest first."""
        newest: dict[DriftKind, Drift] = {}
        for look in looks:
            newest.setdefault(look.kind, look)
        found = {kind: care.action(kind) for kind, look in newest.items() if look.drifted}
        down = [kind for kind, action in found.items() if action is DriftAction.STAND_DOWN]
        cut = [kind for kind, action in found.items() if action is DriftAction.CUT_SIZE]
        if down:
            return cls(size_ppm=0, stands_down=True, why=f"{_named(down)} drifted: it stands down, as chosen")
        if cut:
            return cls(size_ppm=CUT_TO_PPM, why=f"{_named(cut)} drifted: half the size, as chosen")
        return cls()


FREE = Restraint()
"""Nothing holds it."""


def _named(kinds: Iterable[DriftKind]) -> str:
    return " and ".join(sorted(kind.value for kind in kinds))


def care_setting(model_id: str) -> str:
    """The name of the setting that keeps a model's care."""
    return f"care:{model_id}"
