"""An entry that brings its protection: one list, sized for what the fee leaves, priced through the book."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from engine.domain.account import Costs
from engine.domain.order import ExitReason, OrderStatus, OrderType, Purpose, Side, TimeInForce
from engine.domain.quote import Quote
from engine.execution.bundle import bundled
from engine.risk.approve import approve_exit
from tests.contracts.wall import PAPER, an_order
from tests.execution.stage import SLEEVE, Stage
from tests.execution.venues import Word

S = OrderStatus


def ask(stage: Stage, price: str = "50000.005") -> Quote:
    return Quote(symbol="BTCUSDT", bid=Decimal(49_999), ask=Decimal(price), as_of=stage.wall.now())


def with_fee(stage: Stage, ratio: str) -> None:
    stage.book.account = replace(stage.account, costs=Costs(fee_ratio=Decimal(ratio)))


def enter(stage: Stage, *words: Word) -> list[str]:
    """Decide and send a bundle; the ids in order of the request."""
    stage.venue.words.extend(words)
    order = an_order(
        "aa-entry", quantity=Decimal("0.1"), target_ratio=Decimal("0.05"), bar_close_at=stage.wall.now(),
        intent_at=stage.wall.now(),
    )  # fmt: skip
    entry, *legs = bundled(stage.book, order, ask(stage))
    draft = stage.desk.draft()
    stage.book.add(stage.approved(entry), draft)
    for leg in legs:
        stage.book.add(approve_exit(leg), draft)
    stage.desk.commit(draft)
    stage.desk.carry_out()
    return [o.client_id for o in (entry, *legs)]


def test_the_legs_of_a_bundle(stage: Stage) -> None:
    with_fee(stage, "0.001")
    order = an_order(quantity=Decimal("0.1"), target_ratio=Decimal("0.05"))
    entry, stop, target = bundled(stage.book, order, ask(stage))
    assert (entry.type, entry.time_in_force, entry.price) == (OrderType.LIMIT, TimeInForce.FOK, Decimal("50050.02"))
    assert (stop.side, stop.type, stop.stop_price) == (Side.SELL, OrderType.STOP, Decimal("49000.00"))
    assert (target.type, target.price) == (OrderType.LIMIT, Decimal("52500.01"))
    assert {o.quantity for o in (stop, target)} == {Decimal("0.099")}
    assert [o.exit_reason for o in (entry, stop, target)] == [None, ExitReason.STOP, ExitReason.TARGET]
    assert len({o.list_id for o in (entry, stop, target)}) == 1
    assert len({o.client_id for o in (entry, stop, target)}) == 3


def test_a_discounted_fee_is_reckoned_without_its_discount_for_the_coins_must_be_ours(stage: Stage) -> None:
    order = an_order(quantity=Decimal(10))
    guarded = {}
    for ratio in ("0.00075", "0.001", "0.002"):
        with_fee(stage, ratio)
        guarded[ratio] = bundled(stage.book, order, ask(stage))[1].quantity
    assert guarded == {"0.00075": Decimal("9.99"), "0.001": Decimal("9.99"), "0.002": Decimal("9.98")}


@pytest.mark.parametrize("changes", [{"stop_ratio": None}, {"quantity": Decimal("0.001")}])
def test_without_a_stop_or_with_too_little_left_an_entry_goes_alone(stage: Stage, changes: dict[str, Any]) -> None:
    order = replace(an_order(quantity=Decimal("0.1")), **changes)
    assert bundled(stage.book, order, ask(stage)) == [order]


def test_a_bundle_goes_out_as_one_request_entry_first_and_its_fill_is_never_bare(stage: Stage) -> None:
    ids = enter(stage)
    assert [i for verb, i in stage.venue.requests if verb == "place"] == ids
    assert stage.covered()
    assert stage.orders(Purpose.ENTRY)[0].status is S.FILLED
    stage.check()


def test_an_entry_that_missed_leaves_nothing_behind(stage: Stage) -> None:
    ids = enter(stage, Word.WORK)
    for client_id in ids:
        stage.venue.end(client_id, S.EXPIRED)
    stage.desk.go_on()
    assert stage.book.orders == {}
    assert stage.causes() == []
    assert stage.book.sleeve(SLEEVE).lots == 0


def test_legs_wait_with_their_entry_and_go_with_it(stage: Stage) -> None:
    enter(stage, Word.WORK)
    stage.desk.go_on()
    assert len(stage.book.orders) == 3  # nothing held yet, and nothing taken away
    draft = stage.desk.draft()
    stage.book.ask_cancel(stage.book.sleeve(SLEEVE).orders(Purpose.ENTRY), "halted", draft)
    stage.desk.commit(draft)
    stage.desk.go_on()
    assert stage.book.orders == {}
    assert stage.venue.resting() == {}


def test_a_bundle_without_an_answer_is_looked_up_leg_by_leg(stage: Stage) -> None:
    enter(stage, Word.ANSWER_LOST)
    assert {o.status for o in stage.book.orders.values()} == {S.UNKNOWN}
    stage.desk.go_on()
    assert stage.covered()
    assert stage.venue.placed_once()
    stage.check()


def test_a_target_that_is_heard_of_before_its_entry_waits_for_it(stage: Stage) -> None:
    entry, _, target = enter(stage, Word.ANSWER_LOST)
    stage.venue.fill(target, "0.04")
    report = stage.venue.find(stage.book.orders[target])
    assert report is not None
    draft = stage.desk.draft()
    stage.book.absorb([report], draft)
    assert draft.empty  # nothing could have been sold yet, as far as we know
    stage.desk.go_on()
    assert stage.status(stage.orders(Purpose.ENTRY)[0]) is S.FILLED
    assert stage.book.sleeve(SLEEVE).quantity == Decimal("0.059")
    assert stage.covered()
    assert {f.client_id for f in stage.ledger.fills(PAPER)} == {entry, target}
    stage.check()
