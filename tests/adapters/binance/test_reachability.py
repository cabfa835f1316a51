"""What the console's first run says when Binance does not answer."""

from __future__ import annotations

import pytest

from engine.adapters.binance.market import BinanceMarket
from engine.adapters.binance.reachability import Access
from engine.adapters.binance.transport import Transport
from tests.exchange import Exchange, Fault


def test_answers(market: BinanceMarket, url: str) -> None:
    found = market.reachability()
    assert (found.ok, found.access, found.message) == (True, Access.OK, f"{url} answers.")


@pytest.mark.parametrize(
    ("fault", "access", "words"),
    [
        (Fault.drop(), Access.OFFLINE, "offline"),
        (Fault.region_block(), Access.REGION_BLOCKED, "does not serve this region"),
        (Fault.error(429, -1003, "Too much", headers={"Retry-After": "17"}), Access.RATE_LIMITED, "another 17 s"),
        (Fault.error(500, -1000, "An unknown error occurred"), Access.UNAVAILABLE, "answers, but not usefully"),
    ],
)
def test_says_why_not(market: BinanceMarket, exchange: Exchange, fault: Fault, access: Access, words: str) -> None:
    exchange.faults.add(fault)
    found = market.reachability()
    assert (found.ok, found.access) == (False, access)
    assert words in found.message
    assert len(exchange.requests) == 1  # asked once: a first screen does not wait for retries


def test_the_second_host_will_do(exchange: Exchange, url: str) -> None:
    transport = Transport(["http://127.0.0.1:9", url], clock=exchange.clock)
    found = BinanceMarket(transport, clock=exchange.clock).reachability()
    assert (found.ok, found.message) == (True, f"{url} answers.")
    transport.close()
