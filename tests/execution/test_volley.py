"""What is due at one moment leaves together, each order with an outcome of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from engine.domain.errors import OrderOutcomeUnknown, VenueUnavailable
from engine.domain.order import Order, OrderStatus, OrderType, Purpose
from engine.execution.volley import lists_of, one_by_one
from engine.ports import Broker, Ledger, OrderReport, Outcome
from tests.contracts.wall import an_order
from tests.execution.stage import Stage
from tests.execution.venues import Word


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    stage.close()


class Overlapping:
    """Every list is on its way before the first answer is read, and answers come in any order they like."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self.volleys: list[list[str]] = []
        self.cancels: list[list[str]] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._broker, name)

    def cancel_all(self, lists: Sequence[Sequence[Order]]) -> Sequence[Outcome]:
        self.cancels.append([o.client_id for orders in lists for o in orders])
        found: list[Outcome] = []
        for orders in lists:
            found += one_by_one(self._broker.cancel, [orders])
        return found

    def place_all(self, lists: Sequence[Sequence[Order]]) -> Sequence[Outcome]:
        self.volleys.append([o.client_id for orders in lists for o in orders])
        found: list[Outcome] = []
        for orders in lists:
            found += one_by_one(self._broker.place, [orders])
        return found


def overlapping(stage: Stage) -> Overlapping:
    lines: list[Overlapping] = []

    def wrap(ledger: Ledger, broker: Broker) -> tuple[Ledger, Broker]:
        lines.append(Overlapping(broker))
        return ledger, lines[-1]  # type: ignore[return-value]

    stage.wrap = wrap
    stage.load()
    return lines[-1]


def test_entries_of_one_close_leave_together_and_so_does_what_protects_them(stage: Stage) -> None:
    line = overlapping(stage)
    entries = [stage.decide_entry("0.02", sleeve_id=f"s{i}") for i in range(3)]
    stage.desk.carry_out()
    assert line.volleys[0] == [o.client_id for o in entries]
    assert [len(volley) for volley in line.volleys] == [3, 6]
    assert all(stage.status(o) is OrderStatus.FILLED for o in entries)
    assert all(stage.book.sleeve(f"s{i}").protection_prices[0] for i in range(3))


def test_one_that_finds_nobody_and_one_without_an_answer_hold_up_no_other(stage: Stage) -> None:
    overlapping(stage)
    lost, unheard, well = (stage.decide_entry("0.02", sleeve_id=f"s{i}") for i in range(3))
    stage.venue.failing.add(lost.client_id)
    real = stage.venue.place

    def place(orders: Sequence[Order]) -> Sequence[OrderReport]:
        found = real(orders)
        if orders[0].client_id == unheard.client_id:
            raise OrderOutcomeUnknown("no answer")
        return found

    stage.venue.place = place  # type: ignore[method-assign]
    stage.desk.carry_out()
    assert [stage.status(o) for o in (lost, unheard, well)] == [
        OrderStatus.INTENT, OrderStatus.UNKNOWN, OrderStatus.FILLED,
    ]  # fmt: skip
    stage.venue.failing.clear()
    stage.desk.go_on()
    assert [stage.status(o) for o in (lost, unheard, well)] == [OrderStatus.FILLED] * 3
    assert len(stage.venue.reached) == len(set(stage.venue.reached))
    stage.check()


def test_cancels_leave_together_and_each_has_an_outcome_of_its_own(stage: Stage) -> None:
    line = overlapping(stage)
    resting = {"type": OrderType.LIMIT, "price": Decimal(40_000)}
    well, unheard, lost = orders = [stage.decide_entry("0.02", sleeve_id=f"s{i}", **resting) for i in range(3)]
    stage.desk.carry_out()
    draft = stage.desk.draft()
    stage.book.ask_cancel(list(stage.book.orders.values()), "cancel all", draft)
    stage.desk.commit(draft)
    stage.venue.failing.add(lost.client_id)
    stage.venue.cancel_words.extend([Word.FILL, Word.ANSWER_LOST])
    stage.desk.carry_out()
    assert line.cancels == [[o.client_id for o in orders]]
    assert [stage.status(o) for o in orders] == [
        OrderStatus.CANCELLED, OrderStatus.CANCELLED, OrderStatus.CANCELLING,
    ]  # fmt: skip
    assert ("find", unheard.client_id) in stage.venue.requests
    assert ("find", well.client_id) not in stage.venue.requests
    stage.venue.failing.clear()
    stage.desk.go_on()
    assert stage.book.orders == {}
    stage.check()


def test_cancels_that_nobody_answers_are_not_all_looked_up_while_the_venue_is_away(stage: Stage) -> None:
    overlapping(stage)
    resting = {"type": OrderType.LIMIT, "price": Decimal(40_000)}
    for i in range(8):
        stage.decide_entry("0.01", sleeve_id=f"s{i}", **resting)
    stage.desk.carry_out()
    draft = stage.desk.draft()
    stage.book.ask_cancel(list(stage.book.orders.values()), "cancel all", draft)
    stage.desk.commit(draft)
    stage.venue.cancel_words.extend([Word.REQUEST_LOST] * 8)
    stage.venue.find_words.extend([Word.AWAY] * 8)
    stage.venue.requests.clear()
    stage.desk.carry_out()
    assert len([verb for verb, _ in stage.venue.requests if verb == "find"]) == 3
    stage.venue.find_words.clear()
    stage.desk.go_on()
    assert stage.book.orders == {}
    stage.check()


def test_while_the_venue_is_away_one_order_asks_for_all(stage: Stage) -> None:
    line = overlapping(stage)
    entries = [stage.decide_entry("0.02", sleeve_id=f"s{i}") for i in range(4)]
    stage.venue.failing.update(o.client_id for o in entries)
    stage.desk.carry_out()
    line.volleys.clear()
    stage.desk.carry_out()
    assert line.volleys[0] == [entries[0].client_id]
    assert all(stage.status(o) is OrderStatus.INTENT for o in entries)


def test_what_is_urgent_goes_first_and_of_a_sleeve_one_list_at_a_time() -> None:
    entry = an_order("entry", sleeve_id="a")
    stop = an_order("stop", sleeve_id="b", purpose=Purpose.STOP, list_id="l")
    target = an_order("target", sleeve_id="b", purpose=Purpose.TARGET, list_id="l")
    sale, other = (an_order(name, sleeve_id="a", purpose=Purpose.EXIT) for name in ("sale", "other"))
    found = lists_of([entry, target, stop, other, sale], lambda order: order is other)
    assert [[o.client_id for o in orders] for orders in found] == [["sale"], ["target", "stop"]]
    brought = [an_order(n, purpose=p, list_id="m") for n, p in (("s", Purpose.STOP), ("e", Purpose.ENTRY))]
    assert [o.client_id for o in lists_of(brought, lambda _: 0)[0]] == ["e", "s"]


def test_in_turn_means_that_nothing_is_tried_after_a_failure() -> None:
    asked: list[str] = []

    def place(orders: Sequence[Order]) -> Sequence[OrderReport]:
        asked.append(orders[0].client_id)
        if len(asked) == 2:
            raise VenueUnavailable("away")
        return []

    found = one_by_one(place, [[an_order(name)] for name in ("a", "b", "c")])
    assert (len(found), asked) == (2, ["a", "b"])
    assert isinstance(found[1], VenueUnavailable)
