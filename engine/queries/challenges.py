"""Challenges: who runs in shadow beside a champion, and how each stands against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.domain.interval import iso, parse_time
from engine.domain.model import Model, ModelVersion, Origin, Promotion, Stage
from engine.domain.outcome import MaturedCall
from engine.learning.challenge import MEASURED, Challenge, challenge
from engine.ports import Board, ModelStore
from engine.queries.console import Console

MOST_RIVALS = 3


def reign_setting(version_id: str) -> str:
    """The name of the setting that keeps a champion's reign."""
    return f"reign:{version_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reign:
    """When a champion took its place, by its market's clock, and whose place that was. `continues`: it is a refit of
    the same recipe, so that challenges go on where they stood. A first version's reign has no beginning."""

    version_id: str
    began_at: datetime | None = None
    before: str | None = None
    continues: bool = False

    @classmethod
    def of(cls, board: Board, version_id: str) -> Reign:
        """As stored."""
        stored = board.setting(reign_setting(version_id))
        if not isinstance(stored, Mapping):
            return cls(version_id=version_id)
        return cls(
            version_id=version_id, began_at=parse_time(str(stored["began_at"])), before=str(stored["before"]),
            continues=stored["continues"] is True,
        )  # fmt: skip

    def store(self, board: Board) -> None:
        """Keep it."""
        assert self.began_at is not None, "a reign that is stored has begun"
        told = {"began_at": iso(self.began_at), "before": self.before, "continues": self.continues}
        board.put_setting(reign_setting(self.version_id), told, quiet=True)


def rivals_of(
    leader: ModelVersion, versions: Sequence[ModelVersion], promotions: Sequence[Promotion]
) -> tuple[ModelVersion, ...]:
    """Who runs in shadow beside a champion: challengers and newer candidates, the newest first, and the champion before
    it. Nobody whose scores are too good to be true; nobody where `leader` does not lead."""
    if leader.stage is not Stage.CHAMPION:
        return ()
    candidates = [v for v in versions if v.stage is Stage.CANDIDATE and not v.leak_suspected]
    open_ones = [v for v in candidates if v.version > leader.version or v.origin is Origin.CHALLENGER]
    before = next((p.replaced_id for p in promotions if p.version_id == leader.version_id), None)
    former = [v for v in versions if v.version_id == before and not v.leak_suspected]
    return (*sorted(open_ones, key=lambda v: -v.version)[:MOST_RIVALS], *former)


def held_against(
    models: ModelStore, board: Board, leader_id: str, rival_id: str, *, horizon: int, cost: float
) -> Challenge:
    """A challenge as it stands. `cost`: a round trip's, as a ratio.

    It counts from the last change of recipe on, each bar against the version that led then: a refit does not set a
    challenger back. The champion before is held against the one that took its place from that moment on. No version's
    call counts at a bar that it had learned from.
    """
    reign = Reign.of(board, leader_id)
    theirs = _said(models, leader_id, reign.began_at)
    while reign.continues and reign.before is not None and reign.before != rival_id and reign.began_at is not None:
        until, reign = reign.began_at, Reign.of(board, reign.before)
        theirs = [*(c for c in _said(models, reign.version_id, reign.began_at) if c.as_of <= until), *theirs]
    return challenge(theirs, _said(models, rival_id, reign.began_at), horizon=horizon, cost=cost)


def _said(models: ModelStore, version_id: str, after: datetime | None) -> list[MaturedCall]:
    unseen = models.version(version_id).trained_to
    since = unseen if after is None else max(after, unseen)
    return [call for call in models.matured(version_id, since) if after is None or call.as_of > after]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """Who runs in shadow, how it stands, and in how many days it may be proved; None where nothing points to it.
    `usual_days`: what a clear and a small gain took where that was measured, in this model's bars."""

    version: ModelVersion
    challenge: Challenge
    days_left: float | None
    usual_days: tuple[float, float]


def read_rivals(console: Console, model: Model, cost: float) -> Sequence[Rival]:
    """Everyone who runs in shadow beside a model's champion."""
    store = console.models
    versions = store.versions(model.model_id)
    if not versions:
        return []
    leader = store.version(model.model_id)
    small, clear = (bars * model.interval.duration / timedelta(days=1) for _, bars in MEASURED)
    found = []
    for rival in rivals_of(leader, versions, store.promotions(model.model_id)):
        stands = held_against(
            store, console.board, leader.version_id, rival.version_id, horizon=model.horizon, cost=cost
        )  # fmt: skip
        left = stands.evidence.rows_left
        days = None if left is None else left * model.interval.duration / timedelta(days=1)
        found.append(Rival(version=rival, challenge=stands, days_left=days, usual_days=(clear, small)))
    return found
