"""python-binance over the in-process transport: no socket, one clock, and faults as requests knows them."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.exchange.exchange import Exchange
from tests.exchange.faults import Fault
from tests.exchange.inprocess import InProcess

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # it imports websockets.legacy
    from binance.client import Client
    from binance.exceptions import BinanceAPIException

WANTED = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01", "newClientOrderId": "one"}


@pytest.fixture
def exchange() -> Exchange:
    exchange = Exchange.quoted()
    exchange.open_account()
    return exchange


@pytest.fixture
def client(exchange: Exchange, event_loop: None) -> Any:
    key = exchange.accounts["main"].key
    client = Client(key.api_key, key.secret, ping=False)
    client.session.mount("https://", InProcess(exchange, latency=0.04))
    client.timestamp_offset = exchange.clock.ms - time.time() * 1000
    return client


def executed(exchange: Exchange) -> int:
    return len(exchange.truth(exchange.accounts["main"]).fills)


def test_it_trades_and_reads_back(exchange: Exchange, client: Any) -> None:
    assert client.create_order(**WANTED)["status"] == "FILLED"
    assert client.get_order(symbol="BTCUSDT", origClientOrderId="one")["executedQty"] == "0.01000000"
    assert client.get_account_api_permissions()["enableWithdrawals"] is False
    assert len(client.get_my_trades(symbol="BTCUSDT")) == 1
    with pytest.raises(BinanceAPIException) as caught:
        client.create_order(**WANTED | {"quantity": "9"})
    assert (caught.value.status_code, caught.value.code) == (400, -2010)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault.lost_request, (requests.exceptions.ConnectionError, 0, 0.02)),
        (Fault.lost_reply, (requests.exceptions.ConnectionError, 1, 0.02)),
        (lambda: Fault.slow_reply(30), (requests.exceptions.ReadTimeout, 1, 10.02)),
        (lambda: Fault.stall(30), (requests.exceptions.ReadTimeout, 0, 10.02)),
        (Fault.unexpected, (BinanceAPIException, 0, 0.04)),
        (lambda: Fault.unexpected().after(), (BinanceAPIException, 1, 0.04)),
        (lambda: Fault.timed_out().after(), (BinanceAPIException, 1, 0.04)),
        (Fault.overloaded, (BinanceAPIException, 0, 0.04)),
    ],
)
def test_faults_of_the_line(
    exchange: Exchange, client: Any, fault: Callable[[], Fault], expected: tuple[type[Exception], int, float]
) -> None:
    error, fills, seconds = expected
    exchange.faults.add(fault().on("order", "POST"))
    before = exchange.clock.ms
    with pytest.raises(error):
        client.create_order(**WANTED)
    assert executed(exchange) == fills
    assert exchange.clock.ms - before == pytest.approx(seconds * 1000, abs=1)
    client.timestamp_offset += seconds * 1000
    assert client.create_order(**WANTED | {"newClientOrderId": "two"})["status"] == "FILLED"


def test_a_slow_reply_within_the_timeout_arrives(exchange: Exchange, client: Any) -> None:
    exchange.faults.add(Fault.slow_reply(2))
    before = exchange.clock.ms
    assert client.create_order(**WANTED)["status"] == "FILLED"
    assert exchange.clock.ms - before == 2040


@pytest.mark.parametrize(("seconds", "window", "fills"), [(11.0, 60000, 1), (11.0, 3000, 0), (2.0, 3000, 1)])
def test_a_late_request_is_carried_out_unless_its_window_is_over(
    exchange: Exchange, client: Any, seconds: float, window: int, fills: int
) -> None:
    client.REQUEST_RECVWINDOW = window
    exchange.faults.add(Fault.late_request(seconds))
    with pytest.raises(requests.exceptions.ReadTimeout):
        client.create_order(**WANTED)
    exchange.clock.turn(60)
    assert executed(exchange) == fills
    for fill in exchange.truth(exchange.accounts["main"]).fills:
        assert exchange.clock.ms - fill.time > 50_000  # it was carried out when it came in, not when somebody looked
