"""Shadow: what a champion and its rivals say at live bars is stored as it is said, and looked back on once it matured.

Rivals are versions of the same model that trade nothing: candidates newer than the champion, and the champion before,
which may win its place back. Once a market day each is held against the champion (`learning.challenge`); one that has
won takes over. Nothing here touches an order: it comes after the close was dealt with.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

from engine.autotrader.house import House
from engine.autotrader.seat import Seat
from engine.autotrader.session import Session
from engine.autotrader.succession import Succession
from engine.domain.bar import BarSeries
from engine.domain.decision import Decision
from engine.domain.errors import AaitiError, LeaseLost
from engine.domain.interval import to_ms
from engine.domain.model import Model, ModelVersion
from engine.domain.outcome import Outcome
from engine.domain.signal import Prediction
from engine.learning.maturity import outcome
from engine.queries.challenges import held_against, rivals_of
from engine.strategy.strategy import ModelStrategy, Strategy

_RENEW = timedelta(seconds=5)
_log = logging.getLogger("aaiti")


class Shadow:
    """Take `looks` once for each close that a session has dealt with, and carry each out."""

    def __init__(self, house: House, succession: Succession) -> None:
        self._house = house
        self._succession = succession
        self._loaded: dict[str, Strategy] = {}
        self._known: dict[str, tuple[datetime, tuple[ModelVersion, ...]]] = {}
        self._told: set[str] = set()

    def looks(self, session: Session, decisions: Sequence[Decision]) -> Iterator[Callable[[], None]]:
        """What is to be stored, matured and judged, an instrument at a time: between two of them there is time for
        news. What goes wrong is told once and keeps nobody from trading."""
        at = session.trader.cursor
        if _midnight(at):
            yield partial(self._look_back, session)
        for seat in [s for s in session.trader.seats if to_ms(at) % s.interval.ms == 0]:
            if isinstance(seat.strategy, ModelStrategy) and seat.decides:
                yield partial(self._look, session, seat, seat.strategy, decisions, at)

    def _look(
        self, session: Session, seat: Seat, leader: ModelStrategy, decisions: Sequence[Decision], at: datetime
    ) -> None:  # fmt: skip
        try:
            self._follow(session, seat, leader, decisions, at)
        except LeaseLost:
            raise
        except AaitiError as error:
            self._tell(f"{seat.symbol}: the calls of this close were not followed: {error}")

    def _follow(
        self, session: Session, seat: Seat, leader: ModelStrategy, decisions: Sequence[Decision], at: datetime
    ) -> None:  # fmt: skip
        window = session.feed.window(seat.symbol, seat.interval, at)
        rivals = self._rivals(leader.version_id)
        said: dict[str, Prediction | None] = {}
        if window.last_close_at == at and session.clock.now() < at + seat.interval.duration:
            told = next((d.prediction for d in decisions if d.sleeve_id == seat.sleeve_id), None)
            said[leader.version_id] = told or leader.prediction(window, -1)
            for rival in rivals:
                strategy = self._load(rival.version_id, seat, session)
                said[rival.version_id] = None if strategy is None else strategy.prediction(window, -1)
        followed = (leader.version_id, *(rival.version_id for rival in rivals))
        outcomes = [one for version_id in followed for one in self._matured(version_id, window)]
        self._house.models.follow({name: told for name, told in said.items() if told is not None}, outcomes)
        if _midnight(at):
            for rival in rivals:
                self._judge(session, leader, rival)

    def _look_back(self, session: Session) -> None:
        """Once a day: predictions of versions that nobody follows here, asked for by hand for example."""
        seats = [s.strategy.version_id for s in session.trader.seats if isinstance(s.strategy, ModelStrategy)]
        for model in self._house.models.models():
            for version in self._house.models.versions(model.model_id):
                waiting = [] if version.version_id in seats else self._house.models.pending(version.version_id)
                if waiting:
                    bars = self._bars(session, model, waiting[0].as_of - model.interval.duration)
                    found = [outcome(pending, bars) for pending in waiting if pending.symbol == model.symbol]
                    self._house.models.follow({}, [one for one in found if one is not None])

    def _bars(self, session: Session, model: Model, since: datetime) -> BarSeries:
        """Of the cache, as far back as is asked; of a market that keeps none, the bars that decisions are made from."""
        stored = self._house.bars.read(model.source, model.symbol, model.interval, since)
        if len(stored) or model.source != session.account.source:
            return stored
        return session.feed.window(model.symbol, model.interval, session.trader.cursor)

    def _matured(self, version_id: str, window: BarSeries) -> list[Outcome]:
        """What came of a version's earlier calls, as far as these bars know it by now."""
        mine = [p for p in self._house.models.pending(version_id) if p.symbol == window.symbol]
        found = [outcome(pending, window) for pending in mine]
        return [one for one in found if one is not None]

    def _judge(self, session: Session, leader: ModelStrategy, rival: ModelVersion) -> None:
        found = held_against(
            self._house.models, self._house.board, leader.version_id, rival.version_id, horizon=leader.horizon,
            cost=_cost(session),
        )  # fmt: skip
        if found.won and not rival.leak_suspected:
            self._succession.promote(rival.version_id, "evidence", found.words)

    def _rivals(self, leader_id: str) -> tuple[ModelVersion, ...]:
        """Looked up every few seconds at most; none where the seat's version does not lead its model."""
        now = self._house.wall.now()
        looked_at, known = self._known.get(leader_id, (None, ()))
        if looked_at is None or not timedelta(0) <= now - looked_at < _RENEW:
            leader = self._house.models.version(leader_id)
            versions = self._house.models.versions(leader.model_id)
            known = rivals_of(leader, versions, self._house.models.promotions(leader.model_id))
            self._known = {leader_id: (now, known), **{k: v for k, v in self._known.items() if k != leader_id}}
        return known

    def _load(self, version_id: str, seat: Seat, session: Session) -> Strategy | None:
        """None, which is told, where it cannot be loaded."""
        if version_id not in self._loaded:
            try:
                loaded = session.makers.strategy(f"model:{version_id}", seat.symbol, seat.interval)
            except AaitiError as error:
                self._tell(f"{version_id} cannot run in shadow: {error}")
                return None
            self._loaded[version_id] = loaded
        return self._loaded[version_id]

    def _tell(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            _log.warning("%s", text)
            self._house.board.alert(self._house.wall.now(), "warning", text, None)


def _cost(session: Session) -> float:
    return float(session.account.costs.round_trip_ratio)


def _midnight(at: datetime) -> bool:
    return at == at.replace(hour=0, minute=0, second=0, microsecond=0)
