"""Keys, rights, signatures and time: what is let in, and the words for what is not."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.exchange.client import Trader
from tests.exchange.exchange import Exchange
from tests.exchange.keys import Key, Rights


@pytest.fixture
def trader() -> Trader:
    exchange = Exchange.quoted()
    return Trader(exchange, exchange.open_account())


def test_an_ed25519_key_signs_too() -> None:
    exchange = Exchange.quoted()
    key, private = Key.ed25519("second")
    trader = Trader(exchange, exchange.open_account("main", key=key), private_key=private)
    assert trader.get("account")["canTrade"] is True
    assert trader.order("BUY", "MARKET", quantity="0.01")["status"] == "FILLED"
    trader.private_key = Key.ed25519("other")[1]
    trader.get("account")
    assert trader.refused() == (400, -1022, "Signature for this request is not valid.")


def test_the_documents_own_signature() -> None:
    """The example of the exchange's documents, key and all."""
    secret = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
    text = (
        "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559"
    )
    signature = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"
    assert Key(api_key="k", secret=secret).signed(text, signature)
    assert Key(api_key="k", secret=secret).signed(text, signature.upper())
    assert not Key(api_key="k", secret=secret).signed(text + "0", signature)


@pytest.mark.parametrize(
    ("ahead_ms", "window", "message"),
    [
        (999, 5000, None),
        (1000, 5000, "Timestamp for this request was 1000ms ahead of the server's time."),
        (1000, 60000, "Timestamp for this request was 1000ms ahead of the server's time."),
        (-3000, 3000, None),
        (-3001, 3000, "Timestamp for this request is outside of the recvWindow."),
        (-3001, 3001, None),
    ],
)
def test_time(trader: Trader, ahead_ms: int, window: int, message: str | None) -> None:
    trader.at = trader.exchange.now_ms + ahead_ms
    body = trader.order("BUY", "MARKET", quantity="0.01", recvWindow=window)
    if message is None:
        assert body["status"] == "FILLED"
    else:
        assert trader.refused() == (400, -1021, message)
        assert not trader.exchange.truth(trader.account).orders


def test_microseconds_are_understood_and_the_window_has_a_most(trader: Trader) -> None:
    trader.at = trader.exchange.now_ms * 1000
    assert trader.get("account")["accountType"] == "SPOT"
    trader.get("account", recvWindow=60001)
    assert trader.refused() == (400, -1131, "recvWindow must be less than 60000.")


def test_what_is_not_let_in(trader: Trader) -> None:
    asked = trader.request("GET", "account")
    for headers, code in (({}, -2014), ({"X-MBX-APIKEY": "no-such!"}, -2014), ({"X-MBX-APIKEY": "a" * 64}, -2015)):
        trader.last = trader.exchange.handle(replace(asked, headers=headers))
        assert trader.refused()[:2] == (401, code)
    trader.last = trader.exchange.handle(replace(asked, query=(), raw_query=""))
    assert trader.refused()[2] == "Mandatory parameter 'timestamp' was not sent, was empty/null, or malformed."
    changed = asked.raw_query.replace("timestamp=1", "timestamp=01")
    trader.last = trader.exchange.handle(replace(asked, raw_query=changed))
    assert trader.refused() == (400, -1022, "Signature for this request is not valid.")


@pytest.mark.parametrize("rights", [Rights(trading=False), Rights(revoked=True), Rights(addresses=("192.0.2.1",))])
def test_rights_bind(rights: Rights) -> None:
    exchange = Exchange.quoted()
    trader = Trader(exchange, exchange.open_account(key=Key.hmac("main", rights)))
    trader.order("BUY", "MARKET", quantity="0.01")
    assert trader.refused() == (401, -2015, "Invalid API-key, IP, or permissions for action.")


def test_the_keys_rights_are_shown(trader: Trader) -> None:
    trader.account.key.rights.withdrawals = True
    body = trader.get("/sapi/v1/account/apiRestrictions")
    assert (body["enableWithdrawals"], body["enableSpotAndMarginTrading"], body["ipRestrict"]) == (True, True, False)
    trader.exchange.testnet = True
    trader.get("/sapi/v1/account/apiRestrictions")
    assert trader.last.status == 404


def test_successful_orders_weigh_nothing_and_are_counted(trader: Trader) -> None:
    trader.order("BUY", "LIMIT", timeInForce="GTC", quantity="0.01", price="49000")
    assert trader.last.headers["x-mbx-used-weight-1m"] == "0"
    assert trader.last.headers["x-mbx-order-count-10s"] == "1"
    trader.order("BUY", "LIMIT", timeInForce="GTC", quantity="0.000001", price="49000")
    assert trader.refused() == (400, -1013, "Filter failure: LOT_SIZE")
    assert trader.last.headers["x-mbx-used-weight-1m"] == "1"
    assert "x-mbx-order-count-10s" not in trader.last.headers
    assert [row["count"] for row in trader.get("rateLimit/order")] == [1, 1]
    trader.order("BUY", "MARKET", quantity="0.01")
    assert [row["count"] for row in trader.get("rateLimit/order")] == [1, 1]


def test_too_many_orders_are_refused_until_the_window_ends(trader: Trader) -> None:
    trader.account.counts.limits = (2, 200_000)
    for price in ("49000", "49001", "49002"):
        trader.order("BUY", "LIMIT", timeInForce="GTC", quantity="0.001", price=price)
    message = "Too many new orders; current limit is 2 orders per 10 SECOND."
    assert trader.refused() == (429, -1015, message)
    assert trader.last.headers["Retry-After"] == "7"  # the clock stands at 23.456 s
    trader.exchange.clock.turn(7)
    assert trader.order("BUY", "LIMIT", timeInForce="GTC", quantity="0.001", price="49002")["status"] == "NEW"
    assert trader.exchange.truth(trader.account).locked["USDT"] == Decimal("147.003")
