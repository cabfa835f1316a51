"""Many positions are sold at once at a venue that is far away: each request takes time, and late ones are refused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.domain.errors import ClockSkew
from engine.domain.order import ExitReason, Order, Purpose
from engine.execution.machine import SEND_WINDOW
from engine.execution.protect import closing
from engine.execution.volley import one_by_one
from engine.ports import OrderReport, Outcome
from engine.risk.approve import approve_exit
from tests.contracts.wall import Wall
from tests.execution.stage import Stage
from tests.execution.venues import ScriptedVenue


class Far:
    """A venue behind a long line: every request moves the clock. It refuses what comes later than three seconds."""

    not_found_is_proof = False

    def __init__(self, venue: ScriptedVenue, wall: Wall, round_trip: float, *, together: bool) -> None:
        self._venue, self._wall, self._together = venue, wall, together
        self.round_trip = round_trip
        self.requests = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._venue, name)

    def find(self, order: Order) -> OrderReport | None:
        self._travel()
        return self._venue.find(order)

    def cancel(self, orders: Sequence[Order]) -> Sequence[OrderReport]:
        self._travel()
        return self._venue.cancel(orders)

    def cancel_all(self, lists: Sequence[Sequence[Order]]) -> Sequence[Outcome]:
        if not self._together:
            return one_by_one(self.cancel, lists)
        self._travel()
        return [outcome for orders in lists for outcome in one_by_one(self._venue.cancel, [orders])]

    def place(self, orders: Sequence[Order]) -> Sequence[OrderReport]:
        self._travel()
        return self._arrive(orders)

    def place_all(self, lists: Sequence[Sequence[Order]]) -> Sequence[Outcome]:
        if not self._together:
            return one_by_one(self.place, lists)
        self._travel()
        return [outcome for orders in lists for outcome in one_by_one(self._arrive, [orders])]

    def _travel(self) -> None:
        self.requests += 1
        self._wall.advance(self.round_trip)

    def _arrive(self, orders: Sequence[Order]) -> Sequence[OrderReport]:
        if any(self._wall.now() - o.intent_at > SEND_WINDOW for o in orders):
            raise ClockSkew("-1021: it came too late")
        return self._venue.place(orders)


@pytest.mark.parametrize("together", [True, False], ids=["side by side", "one by one"])
@pytest.mark.parametrize("round_trip", [0.2, 0.4])
@pytest.mark.parametrize("positions", [17, 50])
def test_however_many_positions_are_sold_their_sales_do_not_wait_for_one_another(
    tmp_path: Path, positions: int, round_trip: float, together: bool
) -> None:
    stage = Stage(tmp_path)
    far = Far(stage.venue, stage.wall, 0, together=together)
    stage.wrap = lambda ledger, _: (ledger, far)  # type: ignore[assignment,return-value]
    stage.load()
    sleeves = [f"s{n}" for n in range(positions)]
    for sleeve_id in sleeves:
        stage.decide_entry("0.003", sleeve_id=sleeve_id)
    stage.desk.carry_out()
    assert len(stage.venue.resting()) == positions
    far.round_trip, far.requests = round_trip, 0
    draft, now = stage.desk.draft(), stage.wall.now()
    for sleeve_id in sleeves:
        stage.book.ask_cancel(stage.book.sleeve(sleeve_id).protection, "flattened by the operator", draft)
        stage.book.add(approve_exit(closing(stage.book, sleeve_id, ExitReason.OPERATOR, now, now)), draft)
    stage.desk.commit(draft)
    stage.desk.carry_out()
    for _ in range(0 if together else positions):  # in turn the exchange refuses the last of each volley: next time
        stage.desk.carry_out()
    assert not any(stage.book.sleeve(s).lots for s in sleeves)
    assert stage.venue.placed_once()
    assert far.requests <= (2 if together else 3 * positions)
    assert len(stage.orders(Purpose.EXIT)) <= positions * (1 if together else 8)
    stage.check()
    stage.close()
