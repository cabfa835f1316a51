"""Manual trading: tickets, cancels, closes, flatten. One click sends one order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.domain.command import CommandKind, CommandState
from engine.domain.errors import LeaseLost
from engine.domain.halt import Halt, HaltKind
from engine.domain.order import Order, OrderStatus, Purpose
from engine.ports import OrderReport, Step
from tests.autotrader.abroad import silence
from tests.autotrader.town import ACCOUNT, Town

K, S = CommandKind, CommandState
MANUAL = f"{ACCOUNT}-manual-BTCUSDT"


def ticket(side: str, kind: str, quantity: str, **prices: str) -> dict[str, str]:
    return {"symbol": "BTCUSDT", "side": side, "type": kind, "quantity": quantity, **prices}


def price(town: Town) -> Decimal:
    quote = town.session.price("BTCUSDT")
    assert quote is not None
    return quote.bid


def near(town: Town, factor: str) -> str:
    return str((price(town) * Decimal(factor)).quantize(Decimal("0.01")))


def test_a_market_buy_is_covered_at_once_by_the_limits_stop_and_target(town: Town) -> None:
    town.buy("0.04")
    [position] = town.positions()
    assert position.sellable == Decimal("0.039")
    assert position.stop_price is not None
    assert position.stop_price < position.entry_price < (position.target_price or 0)


def test_a_market_sale_of_a_part_keeps_the_rest_covered(town: Town) -> None:
    town.buy("0.04")
    answered = town.ask(K.PLACE_ORDER, ticket("SELL", "MARKET", "0.01"))
    assert answered.message.startswith("Sold 0.01 BTCUSDT")
    [stop] = [o for o in town.session.trader.book.orders.values() if o.purpose is Purpose.STOP]
    assert stop.quantity == Decimal("0.029")


def test_more_than_is_held_cannot_be_sold(town: Town) -> None:
    town.buy("0.04")
    refused = town.ask(K.PLACE_ORDER, ticket("SELL", "MARKET", "0.04"))
    assert (refused.state, "spot has no short" in refused.message) == (S.REFUSED, True)
    assert len(town.ledger.fills(ACCOUNT)) == 1
    assert all(p.covered for p in town.positions())


def test_a_second_sale_cannot_promise_the_same_coins(town: Town) -> None:
    town.buy("0.04")
    del town.market.series[next(k for k in town.market.series if k[0] == "BTCUSDT")]
    town.forward(timedelta(minutes=10))  # no price of this moment: sales wait
    town.ask(K.CLOSE_POSITION, {"sleeve_id": MANUAL})
    again = town.ask(K.CLOSE_POSITION, {"sleeve_id": MANUAL})
    assert again.state is S.DONE
    assert len(town.orders(Purpose.EXIT)) == 1


def test_a_limit_buy_rests_reserves_its_money_and_can_be_cancelled(town: Town) -> None:
    answered = town.ask(K.PLACE_ORDER, ticket("BUY", "LIMIT", "0.04", price=near(town, "0.5")))
    assert "open orders" in answered.message
    [order] = town.orders(Purpose.ENTRY)
    assert order.status is OrderStatus.WORKING
    free = town.session.trader.book.free_cash()
    assert free < town.session.trader.book.portfolio.cash
    cancelled = town.ask(K.CANCEL_ORDER, {"client_id": order.client_id})
    assert cancelled.message.startswith("Cancelled: BUY 0.04 BTCUSDT")
    assert town.session.trader.book.free_cash() == town.session.trader.book.portfolio.cash


def test_a_limit_buy_fills_in_a_later_bar_and_is_covered(town: Town) -> None:
    town.ask(K.PLACE_ORDER, ticket("BUY", "LIMIT", "0.04", price=near(town, "0.999")))
    town.pass_bars(24)
    [order] = town.orders(Purpose.ENTRY)
    assert order.status is OrderStatus.FILLED
    assert all(p.covered for p in town.positions())
    assert town.orders(Purpose.STOP)


def test_the_limits_count_what_was_bought_since_the_last_close(town: Town) -> None:
    town.ask(K.SET_LIMITS, {"limits": {"max_position_ratio": "1", "max_correlation": "1"}})
    for symbol, quantity in (("BTCUSDT", "0.04"), ("ETHUSDT", "0.80")) * 3:
        last = town.buy(quantity, symbol)
    assert last.state is S.REFUSED
    assert "max_exposure_ratio" in last.message


def test_the_limits_count_orders_that_wait(town: Town) -> None:
    for _ in range(5):
        town.ask(K.PLACE_ORDER, ticket("BUY", "LIMIT", "0.08", price=near(town, "0.5")))
    refused = town.ask(K.PLACE_ORDER, ticket("BUY", "LIMIT", "0.08", price=near(town, "0.5")))
    assert refused.state is S.REFUSED


def test_a_halt_refuses_buys_and_lets_sales_through(town: Town) -> None:
    town.buy("0.04")
    town.ask(K.HALT)
    refused = town.buy("0.01")
    assert (refused.state, "halted by operator" in refused.message) == (S.REFUSED, True)
    assert town.ask(K.CLOSE_POSITION, {"sleeve_id": MANUAL}).message.startswith("Sold 0.039")


def test_a_halt_cancels_buys_that_wait(town: Town) -> None:
    town.ask(K.PLACE_ORDER, ticket("BUY", "LIMIT", "0.04", price=near(town, "0.9")))
    assert town.ask(K.HALT).message.endswith("Exits and stops go on. Waiting entries: 1 order cancelled.")
    assert town.session.trader.book.orders == {}


def test_a_halt_says_which_cancels_are_not_confirmed(town: Town) -> None:
    town.ask(K.PLACE_ORDER, ticket("BUY", "LIMIT", "0.04", price=near(town, "0.9")))
    silence(town)
    said = town.ask(K.HALT).message
    assert "Waiting entries: 0 orders cancelled, 1 left: the exchange has not confirmed yet" in said


def test_a_halt_between_check_and_commit_sends_nothing(town: Town) -> None:
    """The button is pressed while the ticket is being checked: nothing is committed, so nothing may be sent."""
    desk = town.session.trader.cycle.desk
    real = desk.commit

    def halted_first(draft: object) -> None:
        town.ledger.raise_halt(
            Halt(account_id=ACCOUNT, kind=HaltKind.HALT, cause="operator", detail="button", raised_at=town.clock.now())
        )
        real(draft)  # type: ignore[arg-type]

    desk.commit = halted_first  # type: ignore[method-assign]
    refused = town.buy("0.04")
    desk.commit = real  # type: ignore[method-assign]
    assert refused.state is S.REFUSED
    assert town.session.trader.book.orders == {}
    town.session.trader.watch()
    town.pass_bars()
    assert town.orders() == []
    assert town.ledger.fills(ACCOUNT) == []


def test_an_order_that_a_crash_left_without_an_answer_is_answered_not_repeated(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.buy("0.04", key="click")
    answered = town.board.command("click")
    assert answered is not None
    town.enter()
    venue = town.session.trader.cycle.paper
    assert venue is not None
    monkeypatch.setattr(venue, "place", lambda orders: pytest.fail(f"sent again: {orders}"))
    place = town.office._doers[K.PLACE_ORDER]  # what a second answer would call
    assert place(answered).message.startswith("Bought 0.04")
    assert len(town.ledger.fills(ACCOUNT)) == 1
    assert len(town.orders(Purpose.ENTRY)) == 1


def test_a_protecting_order_cannot_be_cancelled(town: Town) -> None:
    town.buy("0.04")
    [stop] = town.orders(Purpose.STOP)
    refused = town.ask(K.CANCEL_ORDER, {"client_id": stop.client_id})
    assert (refused.state, "never be without a stop" in refused.message) == (S.REFUSED, True)


def test_every_intent_of_a_ticket_is_in_the_ledger_before_the_venue_hears_of_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    venue = town.session.trader.cycle.paper
    assert venue is not None
    real = venue.place

    def place(orders: Sequence[Order]) -> Sequence[OrderReport]:
        committed = {o.client_id for o in town.ledger.orders(ACCOUNT)}
        assert {o.client_id for o in orders} <= committed
        seen.extend(o.client_id for o in orders)
        return real(orders)

    monkeypatch.setattr(venue, "place", place)
    town.buy("0.04")
    town.ask(K.CLOSE_POSITION, {"sleeve_id": MANUAL})
    assert len(seen) == len(set(seen)) == 4  # entry, stop, target, exit


def test_a_step_that_cannot_be_written_is_not_sent(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(_ledger: object, _step: Step, _lease: object) -> None:
        raise LeaseLost("another process trades here")

    monkeypatch.setattr(type(town.ledger), "commit", lost)
    with pytest.raises(LeaseLost):
        town.buy("0.04")
    assert town.orders() == []
