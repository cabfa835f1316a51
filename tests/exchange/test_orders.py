"""Orders, worked out by hand: what they trade at, what they lock, what they cost, and what is said of them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.exchange.client import Trader
from tests.exchange.exchange import Exchange
from tests.exchange.wallet import FeeRates

D = Decimal


@pytest.fixture
def trader() -> Trader:
    """10,000 USDT and 1 BTC; BTCUSDT stands at 50,000, quoted 49,999.99 - 50,000.01."""
    exchange = Exchange.quoted()
    return Trader(exchange, exchange.open_account("main", {"USDT": "10000", "BTC": "1"}))


def money(trader: Trader) -> dict[str, tuple[str, str]]:
    rows = trader.get("account")["balances"]
    return {row["asset"]: (row["free"], row["locked"]) for row in rows}


def test_a_market_buy_pays_the_ask_and_its_fee_in_coins(trader: Trader) -> None:
    body = trader.order("BUY", "MARKET", quantity="0.1", newClientOrderId="one")
    # 0.1 x 50000.01 = 5000.001; the fee is 0.1 % of 0.1 BTC
    assert body["cummulativeQuoteQty"] == "5000.00100000"
    assert body["fills"][0]["commission"] == "0.00010000"
    assert body["fills"][0]["commissionAsset"] == "BTC"
    assert money(trader) == {"USDT": ("4999.99900000", "0.00000000"), "BTC": ("1.09990000", "0.00000000")}
    (trade,) = trader.get("myTrades", symbol="BTCUSDT", orderId=body["orderId"])
    assert (trade["price"], trade["qty"], trade["quoteQty"]) == ("50000.01000000", "0.10000000", "5000.00100000")
    assert trade["isBuyer"] is True
    assert trade["isMaker"] is False


def test_a_market_sell_pays_its_fee_in_quote(trader: Trader) -> None:
    body = trader.order("SELL", "MARKET", quantity="0.1")
    # 0.1 x 49999.99 = 4999.999; 0.1 % of it is 4.999999
    assert body["fills"][0] | {"tradeId": 0} == {
        "price": "49999.99000000", "qty": "0.10000000", "commission": "4.99999900", "commissionAsset": "USDT",
        "tradeId": 0,
    }  # fmt: skip
    assert money(trader)["USDT"] == ("14994.99900100", "0.00000000")


def test_fees_in_bnb_are_a_quarter_less_and_stop_where_bnb_ends() -> None:
    exchange = Exchange.quoted()
    rates = FeeRates(in_bnb=True)
    trader = Trader(exchange, exchange.open_account("main", {"USDT": "20000", "BTC": "0", "BNB": "0.01"}, rates=rates))
    first = trader.order("SELL", "MARKET", quantity="0.1")
    assert trader.refused()[1:] == (-2010, "Account has insufficient balance for requested action.")
    assert "fills" not in first
    exchange.quote("BTCUSDT", D("49999"), D("50000"))
    body = trader.order("BUY", "MARKET", quantity="0.1")
    # BTC is no asset that BNB is traded against here: the fee leaves the coin
    assert body["fills"][0]["commissionAsset"] == "BTC"
    body = trader.order("SELL", "MARKET", quantity="0.05")
    # 0.05 x 49999 = 2499.95; x 0.001 x 0.75 = 1.8749625 USDT; / 600 = 0.00312493...
    assert (body["fills"][0]["commission"], body["fills"][0]["commissionAsset"]) == ("0.00312493", "BNB")


def test_makers_and_takers_pay_rates_of_their_own_and_fees_are_cut_not_rounded() -> None:
    exchange = Exchange.quoted()
    rates = FeeRates(maker=D("0.0004"), taker=D("0.00052"))
    trader = Trader(exchange, exchange.open_account("main", {"USDT": "10000", "BTC": "0"}, rates=rates))
    body = trader.order("BUY", "MARKET", quantity="0.00999")
    # 0.00999 x 0.00052 = 0.0000051948
    assert body["fills"][0]["commission"] == "0.00000519"
    trader.order("BUY", "LIMIT", timeInForce="GTC", quantity="0.00999", price="49000")
    exchange.move("BTCUSDT", D(48999))
    # 0.00999 x 0.0004 = 0.000003996
    assert [fill.commission for fill in exchange.truth(trader.account).fills] == [D("0.00000519"), D("0.00000399")]


def test_what_one_order_has_taken_is_gone_for_the_next(trader: Trader) -> None:
    trader.exchange.show("BTCUSDT", [(D(49999), D(1))], [(D(50000), D("0.03")), (D(50010), D("0.05"))])
    assert trader.order("BUY", "MARKET", quantity="0.02")["cummulativeQuoteQty"] == "1000.00000000"
    second = trader.order("BUY", "MARKET", quantity="0.02")
    # 0.01 x 50000 + 0.01 x 50010
    assert second["cummulativeQuoteQty"] == "1000.10000000"


def test_so_much_quote_buys_whole_lots_only(trader: Trader) -> None:
    trader.exchange.quote("BTCUSDT", D("29999"), D("30000"))
    body = trader.order("BUY", "MARKET", quoteOrderQty="100")
    # 100 / 30000 = 0.003333 -> 0.00333 BTC = 99.9 USDT
    assert (body["origQty"], body["executedQty"]) == ("0.00333000", "0.00333000")
    assert (body["origQuoteOrderQty"], body["cummulativeQuoteQty"]) == ("100.00000000", "99.90000000")
    assert body["status"] == "FILLED"


def test_a_market_order_walks_the_book_and_expires_where_it_ends(trader: Trader) -> None:
    trader.exchange.show("BTCUSDT", [(D(49999), D(1))], [(D(50000), D("0.03")), (D(50010), D("0.02"))])
    body = trader.order("BUY", "MARKET", quantity="0.06")
    assert [(fill["price"], fill["qty"]) for fill in body["fills"]] == [
        ("50000.00000000", "0.03000000"), ("50010.00000000", "0.02000000"),
    ]  # fmt: skip
    assert (body["status"], body["executedQty"], body["origQty"]) == ("EXPIRED", "0.05000000", "0.06000000")
    assert body["cummulativeQuoteQty"] == "2500.20000000"


def test_a_resting_buy_locks_its_price_and_gives_back_what_it_saves(trader: Trader) -> None:
    body = trader.order("BUY", "LIMIT", timeInForce="GTC", quantity="0.1", price="49000")
    assert (body["status"], body["fills"]) == ("NEW", [])
    assert money(trader)["USDT"] == ("5100.00000000", "4900.00000000")
    trader.exchange.trade_through("BTCUSDT", D(49000), D("0.04"))
    order = trader.get("order", symbol="BTCUSDT", orderId=body["orderId"])
    assert (order["status"], order["executedQty"]) == ("PARTIALLY_FILLED", "0.04000000")
    assert money(trader)["USDT"] == ("5100.00000000", "2940.00000000")
    answer = trader.cancel(orderId=body["orderId"], newClientOrderId="mine")
    assert (answer["status"], answer["executedQty"], answer["clientOrderId"]) == ("CANCELED", "0.04000000", "mine")
    assert money(trader)["USDT"] == ("8040.00000000", "0.00000000")
    assert money(trader)["BTC"] == ("1.03996000", "0.00000000")
    assert trader.get("myTrades", symbol="BTCUSDT")[0]["isMaker"] is True


def test_a_marketable_limit_pays_the_book_not_its_limit(trader: Trader) -> None:
    body = trader.order("BUY", "LIMIT", timeInForce="FOK", quantity="0.1", price="50100")
    assert (body["status"], body["cummulativeQuoteQty"]) == ("FILLED", "5000.00100000")
    assert money(trader)["USDT"] == ("4999.99900000", "0.00000000")


@pytest.mark.parametrize(
    ("force", "status", "executed"),
    [("FOK", "EXPIRED", "0.00000000"), ("IOC", "EXPIRED", "0.03000000"), ("GTC", "PARTIALLY_FILLED", "0.03000000")],
)
def test_what_finds_too_little(trader: Trader, force: str, status: str, executed: str) -> None:
    trader.exchange.thin("BTCUSDT", D("0.3"))
    body = trader.order("BUY", "LIMIT", timeInForce=force, quantity="0.1", price="50001")
    assert (body["status"], body["executedQty"]) == (status, executed)
    locked = "3500.07000000" if force == "GTC" else "0.00000000"
    assert money(trader)["USDT"][1] == locked
    assert len(trader.get("openOrders", symbol="BTCUSDT")) == (1 if force == "GTC" else 0)


def test_a_stop_sells_at_market_once_the_last_price_touches_it(trader: Trader) -> None:
    body = trader.order("SELL", "STOP_LOSS", quantity="0.1", stopPrice="49500", newOrderRespType="RESULT")
    assert (body["status"], body["workingTime"], body["stopPrice"]) == ("NEW", -1, "49500.00000000")
    trader.exchange.quote("BTCUSDT", D(49400), D(49401))
    assert trader.get("order", symbol="BTCUSDT", orderId=body["orderId"])["status"] == "NEW"  # a quote is no trade
    assert money(trader)["BTC"] == ("0.90000000", "0.10000000")
    trader.exchange.trade_through("BTCUSDT", D("49400.50"))
    order = trader.get("order", symbol="BTCUSDT", orderId=body["orderId"])
    assert (order["status"], order["cummulativeQuoteQty"]) == ("FILLED", "4940.00000000")
    assert money(trader)["BTC"] == ("0.90000000", "0.00000000")


def test_a_stop_limit_rests_after_its_trigger(trader: Trader) -> None:
    wanted = {"timeInForce": "GTC", "quantity": "0.1", "price": "49450", "stopPrice": "49500"}
    body = trader.order("SELL", "STOP_LOSS_LIMIT", newOrderRespType="RESULT", **wanted)
    assert trader.get("order", symbol="BTCUSDT", orderId=body["orderId"])["isWorking"] is False
    trader.exchange.move("BTCUSDT", D(49400))
    order = trader.get("order", symbol="BTCUSDT", orderId=body["orderId"])
    assert (order["status"], order["isWorking"]) == ("NEW", True)
    assert order["workingTime"] == trader.exchange.now_ms
    trader.exchange.move("BTCUSDT", D(49460))
    order = trader.get("order", symbol="BTCUSDT", orderId=body["orderId"])
    assert (order["status"], order["cummulativeQuoteQty"]) == ("FILLED", "4945.00000000")


@pytest.mark.parametrize(
    ("side", "kind", "stop", "touched"),
    [("BUY", "STOP_LOSS", "50500", "50500"), ("BUY", "TAKE_PROFIT", "49500", "49500"),
     ("SELL", "TAKE_PROFIT", "50500", "50500")],
)  # fmt: skip
def test_the_other_triggers(trader: Trader, side: str, kind: str, stop: str, touched: str) -> None:
    body = trader.order(side, kind, quantity="0.01", stopPrice=stop)
    assert list(body) == ["symbol", "orderId", "orderListId", "clientOrderId", "transactTime"]  # ACK has no status
    trader.exchange.move("BTCUSDT", D(touched))
    assert trader.get("order", symbol="BTCUSDT", orderId=body["orderId"])["status"] == "FILLED"


def test_the_seeded_tape_triggers_and_fills_as_time_is_turned() -> None:
    exchange = Exchange.seeded()
    trader = Trader(exchange, exchange.open_account())
    price = D(exchange.books["BTCUSDT"].last(exchange.now_ms))
    body = trader.order("BUY", "LIMIT", timeInForce="GTC", quantity="0.001", price=price - 1)
    assert exchange.truth(trader.account).open_orders()
    exchange.clock.turn(4 * 3600)
    (fill,) = exchange.truth(trader.account).fills
    assert (fill.order_id, fill.price, fill.maker) == (body["orderId"], price - 1, True)
    assert fill.time < exchange.now_ms
