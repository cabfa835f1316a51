"""The trade page: tickets with their gates, open orders, positions, the dialog that moves a stop."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from engine.domain.command import CommandKind, CommandState
from engine.domain.order import OrderStatus, OrderType, Purpose, Side
from engine.ports import OrderUpdate, Step
from engine.queries.manual_gates import told
from tests.pages.conftest import Open
from tests.pages.full import ACCOUNT, SLEEVE, VIEW, D
from tests.pages.reading import assert_calm, figure, words
from tests.pages.scene import Scene


def test_two_clicks_at_once_are_one_order(full: Scene, show: Open) -> None:
    full.engine_says("Bought.")
    at = ticket(show("trade"), "0.001")
    at.button(key="ticket_send").click().run()
    at.button(key="ticket_send").click().run()
    assert [c.kind for c in full.board.asked] == [CommandKind.PLACE_ORDER]
    full.clock.at += timedelta(seconds=5)
    at.button(key="ticket_send").click().run()
    assert len(full.board.asked) == 2, "a later click is a new order"


def ticket(at: AppTest, quantity: str) -> AppTest:
    return at.text_input(key="ticket_quantity").set_value(quantity).run()


def test_a_ticket_says_what_it_costs_and_carries_what_was_seen(full: Scene, show: Open) -> None:
    full.engine_says("Bought.")
    at = ticket(show("trade"), "0.001")
    assert figure(at, "Notional") == "74.96 USDT"
    assert figure(at, "Fee") == "0.07 USDT"
    version = full.board.state_version()
    full.board.put_setting("somebody", "else")  # another tab changed something after this one was drawn
    at.button(key="ticket_send").click().run()
    assert full.last.state_version == version, "the engine can tell that the ticket is stale"
    assert full.last.payload == {
        "symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.001", "price": None, "stop_price": None,
        "target_price": None, "sleeve_id": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("quantity", "reason"),
    [
        ("", "type a number"),
        ("0.0000001", "is not a multiple"),
        ("0.00001", "below the venue's smallest order of 5.00"),
        ("9", "reduce the quantity"),
    ],
)
def test_an_impossible_ticket_cannot_be_sent(full: Scene, show: Open, quantity: str, reason: str) -> None:
    at = ticket(show("trade"), quantity)
    assert reason in words(at)
    assert at.button(key="ticket_send").disabled


def test_an_order_that_guards_a_position_cannot_be_cancelled_alone(full: Scene, show: Open) -> None:
    at = show("trade")
    assert "SELL 0.02997 BTCUSDT" in words(at)
    assert not [b for b in at.button if b.key in ("cancel_aastop", "cancel_aatarget")]
    full.engine_says("Sold.")
    at.button(key=f"close_{SLEEVE}").click().run()
    assert full.last.payload == {"sleeve_id": SLEEVE, "symbol": "BTCUSDT"}


def selling(at: AppTest, kind: str) -> AppTest:
    at = at.segmented_control(key="ticket_side").set_value(Side.SELL).run()
    return at.selectbox(key="ticket_kind_SELL").set_value(kind).run()


def test_every_gate_speaks_before_anything_is_sent(full: Scene, show: Open) -> None:
    at = ticket(show("trade"), "0.01")
    assert [e.label for e in at.expander if "risk gates" in e.label] == ["Checks and risk gates: 17 of 17 pass"]
    assert "**exposure** :gray[exposure would be" in words(at)
    assert not at.button(key="ticket_send").disabled
    full.beat(account_id=ACCOUNT, manual=told(replace(VIEW, halted_by="drawdown"), "BTCUSDT"))
    at.run()
    assert [e.label for e in at.expander if "risk gates" in e.label] == ["Checks and risk gates: 16 of 17 pass"]
    assert "halted by drawdown" in words(at)
    assert at.button(key="ticket_send").disabled


def test_a_purchase_may_bring_its_own_stop_and_target(full: Scene, show: Open) -> None:
    full.engine_says("Bought.")
    at = ticket(show("trade"), "0.01")
    assert at.text_input(key="ticket_own_stop").placeholder == "3.00 % below the fill"
    at.text_input(key="ticket_own_stop").set_value("70000").run()
    at.text_input(key="ticket_own_target").set_value("80,000").run()
    assert figure(at, "If the stop fills").startswith("−")
    assert figure(at, "If the target fills").startswith("+")
    at.button(key="ticket_send").click().run()
    assert (full.last.payload["stop_price"], full.last.payload["target_price"]) == ("70000", "80000")


def test_a_sale_names_whose_coins_it_sells_and_may_take_them_all(full: Scene, show: Open) -> None:
    full.engine_says("Sold.")
    at = selling(show("trade"), "MARKET")
    assert at.selectbox(key="ticket_from").options == ["first light v1 · 0.02997 BTC"]
    at.button(key="ticket_all").click().run()
    assert at.text_input(key="ticket_quantity").value == "0.02997"
    assert "No risk gate holds a sale back" in words(at)
    at.button(key="ticket_send").click().run()
    assert {"side": "SELL", "type": "MARKET", "quantity": "0.02997", "sleeve_id": SLEEVE}.items() <= (
        full.last.payload.items()
    )


@pytest.mark.parametrize(
    ("kind", "typed", "reason"),
    [
        ("STOP", {"ticket_stop": "90000"}, "must lie below the price now"),
        ("TARGET", {"ticket_price": "60000"}, "must lie above the price now"),
        ("LIMIT", {"ticket_price": ""}, "type a number above zero"),
        ("OCO", {"ticket_price": "90000", "ticket_stop": "70000.001"}, "is not a multiple"),
        ("OCO", {"ticket_price": "90000", "ticket_stop": "70000"}, None),
        ("TARGET", {"ticket_price": "90000"}, None),
    ],
)
def test_stops_and_targets_are_checked_and_guard_all_of_it(
    full: Scene, show: Open, kind: str, typed: dict[str, str], reason: str | None
) -> None:
    full.engine_says("Moved.")
    at = selling(show("trade"), kind)
    for key, value in typed.items():
        at.text_input(key=key).set_value(value).run()
    assert at.button(key="ticket_send").disabled == (reason is not None)
    if reason is not None:
        assert reason in words(at)
        return
    at.button(key="ticket_send").click().run()
    assert {"type": kind, "quantity": None, "sleeve_id": SLEEVE}.items() <= full.last.payload.items()


def test_what_is_not_held_cannot_be_sold(full: Scene, show: Open) -> None:
    at = show("trade").selectbox(key="ticket_symbol").set_value("ETHUSDT").run()
    at = selling(at, "MARKET")
    assert "No ETH is held here. Spot has no short" in words(at)
    assert at.button(key="ticket_send").disabled


def test_a_silent_engine_shuts_the_ticket_and_says_why(full: Scene, show: Open) -> None:
    full.clock.at += timedelta(minutes=5)
    at = ticket(show("trade"), "0.01")
    assert "**engine** :gray[not answering: is it running?]" in words(at)
    assert at.button(key="ticket_send").disabled


def test_a_stop_moves_by_a_dialog_that_keeps_what_was_typed_wrongly(full: Scene, show: Open) -> None:
    full.engine_says("BTCUSDT: the stop at 70000, the target at 79000.")
    at = show("trade")
    at.button(key=f"move_{SLEEVE}").click().run()
    assert "the target stays where it is" in words(at)
    at.text_input(key=f"stop_of_{SLEEVE}").set_value("90000")
    at.button(key="move_stop_send").click().run()
    assert "must lie below the price now" in words(at)
    assert not full.board.asked
    at.text_input(key=f"stop_of_{SLEEVE}").set_value("70000")
    at.button(key="move_stop_send").click().run()
    assert full.last.kind is CommandKind.MOVE_STOP
    assert full.last.payload == {"sleeve_id": SLEEVE, "stop_price": "70000"}
    assert full.last.state_version is None, "a way out of risk is never refused as stale"
    at.run()
    assert "the target stays where it is" not in words(at), "the dialog is closed"
    assert "the stop at 70000" in words(at)


def test_an_order_in_doubt_and_a_bare_position_are_said_as_they_are(full: Scene, show: Open) -> None:
    lease = full.ledger.take_lease(f"trade:{ACCOUNT}", "engine-1", full.clock.at, 3600)
    assert lease is not None
    resting = {o.client_id: o for o in full.ledger.orders(ACCOUNT)}
    limit = replace(
        resting["aatarget"], client_id="aalimit", side=Side.BUY, type=OrderType.LIMIT, purpose=Purpose.ENTRY,
        quantity=D("0.01"), list_id=None, status=OrderStatus.INTENT,
    )  # fmt: skip
    unknown = OrderUpdate(order=replace(limit, status=OrderStatus.UNKNOWN), cause="no answer", at=full.clock.at)
    bare = replace(full.ledger.positions(ACCOUNT)[0], stop_price=None, target_price=None)
    full.ledger.commit(
        Step(account_id=ACCOUNT, at=full.clock.at, intents=[limit], updates=[unknown], positions=[bare]), lease
    )
    at = show("trade")
    assert "not answered: it is looked up by its id" in words(at)
    assert ":red[**no stop**], no target" in words(at)
    full.engine_says("The cancel of it is on its way.")
    at.button(key="cancel_aalimit").click().run()
    assert full.last.payload == {"client_id": "aalimit"}


def test_what_the_engine_could_not_finish_is_told_in_its_words(full: Scene, show: Open) -> None:
    full.engine_says("1 closed; 1 still wait for a price or the exchange: BTCUSDT (by hand).", CommandState.DONE)
    at = show("trade")
    at.button(key="flatten").click().run()
    assert_calm(at)
    assert "1 still wait" in words(at)
