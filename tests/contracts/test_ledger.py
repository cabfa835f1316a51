"""The ledger: a step is written whole or not at all, nothing twice, every digit kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

from engine.domain.errors import LedgerError, Overfill, TradingHalted
from engine.domain.halt import HaltKind
from engine.domain.order import ExitReason, Order, OrderStatus, OrderType, Purpose
from engine.domain.signal import Signal
from engine.domain.trade import Trade
from engine.ports import Ledger, OrderUpdate
from tests.contracts.wall import (
    LONG_DECIMAL,
    NOON,
    PAPER,
    a_decision,
    a_fill,
    a_halt,
    a_mark,
    a_position,
    a_step,
    an_account,
    an_exit,
    an_order,
    hours,
    leased,
)


def a_trade(closed_at: datetime, profit: str = "-1.5") -> Trade:
    return Trade(
        account_id=PAPER, sleeve_id="s1", symbol="BTCUSDT", quantity=Decimal(1), opened_at=NOON, closed_at=closed_at,
        entry_price=Decimal(10), exit_price=Decimal(9), fees=Decimal("0.5"), profit=Decimal(profit),
        exit_reason=ExitReason.STOP,
    )  # fmt: skip


def changed(order: Order, status: OrderStatus, cause: str, filled: str = "0") -> OrderUpdate:
    after = replace(order, status=status, filled_quantity=Decimal(filled))
    return OrderUpdate(order=after, cause=cause, at=NOON)


def nothing_was_written(ledger: Ledger) -> bool:
    lists = (
        ledger.orders,
        ledger.fills,
        ledger.decisions,
        ledger.trades,
        ledger.positions,
        ledger.cursors,
        ledger.halts,
    )
    return not any(len(read(PAPER)) for read in lists) and ledger.last_mark(PAPER) is None


def test_everything_in_a_step_comes_back_as_it_went_in(ledger: Ledger) -> None:
    lease = leased(ledger)
    entry = an_order("aa1")
    stop = an_exit("aa2", type=OrderType.STOP, purpose=Purpose.STOP, stop_price=Decimal("58000.10"), list_id="oco1")
    ledger.commit(
        a_step(
            intents=[entry, stop], fills=[a_fill()], decisions=[a_decision()], trades=[a_trade(NOON)],
            positions=[a_position()], mark=a_mark(), cursors={"s1": NOON},
            updates=[changed(entry, OrderStatus.SENT, "sent")],
        ),
        lease,
    )  # fmt: skip
    assert ledger.orders(PAPER) == [replace(entry, status=OrderStatus.SENT), stop]
    assert ledger.fills(PAPER) == [a_fill()]
    assert ledger.decisions(PAPER) == [a_decision()]
    assert ledger.trades(PAPER) == [a_trade(NOON)]
    assert ledger.positions(PAPER) == [a_position()]
    assert ledger.last_mark(PAPER) == a_mark()
    assert ledger.cursors(PAPER) == {"s1": NOON}


def test_forty_digits_are_kept(ledger: Ledger) -> None:
    lease = leased(ledger)
    order = an_order(quantity=LONG_DECIMAL, price=LONG_DECIMAL, type=OrderType.LIMIT)
    ledger.commit(a_step(intents=[order], fills=[a_fill(quantity=str(LONG_DECIMAL), price=LONG_DECIMAL)]), lease)
    assert str(ledger.orders(PAPER)[0].price) == str(LONG_DECIMAL)
    assert str(ledger.fills(PAPER)[0].quantity) == str(LONG_DECIMAL)


@pytest.mark.parametrize("text", ["0.00000001", "1E-8", "1E+9", "-0.10", "0", "100.00"])
def test_an_amount_comes_back_equal(ledger: Ledger, text: str) -> None:
    ledger.open_account(an_account(cash=Decimal(text)))
    assert ledger.account(PAPER).cash == Decimal(text)


def test_moments_are_aware_utc_whatever_zone_they_came_in(ledger: Ledger) -> None:
    lease = leased(ledger)
    paris = datetime(2025, 4, 1, 14, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    ledger.commit(a_step(cursors={"s1": paris}), lease)
    read = ledger.cursors(PAPER)["s1"]
    assert read == NOON + timedelta(microseconds=123456)
    assert read.utcoffset() is not None


def test_a_repeated_fill_is_ignored(ledger: Ledger) -> None:
    lease = leased(ledger)
    ledger.commit(a_step(intents=[an_order()], fills=[a_fill("f1", quantity="2")]), lease)
    ledger.commit(a_step(fills=[a_fill("f1", quantity="2")]), lease)
    assert ledger.fills(PAPER) == [a_fill("f1", quantity="2")]


def test_a_fill_reported_twice_in_one_step_counts_once(ledger: Ledger) -> None:
    lease = leased(ledger)
    ledger.commit(a_step(intents=[an_order()], fills=[a_fill("f1", quantity="2")] * 2), lease)
    assert len(ledger.fills(PAPER)) == 1


def test_one_decision_per_sleeve_and_bar_the_first_counts(ledger: Ledger) -> None:
    lease = leased(ledger)
    ledger.commit(a_step(decisions=[a_decision()]), lease)
    again = a_decision(action=Signal.BUY, held_by=None, quantity=Decimal(1))
    ledger.commit(a_step(decisions=[again, a_decision(hours(1))]), lease)
    assert ledger.decisions(PAPER) == [a_decision(), a_decision(hours(1))]


def test_words_and_reasons_that_come_later_change_nothing_else_of_a_decision(ledger: Ledger) -> None:
    first = a_decision()
    assert first.prediction is not None
    wordless = tuple(replace(gate, detail="") for gate in first.gates)
    bare = replace(first, prediction=replace(first.prediction, reasons=(), contributions=None), gates=wordless)
    lease = leased(ledger)
    ledger.commit(a_step(decisions=(bare, a_decision(hours(1)))), lease)
    late = replace(first, action=Signal.BUY, held_by=None)
    ledger.commit(a_step(told=(late, replace(first, sleeve_id="of nobody"))), lease)
    assert list(ledger.decisions(PAPER)) == [first, a_decision(hours(1))]


def test_decisions_come_by_bar_close(ledger: Ledger) -> None:
    lease = leased(ledger)
    ledger.commit(a_step(decisions=[a_decision(hours(2)), a_decision(hours(1))]), lease)
    ledger.commit(a_step(decisions=[a_decision(hours(1), sleeve_id="s2", prediction=None)]), lease)
    read = ledger.decisions(PAPER)
    assert [(d.bar_close_at, d.sleeve_id) for d in read] == [(hours(1), "s1"), (hours(1), "s2"), (hours(2), "s1")]


def test_more_filled_than_ordered_is_refused_whole(ledger: Ledger) -> None:
    lease = leased(ledger)
    with pytest.raises(Overfill):
        ledger.commit(a_step(intents=[an_order()], fills=[a_fill(quantity="2.00000001")], mark=a_mark()), lease)
    assert nothing_was_written(ledger)


def test_fills_of_several_steps_add_up(ledger: Ledger) -> None:
    lease = leased(ledger)
    ledger.commit(a_step(intents=[an_order()], fills=[a_fill("f1", quantity="1.5")]), lease)
    with pytest.raises(Overfill):
        ledger.commit(a_step(fills=[a_fill("f2", quantity="0.3"), a_fill("f3", quantity="0.3")]), lease)
    ledger.commit(a_step(fills=[a_fill("f2", quantity="0.3"), a_fill("f3", quantity="0.2")]), lease)
    assert [fill.fill_id for fill in ledger.fills(PAPER)] == ["f1", "f2", "f3"]


def test_an_order_cannot_say_that_more_was_filled_than_ordered(ledger: Ledger) -> None:
    lease = leased(ledger)
    update = changed(an_order(), OrderStatus.FILLED, "filled", filled="3")
    with pytest.raises(Overfill):
        ledger.commit(a_step(intents=[an_order()], updates=[update]), lease)
    assert nothing_was_written(ledger)


def test_nothing_happens_to_an_order_without_an_intent(ledger: Ledger) -> None:
    lease = leased(ledger)
    with pytest.raises(LedgerError, match="aa1"):
        ledger.commit(a_step(updates=[changed(an_order(), OrderStatus.SENT, "sent")], mark=a_mark()), lease)
    with pytest.raises(LedgerError, match="aa1"):
        ledger.commit(a_step(fills=[a_fill()], mark=a_mark()), lease)
    assert nothing_was_written(ledger)


def test_an_intent_committed_again_is_the_same_order(ledger: Ledger) -> None:
    lease = leased(ledger)
    order = an_order()
    ledger.commit(a_step(intents=[order]), lease)
    ledger.commit(a_step(updates=[changed(order, OrderStatus.WORKING, "acknowledged")]), lease)
    ledger.commit(a_step(intents=[order]), lease)
    assert [o.status for o in ledger.orders(PAPER)] == [OrderStatus.WORKING]


def test_one_client_id_never_stands_for_two_orders(ledger: Ledger) -> None:
    lease = leased(ledger)
    ledger.commit(a_step(intents=[an_order()]), lease)
    with pytest.raises(LedgerError, match="two orders"):
        ledger.commit(a_step(intents=[an_order(quantity=Decimal(3))]), lease)


def test_open_orders_are_those_that_something_can_still_happen_to(ledger: Ledger) -> None:
    lease = leased(ledger)
    orders = [an_order(f"aa{i}") for i in range(len(OrderStatus))]
    updates = [changed(order, status, "test") for order, status in zip(orders, OrderStatus, strict=True)]
    ledger.commit(a_step(intents=orders, updates=updates), lease)
    assert [order.status for order in ledger.orders(PAPER)] == list(OrderStatus)
    working = [order.status for order in ledger.orders(PAPER, open_only=True)]
    assert working == [status for status in OrderStatus if not status.terminal]


def test_the_last_of_several_updates_in_a_step_stands(ledger: Ledger) -> None:
    lease = leased(ledger)
    order = an_order()
    sent, filled = changed(order, OrderStatus.SENT, "sent"), changed(order, OrderStatus.FILLED, "filled", "2")
    ledger.commit(a_step(intents=[order], updates=[sent, filled]), lease)
    assert ledger.orders(PAPER) == [filled.order]


@pytest.mark.parametrize("kind", list(HaltKind))
def test_no_entry_is_written_while_a_halt_or_a_pause_is_open(ledger: Ledger, kind: HaltKind) -> None:
    lease = leased(ledger)
    ledger.raise_halt(a_halt(kind=kind))
    with pytest.raises(TradingHalted):
        ledger.commit(a_step(intents=[an_order()], mark=a_mark()), lease)
    assert ledger.orders(PAPER) == []
    assert ledger.last_mark(PAPER) is None


def test_a_halt_in_the_same_step_stops_its_entries(ledger: Ledger) -> None:
    lease = leased(ledger)
    with pytest.raises(TradingHalted):
        ledger.commit(a_step(intents=[an_order()], halts=[a_halt("daily_loss")]), lease)
    assert nothing_was_written(ledger)


@pytest.mark.parametrize("purpose", [Purpose.EXIT, Purpose.STOP, Purpose.TARGET])
def test_exits_and_protection_go_on_under_a_halt(ledger: Ledger, purpose: Purpose) -> None:
    lease = leased(ledger)
    ledger.commit(a_step(intents=[an_order("aa1")]), lease)
    ledger.raise_halt(a_halt())
    # The entry is no new one: it was committed before the halt.
    ledger.commit(a_step(intents=[an_exit(purpose=purpose), an_order("aa1")], fills=[a_fill()]), lease)
    assert [order.client_id for order in ledger.orders(PAPER)] == ["aa1", "aa9"]


def test_a_halt_of_one_account_does_not_stop_another(ledger: Ledger) -> None:
    lease = leased(ledger)
    ledger.open_account(an_account("other"))
    ledger.raise_halt(a_halt(account_id="other"))
    ledger.commit(a_step(intents=[an_order()]), lease)
    assert len(ledger.orders(PAPER)) == 1


def test_after_the_reset_entries_are_written_again(ledger: Ledger) -> None:
    lease = leased(ledger)
    ledger.raise_halt(a_halt())
    assert ledger.clear_halts(PAPER, HaltKind.HALT, None, hours(1), "operator") == 1
    ledger.commit(a_step(intents=[an_order()]), lease)
    assert ledger.halts(PAPER) == []


def test_one_open_halt_per_cause(ledger: Ledger) -> None:
    ledger.open_account(an_account())
    assert ledger.raise_halt(a_halt("drawdown"))
    assert not ledger.raise_halt(a_halt("drawdown", detail="again"))
    assert ledger.raise_halt(a_halt("stale_data", HaltKind.PAUSE))
    assert [halt.cause for halt in ledger.halts(PAPER)] == ["drawdown", "stale_data"]
    ledger.clear_halts(PAPER, HaltKind.HALT, "drawdown", hours(1), "operator")
    assert ledger.raise_halt(a_halt("drawdown", raised_at=hours(2)))


def test_clearing_names_a_kind_and_perhaps_a_cause(ledger: Ledger) -> None:
    ledger.open_account(an_account())
    for cause, kind in (("a", HaltKind.PAUSE), ("b", HaltKind.PAUSE), ("c", HaltKind.HALT)):
        ledger.raise_halt(a_halt(cause, kind))
    assert ledger.clear_halts(PAPER, HaltKind.PAUSE, "a", hours(1), "engine") == 1
    assert ledger.clear_halts(PAPER, HaltKind.PAUSE, "c", hours(1), "engine") == 0
    assert ledger.clear_halts(PAPER, HaltKind.PAUSE, None, hours(1), "engine") == 1
    assert [halt.cause for halt in ledger.halts(PAPER)] == ["c"]


def test_a_halt_in_a_step_is_kept_once(ledger: Ledger) -> None:
    lease = leased(ledger)
    for _ in range(2):
        ledger.commit(a_step(halts=[a_halt("drawdown")]), lease)
    assert ledger.halts(PAPER) == [a_halt("drawdown")]


def test_positions_are_replaced_and_taken_away(ledger: Ledger) -> None:
    lease = leased(ledger)
    ledger.commit(a_step(positions=[a_position("s1"), a_position("s2")]), lease)
    more = a_position("s1", quantity=Decimal(5), stop_price=None)
    ledger.commit(a_step(positions=[more], closed_positions=[("s2", "BTCUSDT"), ("s3", "BTCUSDT")]), lease)
    assert ledger.positions(PAPER) == [more]


def test_a_position_closed_and_opened_again_in_one_step_is_open(ledger: Ledger) -> None:
    lease = leased(ledger)
    ledger.commit(a_step(positions=[a_position()]), lease)
    again = a_position(opened_at=hours(1))
    ledger.commit(a_step(positions=[again], closed_positions=[("s1", "BTCUSDT")]), lease)
    assert ledger.positions(PAPER) == [again]


def test_trades_come_in_the_order_they_closed(ledger: Ledger) -> None:
    lease = leased(ledger)
    ledger.commit(a_step(trades=[a_trade(hours(2)), a_trade(hours(1), "3")]), lease)
    ledger.commit(a_step(trades=[a_trade(hours(1), "4")]), lease)
    assert [trade.profit for trade in ledger.trades(PAPER)] == [Decimal(3), Decimal(4), Decimal("-1.5")]


def test_the_last_mark_is_the_newest(ledger: Ledger) -> None:
    lease = leased(ledger)
    assert ledger.last_mark(PAPER) is None
    for mark in (a_mark(hours(2), "3"), a_mark(hours(1), "2"), a_mark(hours(2), "4")):
        ledger.commit(a_step(mark=mark), lease)
    assert ledger.last_mark(PAPER) == a_mark(hours(2), "4")


def test_a_step_that_fails_at_its_end_leaves_nothing(ledger: Ledger) -> None:
    lease = leased(ledger)
    ok = {"intents": [an_order()], "decisions": [a_decision()], "cursors": {"s1": NOON}, "mark": a_mark()}
    stranger = a_position(account_id="other")
    with pytest.raises(LedgerError):
        ledger.commit(a_step(**ok, trades=[a_trade(NOON)], positions=[stranger]), lease)
    assert nothing_was_written(ledger)
