"""Cancel, close and flatten, also while a part of the venue fails: what is done, what is left, and going on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.domain.command import CommandKind, CommandState
from engine.domain.errors import OrderOutcomeUnknown, VenueUnavailable
from engine.domain.order import ExitReason, Order, Purpose
from engine.ports import OrderReport
from tests.autotrader.test_desk_work import MANUAL, near, ticket
from tests.autotrader.town import ACCOUNT, Town

K, S = CommandKind, CommandState
FAILURES = pytest.mark.parametrize(
    "error",
    [OrderOutcomeUnknown("HTTP 502 without a body"), VenueUnavailable("no connection")],
    ids=["unknown", "away"],
)


@contextmanager
def failing(town: Town, symbol: str, error: Exception) -> Iterator[None]:
    """The venue does not confirm a cancel in `symbol`."""
    venue = town.session.trader.cycle.paper
    assert venue is not None
    real = venue.cancel

    def broken(orders: Sequence[Order]) -> Sequence[OrderReport]:
        if orders[0].symbol == symbol:
            raise error
        return real(orders)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(venue, "cancel", broken)
        yield


def test_cancel_all_leaves_the_stops(town: Town) -> None:
    town.buy("0.04")
    for factor in ("0.5", "0.6"):
        town.ask(K.PLACE_ORDER, ticket("BUY", "LIMIT", "0.005", price=near(town, factor)))
    assert town.ask(K.CANCEL_ALL).message == "2 orders cancelled. Stops of open positions stay."
    assert {o.purpose for o in town.session.trader.book.orders.values()} == {Purpose.STOP, Purpose.TARGET}
    assert town.ask(K.CANCEL_ALL).message.startswith("0 orders")


def test_flatten_sells_everything_and_leaves_no_order(town: Town) -> None:
    town.buy("0.04")
    town.buy("0.80", "ETHUSDT")
    assert town.ask(K.FLATTEN).message == "Flat: 2 positions closed, open orders cancelled."
    assert town.positions() == []
    assert town.session.trader.book.orders == {}
    assert {t.exit_reason for t in town.ledger.trades(ACCOUNT)} == {ExitReason.OPERATOR}
    assert town.ask(K.FLATTEN).message.startswith("Flat: 0 positions")


def test_flatten_sells_what_has_a_price_and_the_rest_at_its_next_one(town: Town) -> None:
    town.buy("0.04")
    town.buy("0.80", "ETHUSDT")
    key = next(k for k in town.market.series if k[0] == "BTCUSDT")
    gone = town.market.series.pop(key)
    town.forward(timedelta(minutes=10))
    answered = town.ask(K.FLATTEN)
    assert answered.state is S.DONE
    assert "1 closed; 1 still wait" in answered.message
    assert [p.symbol for p in town.positions()] == ["BTCUSDT"]
    town.market.series[key] = gone
    town.forward(timedelta(hours=1))
    town.session.trader.watch()
    assert town.positions() == []


@FAILURES
def test_cancel_all_says_what_is_left_and_a_second_press_goes_on(town: Town, error: Exception) -> None:
    for symbol, quantity in (("BTCUSDT", "0.02"), ("ETHUSDT", "0.50")):
        price = town.session.price(symbol)
        assert price is not None
        limit = str((price.bid / 2).quantize(price.bid))
        town.ask(K.PLACE_ORDER, ticket("BUY", "LIMIT", quantity, price=limit) | {"symbol": symbol})
    with failing(town, "BTCUSDT", error):
        told = town.ask(K.CANCEL_ALL)
    assert told.message.startswith("1 order cancelled, 1 left: the exchange has not confirmed yet")
    assert [o.symbol for o in town.session.trader.book.orders.values()] == ["BTCUSDT"]
    assert town.ask(K.CANCEL_ALL).message.startswith("1 order cancelled. Stops")
    assert town.session.trader.book.orders == {}


@FAILURES
def test_flatten_closes_what_it_can_names_the_rest_and_goes_on_when_pressed_again(town: Town, error: Exception) -> None:
    town.buy("0.04")
    town.buy("0.80", "ETHUSDT")
    with failing(town, "BTCUSDT", error):
        told = town.ask(K.FLATTEN)
    assert told.message.startswith("1 closed; 1 still wait for a price or the exchange: BTCUSDT (by hand)")
    assert [p.symbol for p in town.positions()] == ["BTCUSDT"]
    assert town.ask(K.FLATTEN).state is S.DONE
    assert town.positions() == []
    assert len(town.orders(Purpose.EXIT)) == 2, "the sale under way was not asked for twice"


@FAILURES
def test_flatten_sells_what_a_waiting_sale_of_a_part_leaves(town: Town, error: Exception) -> None:
    town.buy("0.04")
    with failing(town, "BTCUSDT", error):
        town.ask(K.PLACE_ORDER, ticket("SELL", "MARKET", "0.01"))
        town.ask(K.FLATTEN)
    assert [o.quantity for o in town.orders(Purpose.EXIT)] == [Decimal("0.010"), Decimal("0.029")]
    town.session.trader.watch()
    assert town.positions() == []


def test_a_closed_position_is_answered_not_sold_again_where_the_answer_was_lost(town: Town) -> None:
    town.buy("0.04")
    closed = town.ask(K.CLOSE_POSITION, {"sleeve_id": MANUAL}, key="click")
    recalled = town.recalls[K.CLOSE_POSITION](closed)
    assert recalled is not None
    assert recalled.message == closed.message
    assert recalled.message.startswith("Sold 0.039 BTCUSDT")
