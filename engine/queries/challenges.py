"""Challenges: who runs in shadow beside a champion, and how each stands against it."""

from __future__ import annotations

from collections.abc import Sequence

from engine.domain.interval import parse_time
from engine.domain.model import ModelVersion, Promotion, Stage
from engine.learning.challenge import Challenge, challenge
from engine.ports import Board, ModelStore

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
