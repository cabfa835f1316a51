"""Drift watch: each Monday (UTC) every model that trades is looked at; what the operator chose is done about it.

A look is kept with its moment. TELL, and every first sight of a drift, is an alert; RETRAIN starts a training, which
never takes over by itself being newer; CUT_SIZE and STAND_DOWN restrain the seat until a later look finds it gone or
another version leads. Replays and backtests have no such state, so that they stay the same run.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from engine.autotrader.house import House
from engine.autotrader.retraining import Retraining
from engine.autotrader.seat import Seat
from engine.autotrader.session import Session
from engine.domain.drift import FREE, Care, Drift, DriftAction, Restraint, care_setting
from engine.domain.interval import to_ms
from engine.domain.model import Model
from engine.learning.drift import look_for_drift
from engine.learning.online import refitted_at
from engine.strategy.strategy import ModelStrategy


class DriftWatch:
    """Call `after` once for each close that a session has dealt with, `restrain` when care or seats have changed."""

    def __init__(self, house: House, retraining: Retraining) -> None:
        self._house = house
        self._retraining = retraining

    def after(self, session: Session) -> None:
        """Look where a week has ended, then see that every seat is as free as it may be."""
        at = session.trader.cursor
        if int(refitted_at([to_ms(at)])[0]) == to_ms(at):
            for seat in list(session.trader.seats):
                if isinstance(seat.strategy, ModelStrategy) and to_ms(at) % seat.interval.ms == 0:
                    self._look(session, seat, seat.strategy, at)
        self.restrain(session)

    def restrain(self, session: Session) -> None:
        """Give each seat the restraint that its model's newest looks and the operator's choice ask for."""
        session.trader.seats[:] = [replace(seat, restraint=self._restraint(seat)) for seat in session.trader.seats]

    def _restraint(self, seat: Seat) -> Restraint:
        if not isinstance(seat.strategy, ModelStrategy):
            return FREE
        model_id = seat.strategy.version_id.rpartition(".")[0]
        care = Care.from_mapping(self._house.board.setting(care_setting(model_id)))
        if not {DriftAction.CUT_SIZE, DriftAction.STAND_DOWN} & set(care.actions.values()):
            return FREE
        return Restraint.of(care, self._house.models.drift(seat.strategy.version_id, limit=6))

    def _look(self, session: Session, seat: Seat, strategy: ModelStrategy, at: datetime) -> None:
        window = session.feed.window(seat.symbol, seat.interval, at)
        if window.last_close_at != at or session.clock.now() - at > timedelta(days=1):
            return
        before = {d.kind for d in self._house.models.drift(strategy.version_id, limit=3) if d.drifted}
        looks = look_for_drift(strategy.version_id, strategy.model, window, at)
        self._house.models.record_drift(looks)
        model = self._house.models.model(strategy.version_id.rpartition(".")[0])
        care = Care.from_mapping(self._house.board.setting(care_setting(model.model_id)))
        for look in looks:
            if look.drifted and look.kind not in before:
                self._act(model, look, care.action(look.kind), session)

    def _act(self, model: Model, look: Drift, action: DriftAction, session: Session) -> None:
        told = {
            DriftAction.TELL: "nothing else was chosen",
            DriftAction.CUT_SIZE: "it may have half its size from now on",
            DriftAction.STAND_DOWN: "it buys nothing from now on; exits go on",
            DriftAction.RETRAIN: "it is trained anew",
        }[action]
        number = look.version_id.rpartition(".")[2]
        text = f"{model.name} v{number}: {look.kind.value} drifted; {look.detail}. {told[0].upper()}{told[1:]}."
        self._house.board.alert(self._house.wall.now(), "warning", text, session.account.account_id)
        if action is DriftAction.RETRAIN:
            self._retraining.begin(model, session, f"{look.kind.value} drift of v{number}, {look.at:%Y-%m-%d}")
