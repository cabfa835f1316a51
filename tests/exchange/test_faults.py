"""The switchboard: every fault by name, what it does to a request, to an account and to what the account hears."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.exchange.client import Trader
from tests.exchange.exchange import Exchange
from tests.exchange.faults import Fault
from tests.exchange.switchboard import _LASTING, ON_THE_LINE, Kind, Switchboard
from tests.exchange.user_events import Subscription
from tests.exchange.wire import Request

D = Decimal


@pytest.fixture
def trader() -> Trader:
    exchange = Exchange.quoted()
    return Trader(exchange, exchange.open_account("main", {"USDT": "10000", "BTC": "1"}))


@pytest.fixture
def board(trader: Trader) -> Switchboard:
    return Switchboard(trader.exchange, trader.account, "BTCUSDT", 3)


@pytest.fixture
def heard(trader: Trader) -> Subscription:
    return trader.account.inbox.subscribe()


def buy(trader: Trader, **more: object) -> tuple[int, Any]:
    """Status and body of a small market order; 0 where no answer came."""
    reply = trader.exchange.handle(
        trader.request("POST", "order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.01", **more)
    )
    if reply.drop or reply.stall >= 10:
        return 0, None
    text = reply.body.decode()
    return reply.status, json.loads(text) if text.startswith("{") else text


def fills(trader: Trader) -> int:
    return len(trader.exchange.truth(trader.account).fills)


def kinds(heard: Subscription) -> list[str]:
    return [row["event"].get("x", row["event"]["e"]) for row in heard.drain()]


def test_every_kind_can_be_thrown() -> None:
    assert set(ON_THE_LINE) | set(_LASTING) == set(Kind)


@pytest.mark.parametrize(
    ("kind", "status", "filled"),
    [
        (Kind.REPLY_LOST, {0}, {1}), (Kind.REQUEST_LOST, {0}, {0}), (Kind.REPLY_SLOW, {0}, {1}),
        (Kind.REQUEST_LATE, {0}, {0}), (Kind.ERROR_BEFORE, {500, 502, 503}, {0}),
        (Kind.ERROR_AFTER, {500, 502, 503}, {1}), (Kind.UNEXPECTED, {500}, {0, 1}),
        (Kind.BACKEND_TIMEOUT, {504}, {0, 1}), (Kind.CLOCK_AHEAD, {400}, {0}), (Kind.CLOCK_OUTSIDE, {400}, {0}),
        (Kind.REGION_BLOCKED, {451}, {0}), (Kind.HTML_BODY, {403}, {0}),
    ],
)  # fmt: skip
def test_faults_of_single_requests(kind: Kind, status: set[int], filled: set[int]) -> None:
    seen: set[tuple[int, int]] = set()
    for seed in range(12):
        exchange = Exchange.quoted()
        trader = Trader(exchange, exchange.open_account())
        Switchboard(exchange, trader.account, "BTCUSDT", seed).throw(kind, path="order", method="POST")
        assert trader.get("account")["canTrade"] is True  # other endpoints are spared
        seen.add((buy(trader)[0], fills(trader)))
        assert buy(trader)[0] == 200
        assert exchange.faults.hit[0][1:] == ("POST", "order")
    assert {row[0] for row in seen} == status
    assert {row[1] for row in seen} == filled


def test_the_same_seed_throws_the_same(trader: Trader) -> None:
    def thrown(seed: int) -> list[Fault]:
        exchange = Exchange.quoted()
        board = Switchboard(exchange, exchange.open_account(), "BTCUSDT", seed)
        board.throw(Kind.REQUEST_LATE, times=5)
        return exchange.faults.waiting

    assert thrown(5) == thrown(5)
    assert thrown(5) != thrown(6)


def test_an_order_is_not_found_for_three_seconds_after_its_fill(trader: Trader, board: Switchboard) -> None:
    board.throw(Kind.NOT_FOUND_YET)
    _, body = buy(trader)
    for wait in (0, 2.9):
        trader.exchange.clock.turn(wait)
        trader.get("order", symbol="BTCUSDT", orderId=body["orderId"])
        assert trader.refused() == (400, -2013, "Order does not exist.")
    trader.exchange.clock.turn(0.1)
    assert trader.get("order", symbol="BTCUSDT", orderId=body["orderId"])["status"] == "FILLED"


def test_too_fast_and_who_goes_on_is_banned(trader: Trader, board: Switchboard) -> None:
    board.throw(Kind.TOO_FAST)
    assert [buy(trader)[0] for _ in range(4)] == [429, 429, 429, 418]
    board.heal()
    assert buy(trader)[0] == 200
    board.throw(Kind.BANNED)
    assert buy(trader)[0] == 418
    trader.exchange.clock.turn(120)
    assert buy(trader)[0] == 200


def test_the_clocks_drift_apart(trader: Trader) -> None:
    trader.exchange.faults.drift_ms = 4000
    assert buy(trader, recvWindow=3000)[1]["msg"] == "Timestamp for this request is outside of the recvWindow."
    trader.exchange.faults.drift_ms = -1000
    assert buy(trader)[1]["msg"] == "Timestamp for this request was 1000ms ahead of the server's time."
    reply = trader.exchange.handle(Request(method="GET", path="/api/v3/time"))
    assert json.loads(reply.body) == {"serverTime": trader.exchange.clock.ms - 1000}


def test_a_half_open_socket_is_silent_and_a_terminated_one_says_so(
    trader: Trader, board: Switchboard, heard: Subscription
) -> None:
    board.throw(Kind.HALF_OPEN)
    buy(trader)
    assert kinds(heard) == []
    assert heard.alive
    second = trader.account.inbox.subscribe()
    board.throw(Kind.STREAM_ENDED)
    assert kinds(second) == ["eventStreamTerminated"]
    assert not second.alive
    assert kinds(heard) == []


def test_events_get_lost_told_twice_and_mixed_up(trader: Trader, board: Switchboard, heard: Subscription) -> None:
    plain = ["NEW", "TRADE", "outboundAccountPosition", "outboundAccountPosition"]
    buy(trader)
    assert kinds(heard) == plain
    board.throw(Kind.EVENTS_DROPPED, times=2)
    buy(trader)
    assert kinds(heard) == plain[2:]
    board.throw(Kind.EVENTS_DUPLICATED, times=2)
    buy(trader)
    assert kinds(heard) == ["NEW", "NEW", "TRADE", "TRADE", *plain[2:]]
    board.throw(Kind.EVENTS_REORDERED)
    buy(trader)
    assert kinds(heard) == ["TRADE", "NEW", *plain[2:]]


def test_a_triggered_stop_is_new_twice(trader: Trader, board: Switchboard, heard: Subscription) -> None:
    trader.order("SELL", "STOP_LOSS", quantity="0.1", stopPrice="49500")
    board.throw(Kind.STOP_TRIGGERED)
    events = [row["event"] for row in heard.drain() if row["event"]["e"] == "executionReport"]
    assert [(event["x"], event["w"], "W" in event) for event in events] == [
        ("NEW", False, False), ("NEW", True, True), ("TRADE", False, True),
    ]  # fmt: skip


def test_partial_fills_of_any_size(trader: Trader, board: Switchboard) -> None:
    parts = set()
    for _ in range(8):
        board.throw(Kind.EXPIRED_WITH_FILLS)
        _, body = buy(trader)
        assert body["status"] == "EXPIRED"
        parts.add(body["executedQty"])
    assert len(parts) > 4


def test_rules_and_rights_change_and_heal(trader: Trader, board: Switchboard) -> None:
    board.throw(Kind.FILTER_CHANGED)
    assert buy(trader, newClientOrderId="a")[0] == 200
    trader.order("BUY", "MARKET", quantity="0.01001")
    assert trader.refused() == (400, -1013, "Filter failure: LOT_SIZE")
    board.throw(Kind.HALTED)
    reply = trader.exchange.handle(Request(method="GET", path="/api/v3/exchangeInfo"))
    assert json.loads(reply.body)["symbols"][0]["status"] == "HALT"
    assert buy(trader)[1]["msg"] == "Market is closed."
    board.throw(Kind.KEY_REVOKED)
    assert buy(trader)[0] == 401
    board.heal()
    assert trader.order("BUY", "MARKET", quantity="0.01001")["status"] == "FILLED"


def test_a_reset_forgets_everything_but_the_keys(trader: Trader, board: Switchboard, heard: Subscription) -> None:
    buy(trader)
    heard.drain()
    board.throw(Kind.TESTNET_RESET)
    assert kinds(heard) == ["eventStreamTerminated"]
    assert trader.get("allOrders", symbol="BTCUSDT") == []
    assert trader.get("account")["balances"][0]["free"] == "10000.00000000"
    assert buy(trader)[1]["orderId"] == 1
