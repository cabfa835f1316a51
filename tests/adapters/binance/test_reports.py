"""Binance's words about orders that no recording shows, and those that cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from engine.adapters.binance import reports
from engine.adapters.binance.register import Register
from engine.domain.errors import MarketDataError
from engine.domain.order import OrderStatus, Side
from tests.adapters.binance.trading import Trading

BODY: Mapping[str, Any] = {
    "symbol": "BTCUSDT", "orderId": 7, "clientOrderId": "aa1", "transactTime": 1, "executedQty": "0.00000000",
    "status": "NEW",
}  # fmt: skip
EVENT: Mapping[str, Any] = {
    "e": "executionReport", "s": "BTCUSDT", "c": "aa1", "C": "", "x": "TRADE", "X": "FILLED", "i": 7, "I": 9, "z": "1",
    "l": "1", "L": "2", "n": "0", "N": None, "T": 1, "t": 3, "r": "NONE",
}  # fmt: skip


@pytest.mark.parametrize(
    ("wire", "ours"),
    [
        ("PENDING_NEW", OrderStatus.WORKING),
        ("PARTIALLY_FILLED", OrderStatus.WORKING),
        ("PENDING_CANCEL", OrderStatus.WORKING),
        ("REJECTED", OrderStatus.REJECTED),
        ("EXPIRED_IN_MATCH", OrderStatus.EXPIRED),
    ],
)
def test_every_status_has_its_meaning(wire: str, ours: OrderStatus) -> None:
    assert reports.order({**BODY, "status": wire}).status is ours


def test_words_say_why_an_order_ended() -> None:
    assert "order of our own" in reports.order({**BODY, "status": "EXPIRED_IN_MATCH"}).message
    said = reports.order({**BODY, "status": "EXPIRED", "expiryReason": "EXECUTION_RULE_PRICE_RANGE_EXCEEDED"}).message
    assert said == "EXECUTION_RULE_PRICE_RANGE_EXCEEDED"
    assert reports.execution_report({**EVENT, "x": "REJECTED", "X": "REJECTED", "r": "INSUFFICIENT_BALANCE"}).message


@pytest.mark.parametrize(
    "broken",
    [
        {"status": "INVENTED"}, {"orderId": "7"}, {"orderId": True}, {"executedQty": 0}, {"symbol": None},
        {"clientOrderId": 1},
    ],
)  # fmt: skip
def test_what_is_not_as_documented_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(MarketDataError, match=next(iter(broken))):
        reports.order({**BODY, **broken})


@pytest.mark.parametrize("body", [None, [], "text", 5])
def test_no_object_no_list(body: Any) -> None:
    with pytest.raises(MarketDataError):
        reports.order(body)
    if body != []:
        with pytest.raises(MarketDataError):
            reports.orders(body)
        with pytest.raises(MarketDataError):
            reports.trades(body)


@pytest.mark.parametrize(("side", "asset"), [(Side.BUY, "BTC"), (Side.SELL, "USDT")])
def test_a_fill_without_a_fee_names_what_it_brought(side: Side, asset: str) -> None:
    register = Register({"BTCUSDT": ("BTC", "USDT")}, "USDT")
    tracked = register.add(Trading().order(side=side, client_id="aa1"))
    register.take(reports.execution_report(EVENT))
    (fill,) = tracked.report().fills
    assert (fill.fee, fill.fee_asset, fill.quantity) == (Decimal(0), asset, Decimal(1))


def test_orders_of_others_are_not_taken_in() -> None:
    assert Register({}, "USDT").take(reports.execution_report(EVENT)) is None


def test_the_register_forgets_what_is_long_over() -> None:
    trading, register = Trading(), Register({}, "USDT")
    for number in range(6000):
        register.add(trading.order())
        if number % 100:
            register.take(reports.order({**BODY, "clientOrderId": _id(trading), "status": "CANCELED"}))
            assert len(register.open()) <= number // 100 + 1
    assert 2000 <= len(register) <= 4100


def _id(trading: Trading) -> str:
    trading.number -= 1
    return trading.order().client_id
