"""Orders, lists and accounts against recorded live bodies, and every recorded refusal word for word."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.exchange.client import Trader
from tests.exchange.exchange import Exchange
from tests.exchange.faults import Fault
from tests.exchange.lines import InProcessLine
from tests.exchange.test_dialect import same, shape
from tests.exchange.test_lists import OCO, OTOCO
from tests.exchange.test_user_data import API, ask, signed

SINCE = frozenset({
    "workingTime", "origQuoteOrderQty", "selfTradePreventionMode", "transactTime", "orderListId", "fills",
    "commissionRates", "brokered", "requireSelfTradePrevention", "preventSor", "uid", "updateTime", "permissions",
})  # fmt: skip
"""Fields that came later than the older recordings."""
LIMIT = {"timeInForce": "GTC", "quantity": "0.1", "price": "49000"}


@pytest.fixture
def trader() -> Trader:
    exchange = Exchange.quoted()
    return Trader(exchange, exchange.open_account("main", {"BTC": "1", "USDT": "10000"}))


def _market(trader: Trader) -> Any:
    placed = trader.order("SELL", "MARKET", quantity="0.1")
    return trader.get("order", symbol="BTCUSDT", orderId=placed["orderId"])


def _iceberg(trader: Trader) -> Any:
    return trader.order("BUY", "LIMIT", **LIMIT, icebergQty="0.05")


def _maker(trader: Trader) -> Any:
    trader.order("BUY", "LIMIT_MAKER", quantity="0.1", price="49000")
    return trader.get("openOrders", symbol="BTCUSDT")


def _trades(trader: Trader) -> Any:
    trader.order("SELL", "MARKET", quantity="0.1")
    return trader.get("myTrades", symbol="BTCUSDT")


def _cancel_all(trader: Trader) -> Any:
    trader.order("BUY", "LIMIT", **LIMIT)
    return trader.ask("DELETE", "openOrders", symbol="BTCUSDT")


def _list(trader: Trader) -> Any:
    trader.ask("POST", "orderList/otoco", **OTOCO)
    return trader.get("orderList", origClientOrderId="list-1")


def _oco(trader: Trader) -> Any:
    stop = {"belowType": "STOP_LOSS_LIMIT", "belowPrice": "47900", "belowTimeInForce": "GTC"}
    return trader.ask("POST", "orderList/oco", **OCO | stop)


def _otoco(trader: Trader) -> Any:
    body = trader.ask("POST", "orderList/otoco", **OTOCO | {"workingTimeInForce": "GTC", "workingPrice": "47268"})
    return body | {"orderReports": body["orderReports"][:1]}  # as they have cut it


def _replace(trader: Trader) -> Any:
    old = trader.order("BUY", "LIMIT", **LIMIT)["orderId"]
    more = {"cancelReplaceMode": "STOP_ON_FAILURE", "cancelOrderId": old}
    return trader.ask("POST", "order/cancelReplace", symbol="BTCUSDT", side="BUY", type="LIMIT", **LIMIT, **more)


def _over_socket(method: str, **params: str) -> Callable[[Trader], Any]:
    def answer(trader: Trader) -> Any:
        line = InProcessLine(trader.exchange, API)
        if method in ("order.cancel", "openOrders.cancelAll"):
            trader.order("BUY", "LIMIT", **LIMIT, newClientOrderId="mine")
        return ask(line, method, **signed(trader, **params))

    return answer


ORDER = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", **LIMIT}
CASES: list[tuple[str, Callable[[Trader], Any]]] = [
    ("rest/GET_order_MARKET_FILLED_ETHBTC_2019", _market),
    ("rest/ccxt_GET_order_MARKET_FILLED_LTCUSDT_2023-03", _market),
    ("rest/ccxt_order_POST_LIMIT_NEW_iceberg_SOLUSDT_2025-01", _iceberg),
    ("rest/ccxt_openOrders_LIMIT_MAKER_LTCUSDT_2023-11", _maker),
    ("rest/openOrders_LTCBTC_2021", _maker),
    ("rest/ccxt_myTrades_LTCUSDT_2024-01", _trades),
    ("rest/ccxt_account_LTC_ETH_2023-12", lambda trader: trader.get("account")),
    ("rest/account_gct_zero_balances", lambda trader: trader.get("account")),
    ("rest/DELETE_openOrders_LTCBTC_2021", _cancel_all),
    ("rest/orderList_GET_testnet_2026-08", _list),
    ("rest/orderList_otoco_POST_testnet_2026-08_trimmed", _otoco),
    ("rest/order_oco_legacy_POST_RESULT_ADAUSDT_2021-10", _oco),
    ("rest/order_cancelReplace_SUCCESS_BTCUSDT_2022-08", _replace),
    ("docs-samples/rest/POST_orderList.oco__0", _oco),
    ("docs-samples/rest/GET_account.commission__0", lambda trader: trader.get("account/commission", symbol="BTCUSDT")),
    ("docs-samples/rest/GET_rateLimit.order__0", lambda trader: trader.get("rateLimit/order")),
    ("wsapi/account_status_2026-01", _over_socket("account.status")),
    ("wsapi/order_place_2026-01", _over_socket("order.place", **ORDER)),
    ("wsapi/order_cancel_2026-01", _over_socket("order.cancel", symbol="BTCUSDT", origClientOrderId="mine")),
    ("wsapi/openOrders_cancelAll_2026-01", _over_socket("openOrders.cancelAll", symbol="BTCUSDT")),
    ("wsapi/openOrders_status_empty_2026-01", _over_socket("openOrders.status", symbol="BTCUSDT")),
    ("wsapi/userDataStream_subscribe_ok_2026-01", _over_socket("userDataStream.subscribe.signature")),
]


@pytest.mark.market_data
@pytest.mark.parametrize(("recording", "answer"), CASES, ids=[name for name, _ in CASES])
def test_speaks_as_the_real_one(
    shared: Path, trader: Trader, recording: str, answer: Callable[[Trader], Any]
) -> None:
    live = json.loads((shared / "recorded" / f"{recording}.json").read_text())
    ours, theirs = shape(answer(trader)), shape(live)
    kept = "account_gct" not in recording  # its recorder sorted the keys
    same(_loose(ours), _loose(theirs), recording, ordered=kept, since=SINCE)


def _loose(value: Any) -> Any:
    """Lists are compared by their first row; icebergQty is there where somebody wanted an iceberg."""
    if isinstance(value, list):
        return {"row": _loose(value[0])} if value else value
    if isinstance(value, dict):
        named = {key: _loose(part) for key, part in value.items()}
        if "orderId" in named and "isWorking" not in named:
            named.pop("icebergQty", None)
        return named
    return value


def _order(**more: str) -> Callable[[Trader], Any]:
    return lambda trader: trader.ask("POST", "order", **(ORDER | more))


def _at(ahead_ms: int) -> Callable[[Trader], Any]:
    def answer(trader: Trader) -> Any:
        trader.at = trader.exchange.now_ms + ahead_ms
        return trader.get("account")

    return answer


def _unsigned(trader: Trader) -> Any:
    trader.account.key.secret = "another"
    request = trader.request("GET", "account")
    trader.account.key.secret = "the real one"
    trader.last = trader.exchange.handle(request)
    return None


def _revoked(trader: Trader) -> Any:
    trader.account.key.rights.revoked = True
    return trader.get("account")


def _twice(trader: Trader) -> Any:
    _order(newClientOrderId="same")(trader)
    return _order(newClientOrderId="same")(trader)


def _too_many(trader: Trader) -> Any:
    trader.account.counts.limits = (0, 0)
    return _order()(trader)


def _no_force(trader: Trader) -> Any:
    return trader.order("BUY", "LIMIT", quantity="1", price="49000")


def _fault(fault: Fault) -> Callable[[Trader], Any]:
    def answer(trader: Trader) -> Any:
        trader.exchange.faults.add(fault)
        trader.last = trader.exchange.handle(trader.request("GET", "account"))

    return answer


def _used_up(trader: Trader) -> Any:
    trader.exchange.limits.exhaust("127.0.0.1", trader.exchange.now_ms)
    return trader.get("account")


def _banned(trader: Trader) -> Any:
    trader.exchange.limits.ban("127.0.0.1", trader.exchange.now_ms)
    return trader.get("account")


REFUSALS: dict[str, Callable[[Trader], Any]] = {
    "400_-1013_LOT_SIZE": _order(quantity="0.12345678"),
    "400_-1013_PERCENT_PRICE_BY_SIDE": _order(price="1"),
    "400_-1021_ahead_of_server": _at(1000),
    "400_-1021_outside_recvWindow": _at(-5001),
    "400_-1022_bad_signature": _unsigned,
    "400_-1100_newClientOrderId": _order(newClientOrderId="a b"),
    "400_-1100_orderId": lambda trader: trader.get("order", symbol="BTCUSDT", orderId="None"),
    "400_-1100_quantity": _order(quantity="1e-05"),
    "400_-1102_mandatory_param": _no_force,
    "400_-2010_duplicate_order": _twice,
    "400_-2010_insufficient_balance": _order(quantity="9"),
    "400_-2011_unknown_order": lambda trader: trader.cancel(orderId=1),
    "400_-2013_order_does_not_exist": lambda trader: trader.get("order", symbol="BTCUSDT", orderId=1),
    "401_-2015_key_ip_permissions": _revoked,
    "418_-1003_ip_banned": _banned,
    "429_-1003_weight": _used_up,
    "429_-1015_too_many_orders": _too_many,
    "451_geo_block": _fault(Fault.region_block()),
    "5xx_-1007_timeout_unknown": _fault(Fault.timed_out()),
}
ELSEWHERE = {
    "400_-1013_MIN_NOTIONAL", "400_-1013_PERCENT_PRICE",  # symbols have NOTIONAL and PERCENT_PRICE_BY_SIDE today
    "400_-1013_duplicate_order_legacy_oco", "418_-1003_ip_banned_2018_wording", "429_-1003_weight_2019_wording",
    "403_cloudfront_html", "502_nginx_html",  # pages, re-typed
    "coingecko_401_10012_time_range", "coingecko_429_rate_limit", "wsapi_-1022_bad_signature_2025-10",
}  # fmt: skip


@pytest.mark.market_data
@pytest.mark.parametrize("name", sorted(REFUSALS))
def test_refuses_in_the_real_ones_words(shared: Path, trader: Trader, name: str) -> None:
    live = json.loads((shared / "recorded" / "errors" / f"{name}.json").read_text())
    REFUSALS[name](trader)
    status, code, message = trader.refused()
    assert live["http_status"] in (None, status)
    assert code == live["body"]["code"]
    assert re.sub(r"\d+", "N", message) == re.sub(r"\d+", "N", live["body"]["msg"])


@pytest.mark.market_data
def test_no_recorded_refusal_is_left_out(shared: Path) -> None:
    recorded = {path.stem for path in (shared / "recorded" / "errors").glob("*.json")}
    assert recorded - ELSEWHERE == set(REFUSALS)


@pytest.mark.market_data
def test_a_bad_signature_over_the_socket(shared: Path, trader: Trader) -> None:
    live = json.loads((shared / "recorded" / "errors" / "wsapi_-1022_bad_signature_2025-10.json").read_text())
    line = InProcessLine(trader.exchange, API)
    mine = ask(line, "userDataStream.subscribe.signature", **signed(trader) | {"signature": "00"})
    same(shape(mine), shape(live), "wsapi", ordered=True)
    assert mine["error"] == live["error"]
    assert trader.exchange.truth(trader.account).free["USDT"] == Decimal(10000)
