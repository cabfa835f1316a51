"""What the exchange says to a bad request, word for word, and to too many of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.exchange.exchange import Exchange
from tests.exchange.limits import Limits
from tests.exchange.wire import Reply, Request


def send(exchange: Exchange, path: str, **query: str) -> tuple[Reply, Any]:
    reply = exchange.handle(Request(method="GET", path=f"/api/v3/{path}", query=tuple(query.items())))
    return reply, json.loads(reply.body)


@pytest.mark.parametrize(
    ("path", "query", "code", "message"),
    [
        ("avgPrice", {}, -1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed."),
        ("klines", {"symbol": "", "interval": "1h"}, -1105, "Parameter 'symbol' was empty."),
        ("klines", {"symbol": "NOSUCH", "interval": "1h"}, -1121, "Invalid symbol."),
        ("klines", {"symbol": "BTCUSDT", "interval": "7h"}, -1120, "Invalid interval."),
        ("depth", {"symbol": "BTCUSDT", "limit": "0"}, -1130, "Data sent for parameter 'limit' is not valid."),
        (
            "klines",
            {"symbol": "BTCUSDT", "interval": "1h", "startTime": "-5"},
            -1100,
            "Illegal characters found in parameter 'startTime'; legal range is '^[0-9]{1,20}$'.",
        ),
        (
            "depth",
            {"symbol": "btcusdt"},
            -1100,
            "Illegal characters found in parameter 'symbol'; legal range is '^[A-Z0-9-_.]{1,20}$'.",
        ),
        ("ping", {"x": "1"}, -1104, "Not all sent parameters were read; read '0' parameter(s) but was sent '1'."),
        ("exchangeInfo", {"symbols": '["BTCUSDT","NOSUCH"]'}, -1121, "Invalid symbol."),
        (
            "ticker/price",
            {"symbol": "BTCUSDT", "symbols": '["BTCUSDT"]'},
            -1128,
            "Combination of optional parameters invalid.",
        ),
    ],
)  # fmt: skip
def test_a_bad_request_is_refused(path: str, query: dict[str, str], code: int, message: str) -> None:
    reply, body = send(Exchange.seeded(), path, **query)
    assert reply.status == 400
    assert body == {"code": code, "msg": message}
    assert list(body) == ["code", "msg"]


def test_what_it_does_not_offer_is_not_found() -> None:
    exchange = Exchange.seeded()
    assert send(exchange, "nothing")[0].status == 404
    assert exchange.handle(Request(method="POST", path="/api/v3/ping")).status == 404


@pytest.mark.parametrize(
    ("path", "query", "weight"),
    [
        ("ping", {}, 1),
        ("time", {}, 1),
        ("exchangeInfo", {}, 20),
        ("klines", {"symbol": "BTCUSDT", "interval": "1h"}, 2),
        ("depth", {"symbol": "BTCUSDT"}, 5),
        ("depth", {"symbol": "BTCUSDT", "limit": "500"}, 25),
        ("depth", {"symbol": "BTCUSDT", "limit": "1000"}, 50),
        ("depth", {"symbol": "BTCUSDT", "limit": "9000"}, 250),
        ("trades", {"symbol": "BTCUSDT"}, 25),
        ("aggTrades", {"symbol": "BTCUSDT"}, 4),
        ("avgPrice", {"symbol": "BTCUSDT"}, 2),
        ("ticker/bookTicker", {"symbol": "BTCUSDT"}, 2),
        ("ticker/price", {}, 4),
        ("ticker/24hr", {"symbol": "BTCUSDT"}, 2),
        ("ticker/24hr", {}, 80),
    ],
)
def test_each_endpoint_weighs_what_the_documents_say(path: str, query: dict[str, str], weight: int) -> None:
    reply, _ = send(Exchange.seeded(), path, **query)
    assert (reply.status, reply.headers["x-mbx-used-weight-1m"]) == (200, str(weight))


def test_too_fast_is_429_then_418_and_a_second_ban_is_longer() -> None:
    exchange = Exchange.seeded(limits=Limits(weight_per_minute=2, patience=2))
    statuses = [send(exchange, "ping")[0].status for _ in range(5)]
    assert statuses == [200, 200, 429, 429, 418]
    reply, body = send(exchange, "ping")
    assert (reply.status, reply.headers["Retry-After"]) == (418, "120")
    assert body["msg"].startswith(f"Way too much request weight used; IP banned until {exchange.now_ms + 120_000}.")
    exchange.clock.turn(120)
    assert send(exchange, "ping")[0].status == 200
    for _ in range(4):
        reply, _ = send(exchange, "ping")
    assert (reply.status, reply.headers["Retry-After"]) == (418, "240")


def test_weight_is_counted_in_fixed_clock_minutes() -> None:
    exchange = Exchange.seeded(limits=Limits(weight_per_minute=2))
    for _ in range(3):
        reply, body = send(exchange, "ping")
    assert body["msg"].startswith("Too much request weight used; current limit is 2 request weight per 1 MINUTE.")
    assert reply.headers["Retry-After"] == "37"  # the clock stands at 23.456 s
    exchange.clock.turn(36.544)
    assert send(exchange, "ping")[0].headers["x-mbx-used-weight-1m"] == "1"
