"""Every refusal of an order, word for word; none of them changes anything."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.exchange.client import Trader
from tests.exchange.exchange import Exchange
from tests.exchange.listing import BTCUSDT

LIMIT = {"type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01", "price": "49000"}
MARKET = {"type": "MARKET", "quantity": "0.01"}
STOP = {"type": "STOP_LOSS", "quantity": "0.01", "stopPrice": "51000"}


@pytest.fixture
def trader() -> Trader:
    exchange = Exchange.quoted()
    return Trader(exchange, exchange.open_account())


@pytest.mark.parametrize(
    ("wanted", "code", "message"),
    [
        (LIMIT | {"price": "49000.001"}, -1013, "Filter failure: PRICE_FILTER"),
        (LIMIT | {"price": "9000"}, -1013, "Filter failure: PERCENT_PRICE_BY_SIDE"),
        (LIMIT | {"quantity": "0.010001"}, -1013, "Filter failure: LOT_SIZE"),
        (LIMIT | {"quantity": "9001"}, -1013, "Filter failure: LOT_SIZE"),
        (LIMIT | {"quantity": "0.0001"}, -1013, "Filter failure: NOTIONAL"),
        (LIMIT | {"quantity": "5", "icebergQty": "0.00001"}, -1013, "Filter failure: ICEBERG_PARTS"),
        (MARKET | {"quantity": "200"}, -1013, "Filter failure: MARKET_LOT_SIZE"),
        (MARKET | {"quantity": "0.00009"}, -1013, "Filter failure: NOTIONAL"),
        (STOP | {"stopPrice": "51000.005"}, -1013, "Filter failure: PRICE_FILTER"),
        (STOP | {"stopPrice": "49000"}, -2010, "Order would trigger immediately."),
        (LIMIT | {"quantity": "1"}, -2010, "Account has insufficient balance for requested action."),
        (MARKET | {"quantity": "1"}, -2010, "Account has insufficient balance for requested action."),
        (MARKET | {"side": "SELL"}, -2010, "Account has insufficient balance for requested action."),
        ({"type": "LIMIT_MAKER", "quantity": "0.01", "price": "50001"}, -2010,
         "Order would immediately match and take."),
        (LIMIT | {"quantity": "0.000000001"}, -1111, "Parameter 'quantity' has too much precision."),
        (MARKET | {"quantity": "1e-05"}, -1100,
         r"Illegal characters found in parameter 'quantity'; legal range is '^([0-9]{1,20})(\.[0-9]{1,20})?$'."),
        (LIMIT | {"newClientOrderId": "a" * 37}, -1100,
         "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[a-zA-Z0-9-_]{1,36}$'."),
        ({"type": "LIMIT", "quantity": "1", "price": "1"}, -1102,
         "Mandatory parameter 'timeInForce' was not sent, was empty/null, or malformed."),
        (MARKET | {"price": "49000"}, -1106, "Parameter 'price' sent when not required."),
        (MARKET | {"timeInForce": "GTC"}, -1106, "Parameter 'timeInForce' sent when not required."),
        (STOP | {"price": "49000"}, -1106, "Parameter 'price' sent when not required."),
        (LIMIT | {"timeInForce": "GTD"}, -1115, "Invalid timeInForce."),
        (LIMIT | {"type": "LIMITED"}, -1116, "Invalid orderType."),
        (LIMIT | {"side": "HOLD"}, -1117, "Invalid side."),
        (LIMIT | {"symbol": "NOSUCH"}, -1121, "Invalid symbol."),
        (LIMIT | {"quantity": "0"}, -1013, "Invalid quantity."),
        (LIMIT | {"selfTradePreventionMode": "NONE"}, -1013,
         "This symbol does not allow the specified self-trade prevention mode."),
    ],
)  # fmt: skip
def test_an_order_is_refused(trader: Trader, wanted: dict[str, str], code: int, message: str) -> None:
    for path in ("order", "order/test"):
        trader.ask("POST", path, **{"symbol": "BTCUSDT", "side": "BUY"} | wanted)
        assert trader.refused() == (400, code, message)
    truth = trader.exchange.truth(trader.account)
    assert not truth.orders
    assert truth.locked["USDT"] == 0


def test_a_test_order_changes_nothing(trader: Trader) -> None:
    assert trader.ask("POST", "order/test", symbol="BTCUSDT", side="BUY", **MARKET) == {}
    body = trader.ask("POST", "order/test", symbol="BTCUSDT", side="BUY", computeCommissionRates="true", **MARKET)
    assert body["standardCommissionForOrder"] == {"maker": "0.00100000", "taker": "0.00100000"}
    assert not trader.exchange.truth(trader.account).orders


def test_ids_are_unique_among_open_orders_only(trader: Trader) -> None:
    first = trader.order("BUY", "LIMIT", **_named(LIMIT), newClientOrderId="same")
    trader.order("BUY", "LIMIT", **_named(LIMIT), newClientOrderId="same")
    assert trader.refused() == (400, -2010, "Duplicate order sent.")
    trader.cancel(origClientOrderId="same")
    second = trader.order("BUY", "LIMIT", **_named(LIMIT), newClientOrderId="same")
    assert second["orderId"] > first["orderId"]
    assert trader.get("order", symbol="BTCUSDT", origClientOrderId="same")["orderId"] == second["orderId"]


def _named(wanted: dict[str, str]) -> dict[str, Any]:
    return {name: value for name, value in wanted.items() if name != "type"}


def test_five_stops_a_symbol(trader: Trader) -> None:
    for _ in range(5):
        trader.order("BUY", "STOP_LOSS", quantity="0.001", stopPrice="51000")
    trader.order("BUY", "STOP_LOSS", quantity="0.001", stopPrice="51000")
    assert trader.refused() == (400, -1013, "Filter failure: MAX_NUM_ALGO_ORDERS")


def test_a_halted_symbol_takes_no_order_and_trades_nothing(trader: Trader) -> None:
    order = trader.order("BUY", "LIMIT", **_named(LIMIT))
    trader.exchange.halt("BTCUSDT")
    trader.order("BUY", "LIMIT", **_named(LIMIT))
    assert trader.refused() == (400, -2010, "Market is closed.")
    trader.exchange.move("BTCUSDT", Decimal(48000))
    assert trader.get("order", symbol="BTCUSDT", orderId=order["orderId"])["status"] == "NEW"
    assert trader.cancel(orderId=order["orderId"])["status"] == "CANCELED"


def test_filters_change_while_it_runs(trader: Trader) -> None:
    trader.exchange.relist(replace(BTCUSDT, lot=Decimal("0.001"), min_notional=Decimal(100)))
    trader.order("BUY", "LIMIT", **_named(LIMIT | {"quantity": "0.0105"}))
    assert trader.refused() == (400, -1013, "Filter failure: LOT_SIZE")
    trader.order("BUY", "LIMIT", **_named(LIMIT | {"quantity": "0.001"}))
    assert trader.refused() == (400, -1013, "Filter failure: NOTIONAL")


def test_lookups_and_cancels_that_find_nothing(trader: Trader) -> None:
    trader.get("order", symbol="BTCUSDT", orderId=1)
    assert trader.refused() == (400, -2013, "Order does not exist.")
    trader.get("order", symbol="BTCUSDT")
    message = "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"
    assert trader.refused() == (400, -1102, message)
    trader.cancel(orderId=1)
    assert trader.refused() == (400, -2011, "Unknown order sent.")
    trader.order("BUY", "LIMIT", **_named(LIMIT), newClientOrderId="a")
    trader.cancel(origClientOrderId="a", cancelRestrictions="ONLY_PARTIALLY_FILLED")
    assert trader.refused() == (400, -2011, "Order was not canceled due to cancel restrictions.")


def test_cancel_and_replace(trader: Trader) -> None:
    old = trader.order("BUY", "LIMIT", **_named(LIMIT))
    wanted = {"symbol": "BTCUSDT", "side": "BUY"} | LIMIT | {"price": "49500"}
    replaced = {"cancelReplaceMode": "STOP_ON_FAILURE", "cancelOrderId": old["orderId"]}
    body = trader.ask("POST", "order/cancelReplace", **wanted, **replaced)
    assert (body["cancelResponse"]["status"], body["newOrderResponse"]["status"]) == ("CANCELED", "NEW")
    body = trader.ask("POST", "order/cancelReplace", **wanted, **replaced)
    assert (trader.last.status, body["code"], body["data"]["newOrderResult"]) == (400, -2022, "NOT_ATTEMPTED")
    body = trader.ask(
        "POST", "order/cancelReplace", **wanted, cancelReplaceMode="ALLOW_FAILURE", cancelOrderId=old["orderId"]
    )
    assert (trader.last.status, body["code"], body["data"]["cancelResult"]) == (409, -2021, "FAILURE")
