"""Market streams, without a socket where time is turned, and over one: raw, combined, subscribed, cut, silenced."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.exchange.client import Trader
from tests.exchange.exchange import Exchange
from tests.exchange.lines import InProcessLine
from tests.exchange.socket_server import SocketServer
from tests.exchange.test_dialect import same, shape
from tests.exchange.test_user_data import hear_all, signed

D = Decimal
BASE = "wss://stream.binance.com:9443"


def next_json(connection: ClientConnection) -> Any:
    return json.loads(connection.recv(timeout=30))


def test_a_bar_is_final_once() -> None:
    exchange = Exchange.seeded()
    line = InProcessLine(exchange, f"{BASE}/ws/btcusdt@kline_1m")
    (first,) = hear_all(line)
    assert first["k"]["x"] is False
    exchange.clock.turn(36.544)  # to the next minute
    rows = hear_all(line)
    assert [row["k"]["x"] for row in rows] == [True, False]
    assert rows[0]["k"]["t"] == first["k"]["t"]
    assert rows[1]["k"]["t"] == first["k"]["t"] + 60_000
    exchange.clock.turn(180)
    assert [row["k"]["x"] for row in hear_all(line)] == [True, True, True, False]
    assert hear_all(line) == []


def test_frames_are_wrapped_on_the_combined_line_only() -> None:
    exchange = Exchange.quoted()
    names = "btcusdt@bookTicker/btcusdt@aggTrade/ethusdt@bookTicker"
    combined = InProcessLine(exchange, f"{BASE}/stream?streams={names}")
    assert [row["stream"] for row in hear_all(combined)] == ["btcusdt@bookTicker", "ethusdt@bookTicker"]
    exchange.trade_through("BTCUSDT", D(50000), D("0.5"))
    assert [(row["data"]["e"], row["data"]["q"]) for row in hear_all(combined)] == [("aggTrade", "0.50000000")]
    raw = InProcessLine(exchange, f"{BASE}/ws/btcusdt@bookTicker")
    (row,) = hear_all(raw)
    assert list(row) == ["u", "s", "b", "B", "a", "A"]
    assert (row["b"], row["a"]) == ("49999.99000000", "50000.01000000")


def test_subscriptions_come_and_go() -> None:
    line = InProcessLine(Exchange.quoted(), f"{BASE}/ws")
    for method, names in (("SUBSCRIBE", ["btcusdt@bookTicker"]), ("LIST_SUBSCRIPTIONS", []), ("UNSUBSCRIBE", "x")):
        line.send(json.dumps({"method": method, "params": names, "id": 7}))
    answers = [row for row in hear_all(line) if "id" in row]
    assert answers == [
        {"result": None, "id": 7}, {"result": ["btcusdt@bookTicker"], "id": 7},
        {"error": {"code": 2, "msg": "Invalid request: streams must be an array"}, "id": 7},
    ]  # fmt: skip


@pytest.mark.market_data
@pytest.mark.parametrize(
    ("name", "stream"),
    [("ws/aggTrade_2026-01", "btcusdt@aggTrade"), ("ws/bookTicker_recent", "btcusdt@bookTicker"),
     ("docs-samples/streams/Kline_Candlestick_Streams_for_UTC__0", "btcusdt@kline_1m")],
)  # fmt: skip
def test_frames_are_as_recorded(shared: Path, name: str, stream: str) -> None:
    live = json.loads((shared / "recorded" / f"{name}.json").read_text())
    exchange = Exchange.quoted()
    line = InProcessLine(exchange, f"{BASE}/stream?streams={stream}")
    exchange.trade_through("BTCUSDT", D(50000))
    (mine,) = hear_all(line)
    same(shape(mine["data"]), shape(live.get("data", live)), name, ordered=True)


def test_over_a_real_socket() -> None:
    exchange = Exchange.quoted()
    trader = Trader(exchange, exchange.open_account())
    with SocketServer(exchange) as server:
        with connect(f"{server.url}/stream?streams=btcusdt@aggTrade") as market:
            exchange.trade_through("BTCUSDT", D(50000))
            assert next_json(market)["data"]["p"] == "50000.00000000"
        with connect(f"{server.url}/ws-api/v3") as api:
            order = {"id": 1, "method": "userDataStream.subscribe.signature", "params": signed(trader)}
            api.send(json.dumps(order))
            assert next_json(api)["result"] == {"subscriptionId": 0}
            trader.order("BUY", "MARKET", quantity="0.01")
            assert [next_json(api)["event"]["e"] for _ in range(2)] == ["executionReport"] * 2


def test_lines_are_cut_silenced_and_shut_down() -> None:
    exchange = Exchange.quoted()
    with SocketServer(exchange) as server:
        with connect(f"{server.url}/ws/btcusdt@aggTrade") as line, connect(f"{server.url}/ws") as other:
            other.send(json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": 1}))
            assert next_json(other)["id"] == 1
            server.silence()
            exchange.trade_through("BTCUSDT", D(50000))
            with pytest.raises(TimeoutError):
                line.recv(timeout=0.1)
            server.drop()
            with pytest.raises(ConnectionClosed):
                line.recv(timeout=30)
        with connect(f"{server.url}/ws/btcusdt@aggTrade") as line:
            exchange.trade_through("BTCUSDT", D(50000))
            next_json(line)
            server.shut_down()
            assert next_json(line)["e"] == "serverShutdown"
            with pytest.raises(ConnectionClosed):
                line.recv(timeout=30)


def test_six_messages_in_a_second_are_too_many() -> None:
    with SocketServer(Exchange.quoted()) as server, connect(f"{server.url}/ws") as line:
        asked = [json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": i}) for i in range(7)]
        with pytest.raises(ConnectionClosed):
            _ask_all(line, asked)


def _ask_all(line: ClientConnection, asked: list[str]) -> None:
    for text in asked:
        line.send(text)
    for _ in asked:
        line.recv(timeout=30)
