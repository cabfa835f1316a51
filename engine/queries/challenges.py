"""Challenges: who runs in shadow beside a champion, and how each stands against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from engine.domain.interval import parse_time
from engine.domain.model import Model, ModelVersion, Promotion, Stage
from engine.learning.challenge import Challenge, challenge
from engine.ports import Board, ModelStore
from engine.queries.console import Console

MOST_RIVALS = 3


def began_setting(version_id: str) -> str:
    """Setting: the market's moment from which on a champion is challenged."""
    return f"champion_since:{version_id}"


def rivals_of(
    leader: ModelVersion, versions: Sequence[ModelVersion], promotions: Sequence[Promotion]
) -> tuple[ModelVersion, ...]:
    """Who runs in shadow beside a champion: newer candidates, the newest first, and the champion before it. Nobody
    whose scores are too good to be true; nobody where `leader` does not lead."""
    if leader.stage is not Stage.CHAMPION:
        return ()
    newer = [v for v in versions if v.stage is Stage.CANDIDATE and v.version > leader.version]
    before = next((p.replaced_id for p in promotions if p.version_id == leader.version_id), None)
    former = [v for v in versions if v.version_id == before]
    honest = [v for v in sorted(newer, key=lambda v: -v.version) if not v.leak_suspected]
    return (*honest[:MOST_RIVALS], *(v for v in former if not v.leak_suspected))


def held_against(
    models: ModelStore, board: Board, leader_id: str, rival_id: str, *, horizon: int, cost: float
) -> Challenge:
    """A challenge as it stands, over the bars since the champion took its place. `cost`: a round trip's, as a ratio."""
    began = board.setting(began_setting(leader_id))
    since = parse_time(began) if isinstance(began, str) else None
    theirs, mine = models.matured(leader_id, since), models.matured(rival_id, since)
    return challenge(theirs, mine, horizon=horizon, cost=cost)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """Who runs in shadow, how it stands, and in how many days it may be proved; None where nothing points to it."""

    version: ModelVersion
    challenge: Challenge
    days_left: float | None


def read_rivals(console: Console, model: Model, cost: float) -> Sequence[Rival]:
    """Everyone who runs in shadow beside a model's champion."""
    store = console.models
    versions = store.versions(model.model_id)
    if not versions:
        return []
    leader = store.version(model.model_id)
    found = []
    for rival in rivals_of(leader, versions, store.promotions(model.model_id)):
        stands = held_against(
            store, console.board, leader.version_id, rival.version_id, horizon=model.horizon, cost=cost
        )  # fmt: skip
        left = stands.evidence.rows_left
        days = None if left is None else left * model.interval.duration / timedelta(days=1)
        found.append(Rival(version=rival, challenge=stands, days_left=days))
    return found
