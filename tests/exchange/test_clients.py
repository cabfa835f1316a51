"""Judged by what others wrote: ccxt and python-binance, unmodified, over the loopback server.

They load the markets, trade, place an OCO, cancel, and read everything back.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.exchange.clock import RunningClock
from tests.exchange.exchange import Exchange
from tests.exchange.keys import Key
from tests.exchange.server import LoopbackServer

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # both import what is deprecated
    import ccxt
    from binance.client import Client

D = Decimal


@pytest.fixture
def exchange() -> Exchange:
    exchange = Exchange.quoted(clock=RunningClock())
    exchange.open_account("main", {"USDT": "10000", "BTC": "1"})
    return exchange


@pytest.fixture
def server(exchange: Exchange) -> Iterator[LoopbackServer]:
    with LoopbackServer(exchange.handle) as server:
        yield server


@pytest.fixture
def trader(exchange: Exchange, server: LoopbackServer) -> Iterator[Any]:
    """A ccxt exchange with nothing but its addresses set."""
    key = exchange.accounts["main"].key
    options = {"fetchMarkets": {"types": ["spot"]}, "fetchCurrencies": False, "fetchMargins": False}
    trader = ccxt.binance({"apiKey": key.api_key, "secret": key.secret, "options": options})
    for name in ("public", "private", "v1"):
        trader.urls["api"][name] = f"{server.url}/api/v3"
    trader.urls["api"]["sapi"] = f"{server.url}/sapi/v1"
    yield trader
    trader.session.close()


@pytest.fixture(params=["HMAC", "Ed25519"])
def client(
    request: pytest.FixtureRequest, exchange: Exchange, server: LoopbackServer, event_loop: None
) -> Iterator[Any]:
    """python-binance with nothing but its address set, with either kind of key."""
    key, private = Key.ed25519()
    exchange.add_key(exchange.accounts["main"], key)
    hmac = exchange.accounts["main"].key
    if request.param == "HMAC":
        client = Client(hmac.api_key, hmac.secret, ping=False)
    else:
        client = Client(key.api_key, private_key=private, ping=False)
    client.API_URL = f"{server.url}/api"
    yield client
    client.close_connection()


def test_ccxt_loads_markets_and_reads_prices(trader: Any) -> None:
    markets = trader.load_markets()
    precision = markets["BTC/USDT"]["precision"]
    assert (precision["amount"], precision["price"]) == (0.00001, 0.01)
    assert markets["BTC/USDT"]["limits"]["cost"]["min"] == 5
    assert trader.fetch_ticker("BTC/USDT")["ask"] == 50000.01
    assert trader.fetch_order_book("BTC/USDT")["bids"][0][0] == 49999.99
    assert len(trader.fetch_ohlcv("BTC/USDT", "1m")) >= 1


def test_ccxt_trades_cancels_and_reads_back(exchange: Exchange, trader: Any) -> None:
    trader.load_markets()
    bought = trader.create_order("BTC/USDT", "market", "buy", 0.01)
    assert (bought["status"], bought["filled"], bought["average"]) == ("closed", 0.01, 50000.01)
    assert bought["fee"] == {"currency": "BTC", "cost": 0.00001}
    resting = trader.create_order("BTC/USDT", "limit", "buy", 0.02, 49000)
    stop = trader.create_order("BTC/USDT", "market", "sell", 0.01, None, {"stopLossPrice": 48000})
    assert {order["id"] for order in trader.fetch_open_orders("BTC/USDT")} == {resting["id"], stop["id"]}
    assert trader.fetch_order(resting["id"], "BTC/USDT")["remaining"] == 0.02
    assert trader.cancel_order(resting["id"], "BTC/USDT")["status"] == "canceled"
    exchange.move("BTCUSDT", D(47990))
    assert trader.fetch_order(stop["id"], "BTC/USDT")["status"] == "closed"
    assert [trade["side"] for trade in trader.fetch_my_trades("BTC/USDT")] == ["buy", "sell"]
    assert len(trader.fetch_orders("BTC/USDT")) == 3
    truth = exchange.truth(exchange.accounts["main"])
    balance = trader.fetch_balance()
    assert (D(str(balance["BTC"]["free"])), balance["USDT"]["used"]) == (truth.free["BTC"], 0)
    with pytest.raises(ccxt.InsufficientFunds):
        trader.create_order("BTC/USDT", "market", "buy", 9)
    with pytest.raises(ccxt.OrderNotFound):
        trader.cancel_order(resting["id"], "BTC/USDT")


def test_ccxt_places_an_oco_and_cancels_it(trader: Any) -> None:
    trader.load_markets()
    wanted = {
        "symbol": "BTCUSDT", "side": "SELL", "quantity": "0.1", "aboveType": "LIMIT_MAKER", "abovePrice": "52000",
        "belowType": "STOP_LOSS", "belowStopPrice": "48000",
    }  # fmt: skip
    placed = trader.private_post_orderlist_oco(wanted)
    orders = trader.fetch_open_orders("BTC/USDT")
    assert {order["type"] for order in orders} == {"limit", "market"}
    assert [row["orderListId"] for row in trader.private_get_openorderlist()] == [placed["orderListId"]]
    trader.cancel_all_orders("BTC/USDT")
    assert trader.fetch_open_orders("BTC/USDT") == []


def test_python_binance_does_all_of_it(exchange: Exchange, client: Any) -> None:
    assert {row["symbol"] for row in client.get_exchange_info()["symbols"]} == {"BTCUSDT", "ETHUSDT", "BNBUSDT"}
    assert client.get_orderbook_ticker(symbol="BTCUSDT")["askPrice"] == "50000.01000000"
    assert client.order_market_buy(symbol="BTCUSDT", quantity="0.01")["status"] == "FILLED"
    resting = client.order_limit_buy(symbol="BTCUSDT", quantity="0.02", price="49000")
    assert client.get_order(symbol="BTCUSDT", orderId=resting["orderId"])["status"] == "NEW"
    assert client.cancel_order(symbol="BTCUSDT", orderId=resting["orderId"])["status"] == "CANCELED"
    listed = client.create_oco_order(
        symbol="BTCUSDT", side="SELL", quantity="0.1", aboveType="LIMIT_MAKER", abovePrice="52000",
        belowType="STOP_LOSS", belowStopPrice="48000",
    )  # fmt: skip
    assert len(client.get_open_orders(symbol="BTCUSDT")) == 2
    assert client.v3_get_order_list(orderListId=listed["orderListId"])["listOrderStatus"] == "EXECUTING"
    gone = client.v3_delete_order_list(symbol="BTCUSDT", orderListId=listed["orderListId"])
    assert {report["status"] for report in gone["orderReports"]} == {"CANCELED"}
    entry = client.v3_post_order_list_otoco(
        symbol="BTCUSDT", workingType="LIMIT", workingSide="BUY", workingTimeInForce="FOK", workingQuantity="0.01",
        workingPrice="50100", pendingSide="SELL", pendingQuantity="0.00999", pendingAboveType="LIMIT_MAKER",
        pendingAbovePrice="52000", pendingBelowType="STOP_LOSS", pendingBelowStopPrice="48000",
    )  # fmt: skip
    assert entry["orderReports"][0]["status"] == "FILLED"
    exchange.move("BTCUSDT", D(52001))
    assert client.get_open_orders(symbol="BTCUSDT") == []
    assert len(client.get_my_trades(symbol="BTCUSDT")) == 3
    assert len(client.get_all_orders(symbol="BTCUSDT")) == 7
    assert client.v3_get_account_commission(symbol="BTCUSDT")["standardCommission"]["taker"] == "0.00100000"
    truth = exchange.truth(exchange.accounts["main"])
    held = {row["asset"]: row["free"] for row in client.get_account()["balances"]}
    assert held == {asset: format(amount, ".8f") for asset, amount in truth.free.items()}
