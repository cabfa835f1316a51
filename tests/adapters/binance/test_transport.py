"""What can go wrong on the way, by the test exchange's fault switchboard, over a real socket."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from engine.adapters.binance.errors import NoConnection
from engine.adapters.binance.market import BinanceMarket
from engine.adapters.binance.transport import Transport
from engine.domain.errors import (
    AaitiError,
    ConfigurationError,
    MarketDataError,
    NotAuthenticated,
    RateLimited,
    RegionBlocked,
    VenueUnavailable,
)
from tests.exchange import Exchange, Fault, LoopbackServer
from tests.exchange.faults import CLOUDFRONT_403, NGINX_502

NOBODY = "http://127.0.0.1:9"
"""Discard port: nothing listens there."""


@pytest.mark.parametrize(
    "fault",
    [
        Fault.drop(),
        Fault.page(502, NGINX_502),
        Fault.error(
            503, -1008, "Server is currently overloaded with other requests. Please try again in a few minutes."
        ),
        Fault.error(400, -1000, "An unknown error occurred while processing the request."),
        Fault.body("<html>maintenance</html>"),
        Fault.body("null", status=500),
        Fault.body('{"code":-1001,"msg":"Internal error; unable to process your request."}'),
    ],
)
def test_a_passing_fault_is_outlived(market: BinanceMarket, exchange: Exchange, fault: Fault) -> None:
    exchange.faults.add(fault, times=2)
    assert market.quote("BTCUSDT").symbol == "BTCUSDT"
    assert len(exchange.requests) == 3
    assert exchange.clock.slept == [0.5, 1.0]


def test_a_lasting_fault_is_told_after_three_attempts(market: BinanceMarket, exchange: Exchange) -> None:
    exchange.faults.add(Fault.page(502, NGINX_502), times=9)
    with pytest.raises(VenueUnavailable, match="ticker/bookTicker BTCUSDT: HTTP 502"):
        market.quote("BTCUSDT")
    assert len(exchange.requests) == 3


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.region_block(), RegionBlocked),
        (Fault.page(403, CLOUDFRONT_403), RegionBlocked),
        (Fault.error(401, -2015, "Invalid API-key, IP, or permissions for action."), NotAuthenticated),
        (Fault.error(400, -1121, "Invalid symbol."), MarketDataError),
        (Fault.body("[]", status=400), MarketDataError),
    ],
)
def test_what_will_not_change_is_not_asked_again(
    market: BinanceMarket, exchange: Exchange, fault: Fault, error: type[AaitiError]
) -> None:
    exchange.faults.add(fault)
    with pytest.raises(error):
        market.quote("BTCUSDT")
    assert len(exchange.requests) == 1


def test_a_silent_host_is_left_after_the_timeout(exchange: Exchange, url: str) -> None:
    transport = Transport([url], clock=exchange.clock, timeout=(0.2, 0.2), attempts=1)
    exchange.faults.add(Fault.stall(5))
    with pytest.raises(NoConnection, match="ReadTimeout"):
        transport.get("ping", weight=1)
    transport.close()


def test_the_next_host_answers_where_the_first_does_not(exchange: Exchange, url: str) -> None:
    failing = Exchange.seeded()
    failing.faults.add(Fault.page(502, NGINX_502))
    with LoopbackServer(failing.handle) as first:
        transport = Transport([first.url, url], clock=exchange.clock, attempts=1)
        market = BinanceMarket(transport, clock=exchange.clock)
        assert [market.quote("BTCUSDT").symbol for _ in range(2)] == ["BTCUSDT"] * 2
        transport.close()
    assert (len(failing.requests), len(exchange.requests)) == (1, 2), "who answered is asked first from then on"


def test_both_reasons_are_told_where_no_host_answers(exchange: Exchange, url: str) -> None:
    transport = Transport([NOBODY, url], clock=exchange.clock, attempts=1)
    exchange.faults.add(Fault.region_block())
    with pytest.raises(VenueUnavailable, match=r"no answer \(ConnectionError\).*\|.*HTTP 451"):
        transport.get("ping", weight=1)
    transport.close()


def test_another_host_is_no_way_around_a_region_block(exchange: Exchange, url: str) -> None:
    other = Exchange.seeded()
    with LoopbackServer(other.handle) as second:
        transport = Transport([url, second.url], clock=exchange.clock)
        exchange.faults.add(Fault.region_block())
        with pytest.raises(RegionBlocked):
            transport.get("ping", weight=1)
        transport.close()
    assert other.requests == []


def test_after_a_429_nothing_is_sent_until_the_wait_is_over(market: BinanceMarket, exchange: Exchange) -> None:
    refusal = Fault.error(429, -1003, "Too much request weight used;", headers={"Retry-After": "30"})
    exchange.faults.add(refusal)
    with pytest.raises(RateLimited) as first:
        market.quote("BTCUSDT")
    assert first.value.retry_after == 30
    exchange.clock.turn(20)
    with pytest.raises(RateLimited) as second:
        market.quote("BTCUSDT")
    assert second.value.retry_after == 10
    assert len(exchange.requests) == 1
    exchange.clock.turn(10)
    assert market.quote("BTCUSDT").symbol == "BTCUSDT"


def test_normal_running_never_sees_a_429(transport: Transport, exchange: Exchange) -> None:
    """A thousand book requests would weigh 5,000 in a minute; we stop at our share and wait for the next."""
    exchange.limits.weight_per_minute = 200
    transport.budget.set_limit(200)
    for _ in range(100):
        transport.get("depth", {"symbol": "BTCUSDT", "limit": 1}, weight=5, patience=65)
    assert exchange.limits.refused == exchange.limits.bans == {}
    assert len(exchange.clock.slept) == 3  # 32 requests fit into our share of a minute


def test_no_host_at_all_is_a_configuration_error(exchange: Exchange) -> None:
    with pytest.raises(ConfigurationError, match="base_urls is empty"):
        Transport([], clock=exchange.clock)


def test_asks_without_key_signature_or_window(market: BinanceMarket, exchange: Exchange) -> None:
    market.quote("BTCUSDT")
    (request,) = exchange.requests
    assert dict(request.query) == {"symbol": "BTCUSDT"}
    assert "X-MBX-APIKEY" not in request.headers


def test_several_threads_may_ask_at_once(market: BinanceMarket) -> None:
    seen: list[str] = []

    def ask(symbol: str) -> None:
        seen.extend(market.quote(symbol).symbol for _ in range(5))

    threads = [threading.Thread(target=ask, args=(symbol,)) for symbol in ("BTCUSDT", "ETHUSDT", "DOGEUSDT")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == ["BTCUSDT"] * 5 + ["DOGEUSDT"] * 5 + ["ETHUSDT"] * 5


def test_opens_without_warning_or_event_loop_and_imports_late() -> None:
    """python-binance warns on import, pings, and leaves an event loop behind: none of it must show."""
    script = (
        "import asyncio, sys, engine.adapters.binance.market, engine.adapters.binance.transport as t\n"
        "assert 'binance' not in sys.modules\n"
        "client = t.open_client((1.0, 1.0))\n"
        "assert client.REQUEST_RECVWINDOW is None and client.loop.is_closed()\n"
        "asyncio.run(asyncio.sleep(0))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_429_of_the_second_host_is_told_as_such(exchange: Exchange, url: str) -> None:
    transport = Transport([NOBODY, url], clock=exchange.clock, attempts=1)
    exchange.faults.add(Fault.error(429, -1003, "Too much request weight used;", headers={"Retry-After": "30"}))
    with pytest.raises(RateLimited):
        transport.get("ping", weight=1)
    transport.close()


def test_what_other_programs_on_this_address_use_counts_too(transport: Transport, exchange: Exchange) -> None:
    transport.get("ping", weight=1)
    exchange.limits.used["127.0.0.1"] = 4790  # of 6,000; we stop at 4,800
    transport.get("ping", weight=1)
    assert transport.budget.used == 4791
    with pytest.raises(RateLimited, match="request weight 4791 of 6000"):
        transport.get("exchangeInfo", weight=20)
