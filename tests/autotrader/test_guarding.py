"""Stops and targets set by hand: at the purchase, by tickets that sell, and moved."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.domain.command import Command, CommandKind, CommandState
from engine.domain.errors import OrderOutcomeUnknown
from engine.domain.order import OrderStatus, Purpose
from engine.domain.position import Position
from engine.queries.words import exactly
from tests.autotrader.test_desk_work import MANUAL, near, ticket
from tests.autotrader.town import Town

K, S = CommandKind, CommandState


def held(town: Town) -> Position:
    [position] = town.positions()
    return position


def read(text: str) -> str:
    """A price as answers write it."""
    return exactly(Decimal(text))


def prices(town: Town) -> tuple[str, str]:
    return str(held(town).stop_price), str(held(town).target_price)


def move(town: Town, stop: str, sleeve_id: str = MANUAL, **changes: str) -> Command:
    return town.ask(K.MOVE_STOP, {"sleeve_id": sleeve_id, "stop_price": stop}, **changes)


def test_a_purchase_brings_its_own_stop_and_target_to_the_digit(town: Town) -> None:
    own = {"stop_price": near(town, "0.91"), "target_price": near(town, "1.23")}
    answered = town.ask(K.PLACE_ORDER, ticket("BUY", "MARKET", "0.04", **own))
    assert answered.message.startswith("Bought 0.04 BTCUSDT at ")
    assert f"the stop at {read(own['stop_price'])}, the target at {read(own['target_price'])}" in answered.message
    assert prices(town) == (own["stop_price"], own["target_price"])
    assert prices(town.enter()) == (own["stop_price"], own["target_price"])


def test_what_a_purchase_leaves_open_is_set_by_the_limits(town: Town) -> None:
    town.ask(K.PLACE_ORDER, ticket("BUY", "MARKET", "0.04", stop_price=near(town, "0.91")))
    entry = held(town).entry_price
    assert str(held(town).stop_price) == near(town, "0.91")
    assert held(town).target_price == (entry * Decimal("1.06")).quantize(Decimal("0.01"), "ROUND_DOWN")


@pytest.mark.parametrize(
    ("field", "factor", "words"), [("stop_price", "1.01", "must lie below"), ("target_price", "0.99", "must lie above")]
)
def test_a_purchase_whose_stop_or_target_is_on_the_wrong_side_is_refused(
    town: Town, field: str, factor: str, words: str
) -> None:
    refused = town.ask(K.PLACE_ORDER, ticket("BUY", "MARKET", "0.04", **{field: near(town, factor)}))
    assert (refused.state, words in refused.message) == (S.REFUSED, True)
    assert town.orders() == []


def test_a_limit_purchase_is_covered_by_its_own_stop_once_it_fills(town: Town) -> None:
    wanted = ticket("BUY", "LIMIT", "0.04", price=near(town, "0.999"), stop_price=near(town, "0.5"))
    town.ask(K.PLACE_ORDER, wanted)
    town.pass_bars(24)
    assert str(held(town).stop_price) == wanted["stop_price"]


def test_an_oco_replaces_the_protection(town: Town) -> None:
    town.buy("0.04")
    wanted = ticket("SELL", "OCO", "0.039", price=near(town, "1.2"), stop_price=near(town, "0.8"))
    answered = town.ask(K.PLACE_ORDER, wanted)
    assert (
        answered.message == f"BTCUSDT: the stop at {read(wanted['stop_price'])}, the target at {read(wanted['price'])}."
    )
    assert prices(town) == (wanted["stop_price"], wanted["price"])
    assert len(town.session.trader.book.orders) == 2


@pytest.mark.parametrize("kind", ["LIMIT", "TARGET"])
def test_a_target_keeps_the_stop_that_rests_beside_it(town: Town, kind: str) -> None:
    town.buy("0.04")
    before = held(town)
    town.ask(K.PLACE_ORDER, ticket("SELL", kind, "", price=near(town, "1.3")))
    assert held(town).stop_price == before.stop_price
    assert str(held(town).target_price) == near(town, "1.3")


def test_a_stop_ticket_stands_alone(town: Town) -> None:
    town.buy("0.04")
    town.ask(K.PLACE_ORDER, ticket("SELL", "STOP", "0.039", stop_price=near(town, "0.9")))
    assert prices(town) == (near(town, "0.9"), "None")


def test_a_stop_for_a_part_is_refused_because_it_would_leave_the_rest_bare(town: Town) -> None:
    town.buy("0.04")
    refused = town.ask(K.PLACE_ORDER, ticket("SELL", "STOP", "0.01", stop_price=near(town, "0.9")))
    assert refused.state is S.REFUSED
    assert "must be 0.039" in refused.message


@pytest.mark.parametrize(
    ("factor", "kind", "words"), [("1.1", "STOP", "would sell at once"), ("0.9", "LIMIT", "would fill at once")]
)
def test_a_stop_above_or_a_limit_below_the_price_is_refused(town: Town, factor: str, kind: str, words: str) -> None:
    town.buy("0.04")
    before = prices(town)
    name = "stop_price" if kind == "STOP" else "price"
    refused = town.ask(K.PLACE_ORDER, ticket("SELL", kind, "0.039", **{name: near(town, factor)}))
    assert (refused.state, words in refused.message) == (S.REFUSED, True)
    assert prices(town) == before


def test_a_moved_stop_keeps_its_target_and_stays_moved(town: Town) -> None:
    town.buy("0.04")
    before = held(town)
    moved = move(town, near(town, "0.98"))
    assert moved.message.startswith(f"BTCUSDT: the stop at {read(near(town, '0.98'))}, the target at")
    assert (str(held(town).stop_price), held(town).target_price) == (near(town, "0.98"), before.target_price)
    town.ask(K.PLACE_ORDER, ticket("SELL", "MARKET", "0.01"))
    assert str(held(town.enter()).stop_price) == near(town, "0.98")
    [stop] = town.session.trader.book.sleeve(MANUAL).orders(Purpose.STOP)
    assert stop.quantity == Decimal("0.029")


@pytest.mark.parametrize(
    ("stop", "words"),
    [("now", "would sell at once"), ("1e9", "out of range"), ("99999999", "would sell at once"), ("1.001", "multiple")],
)
def test_a_stop_that_would_sell_at_once_or_is_off_the_grid_moves_nothing(town: Town, stop: str, words: str) -> None:
    town.buy("0.04")
    before, orders = prices(town), town.orders()
    refused = move(town, near(town, "1") if stop == "now" else stop)
    assert (refused.state, words in refused.message) == (S.REFUSED, True)
    assert (prices(town), town.orders()) == (before, orders)


def test_a_stop_moved_to_where_it_lies_is_left_alone(town: Town) -> None:
    town.buy("0.04")
    orders = town.orders()
    assert move(town, str(held(town).stop_price)).state is S.DONE
    assert town.orders() == orders


def test_the_stop_of_a_models_position_can_be_moved_and_its_coins_sold(town: Town) -> None:
    sleeve_id = town.start_sleeve()
    town.ask(K.SWITCH_TRADING, {"on": True})
    town.pass_bars(2)
    assert move(town, near(town, "0.97"), sleeve_id).state is S.DONE
    assert str(held(town).stop_price) == near(town, "0.97")
    sold = town.ask(K.PLACE_ORDER, ticket("SELL", "MARKET", "0.001", sleeve_id=sleeve_id))
    assert sold.message.startswith("Sold 0.001 BTCUSDT")
    assert held(town).sleeve_id == sleeve_id


def test_a_stop_whose_cancel_is_not_confirmed_is_told_and_follows(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.buy("0.04")
    venue = town.session.trader.cycle.paper
    assert venue is not None

    def lost(orders: object) -> None:
        raise OrderOutcomeUnknown("no answer within 5 s")

    with monkeypatch.context() as broken:
        broken.setattr(venue, "cancel", lost)
        told = move(town, near(town, "0.98"))
    assert "has yet to confirm" in told.message
    assert [o.status for o in town.orders(Purpose.STOP)] == [OrderStatus.CANCELLING]
    town.session.trader.watch()
    assert str(held(town).stop_price) == near(town, "0.98")


def test_a_kill_between_the_move_and_its_answer_is_answered_not_repeated(town: Town) -> None:
    town.buy("0.04")
    move(town, near(town, "0.98"), key="click")
    answered = town.board.command("click")
    assert answered is not None
    orders = town.enter().orders()
    recalled = town.recalls[K.MOVE_STOP](answered)
    assert recalled is not None
    assert recalled.message == answered.message
    assert town.orders() == orders
