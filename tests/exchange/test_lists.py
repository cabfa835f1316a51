"""Order lists, worked out by hand: OCO, OTO, OTOCO, and what a part of them means for the rest."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.exchange.client import Trader
from tests.exchange.exchange import Exchange

D = Decimal
OCO = {
    "symbol": "BTCUSDT", "side": "SELL", "quantity": "0.1", "aboveType": "LIMIT_MAKER", "abovePrice": "52000",
    "belowType": "STOP_LOSS", "belowStopPrice": "48000", "listClientOrderId": "list-1",
    "aboveClientOrderId": "target-1", "belowClientOrderId": "stop-1",
}  # fmt: skip
OTOCO = {
    "symbol": "BTCUSDT", "workingType": "LIMIT", "workingSide": "BUY", "workingTimeInForce": "FOK",
    "workingQuantity": "0.1", "workingPrice": "50100", "workingClientOrderId": "entry-1", "listClientOrderId": "list-1",
    "pendingSide": "SELL", "pendingQuantity": "0.0999", "pendingAboveType": "LIMIT_MAKER",
    "pendingAbovePrice": "52000", "pendingAboveClientOrderId": "target-1", "pendingBelowType": "STOP_LOSS",
    "pendingBelowStopPrice": "48000", "pendingBelowClientOrderId": "stop-1",
}  # fmt: skip


@pytest.fixture
def trader() -> Trader:
    exchange = Exchange.quoted()
    return Trader(exchange, exchange.open_account("main", {"USDT": "10000", "BTC": "1"}))


@pytest.fixture
def poor() -> Trader:
    """No coins but what it buys."""
    exchange = Exchange.quoted()
    return Trader(exchange, exchange.open_account("main", {"USDT": "10000", "BTC": "0"}))


def statuses(trader: Trader) -> dict[str, str]:
    return {order.client_id: order.status for order in trader.exchange.truth(trader.account).orders}


def locked(trader: Trader, asset: str) -> Decimal:
    return trader.exchange.truth(trader.account).locked[asset]


def test_both_legs_of_an_oco_lock_the_coins_once(trader: Trader) -> None:
    body = trader.ask("POST", "orderList/oco", **OCO)
    assert (body["contingencyType"], body["listStatusType"], body["listOrderStatus"]) == (
        "OCO", "EXEC_STARTED", "EXECUTING",
    )  # fmt: skip
    assert [report["type"] for report in body["orderReports"]] == ["STOP_LOSS", "LIMIT_MAKER"]
    assert [report["workingTime"] for report in body["orderReports"]] == [-1, trader.exchange.now_ms]
    assert locked(trader, "BTC") == D("0.1")
    assert len(trader.get("openOrders", symbol="BTCUSDT")) == 2
    assert [row["listClientOrderId"] for row in trader.get("openOrderList")] == ["list-1"]


def test_a_part_of_the_target_takes_the_stop_away(trader: Trader) -> None:
    trader.ask("POST", "orderList/oco", **OCO)
    trader.exchange.trade_through("BTCUSDT", D(52000), D("0.03"))
    assert statuses(trader) == {"stop-1": "EXPIRED", "target-1": "PARTIALLY_FILLED"}
    assert locked(trader, "BTC") == D("0.07")
    trader.exchange.trade_through("BTCUSDT", D(52000))
    assert statuses(trader)["target-1"] == "FILLED"
    assert locked(trader, "BTC") == 0
    assert trader.get("orderList", origClientOrderId="list-1")["listOrderStatus"] == "ALL_DONE"


def test_a_triggered_stop_takes_the_target_away(trader: Trader) -> None:
    trader.ask("POST", "orderList/oco", **OCO)
    trader.exchange.move("BTCUSDT", D(47990))
    assert statuses(trader) == {"stop-1": "FILLED", "target-1": "EXPIRED"}
    (fill,) = trader.exchange.truth(trader.account).fills
    assert (fill.client_id, fill.price, fill.quantity) == ("stop-1", D("47989.99"), D("0.1"))


def test_a_stop_that_finds_too_little_expires_with_fills_and_the_target_is_gone(trader: Trader) -> None:
    trader.ask("POST", "orderList/oco", **OCO)
    trader.exchange.thin("BTCUSDT", D("0.4"))
    trader.exchange.move("BTCUSDT", D(47990))
    truth = trader.exchange.truth(trader.account)
    stop = truth.order("stop-1")
    assert stop is not None
    assert (stop.status, stop.executed) == ("EXPIRED", D("0.04"))
    assert statuses(trader)["target-1"] == "EXPIRED"
    assert (truth.free["BTC"], truth.locked["BTC"]) == (D("0.96"), D(0))


def test_cancelling_one_leg_cancels_the_list(trader: Trader) -> None:
    trader.ask("POST", "orderList/oco", **OCO)
    body = trader.cancel(origClientOrderId="stop-1", newClientOrderId="away")
    assert {report["origClientOrderId"]: report["status"] for report in body["orderReports"]} == {
        "stop-1": "CANCELED", "target-1": "CANCELED",
    }  # fmt: skip
    assert {report["clientOrderId"] for report in body["orderReports"]} == {"away"}
    assert locked(trader, "BTC") == 0
    trader.cancel(origClientOrderId="target-1")
    assert trader.refused() == (400, -2011, "Unknown order sent.")


def test_a_filled_entry_brings_its_protection(poor: Trader) -> None:
    body = poor.ask("POST", "orderList/otoco", **OTOCO)
    assert body["contingencyType"] == "OTO"
    assert [(r["clientOrderId"], r["status"]) for r in body["orderReports"]] == [
        ("entry-1", "FILLED"), ("stop-1", "PENDING_NEW"), ("target-1", "PENDING_NEW"),
    ]  # fmt: skip
    assert statuses(poor) == {"entry-1": "FILLED", "stop-1": "NEW", "target-1": "NEW"}
    assert locked(poor, "BTC") == D("0.0999")
    poor.exchange.move("BTCUSDT", D(52001))
    assert statuses(poor) == {"entry-1": "FILLED", "stop-1": "EXPIRED", "target-1": "FILLED"}


def test_protection_larger_than_what_the_fee_left_never_goes_live(poor: Trader) -> None:
    poor.ask("POST", "orderList/otoco", **OTOCO | {"pendingQuantity": "0.1"})
    assert statuses(poor) == {"entry-1": "FILLED", "stop-1": "EXPIRED", "target-1": "EXPIRED"}


def test_an_entry_that_misses_takes_all_with_it(poor: Trader) -> None:
    body = poor.ask("POST", "orderList/otoco", **OTOCO | {"workingPrice": "49900"})
    assert {report["status"] for report in body["orderReports"]} == {"EXPIRED"}
    assert body["listClientOrderId"] is None
    assert poor.exchange.truth(poor.account).free["USDT"] == 10000


def test_a_part_of_a_resting_entry_has_no_protection_yet(poor: Trader) -> None:
    wanted = OTOCO | {"workingTimeInForce": "GTC", "workingPrice": "49900"}
    poor.ask("POST", "orderList/otoco", **wanted)
    poor.exchange.trade_through("BTCUSDT", D(49900), D("0.06"))
    assert statuses(poor) == {"entry-1": "PARTIALLY_FILLED", "stop-1": "PENDING_NEW", "target-1": "PENDING_NEW"}
    assert len(poor.get("openOrders", symbol="BTCUSDT")) == 3
    poor.ask("DELETE", "orderList", symbol="BTCUSDT", listClientOrderId="list-1")
    assert set(statuses(poor).values()) == {"CANCELED"}
    assert poor.exchange.truth(poor.account).free["BTC"] == D("0.05994")


def test_a_pending_stop_that_the_market_has_passed_sells_at_once(poor: Trader) -> None:
    wanted = OTOCO | {"workingTimeInForce": "GTC", "workingPrice": "47500"}
    poor.ask("POST", "orderList/otoco", **wanted)
    poor.exchange.move("BTCUSDT", D(47500))
    assert statuses(poor) == {"entry-1": "FILLED", "stop-1": "FILLED", "target-1": "EXPIRED"}


def test_an_oto_has_one_pending_order(poor: Trader) -> None:
    named = {name: value for name, value in OTOCO.items() if not name.startswith("pending")}
    stop = {"pendingType": "STOP_LOSS", "pendingSide": "SELL", "pendingQuantity": "0.0999", "pendingStopPrice": "48000"}
    body = poor.ask("POST", "orderList/oto", **named, **stop, pendingClientOrderId="stop-1")
    assert [r["status"] for r in body["orderReports"]] == ["FILLED", "PENDING_NEW"]
    assert statuses(poor) == {"entry-1": "FILLED", "stop-1": "NEW"}


def test_cancel_all_shows_lists_as_lists(trader: Trader) -> None:
    trader.ask("POST", "orderList/oco", **OCO)
    trader.order("BUY", "LIMIT", timeInForce="GTC", quantity="0.01", price="49000")
    rows = trader.ask("DELETE", "openOrders", symbol="BTCUSDT")
    assert ["orderReports" in row for row in rows] == [True, False]
    assert trader.get("openOrders") == []
    trader.ask("DELETE", "openOrders", symbol="BTCUSDT")
    assert trader.refused() == (400, -2011, "Unknown order sent.")


@pytest.mark.parametrize(
    ("path", "change", "code", "message"),
    [
        ("oco", {"aboveType": "LIMIT"}, -1158, "Order type not supported in OCO."),
        ("oco", {"belowPrice": "47000"}, -1106, "Parameter 'belowPrice' sent when not required."),
        ("oco", {"belowType": "TAKE_PROFIT"}, -1168, "At least one OCO order must be contingent."),
        ("oco", {"aboveType": "STOP_LOSS", "abovePrice": None, "aboveStopPrice": "52000", "belowType": "LIMIT_MAKER",
                 "belowPrice": "48000", "belowStopPrice": None}, -1166, "A limit order in a sell OCO must be above."),
        ("oco", {"belowStopPrice": "50500"}, -2010,
         "The relationship of the prices for the orders is not correct."),
        ("oco", {"aboveClientOrderId": "stop-1"}, -2010, "Duplicate order sent."),
        ("oco", {"quantity": "2"}, -2010, "Account has insufficient balance for requested action."),
        ("otoco", {"workingType": "MARKET"}, -1159, "Order type not supported for the working order."),
        ("otoco", {"pendingAbovePrice": "520000"}, -1013, "Filter failure: PERCENT_PRICE_BY_SIDE"),
    ],
)  # fmt: skip
def test_bad_lists_change_nothing(trader: Trader, path: str, change: dict[str, Any], code: int, message: str) -> None:
    base = OCO if path == "oco" else OTOCO
    wanted = {name: value for name, value in (base | change).items() if value is not None}
    trader.ask("POST", f"orderList/{path}", **wanted)
    assert trader.refused() == (400, code, message)
    assert statuses(trader) == {}
    assert locked(trader, "BTC") == locked(trader, "USDT") == 0
