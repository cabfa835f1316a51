"""A seeded test exchange on loopback, and our adapter pointed at it. One clock serves both."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.adapters.binance.market import BinanceMarket
from engine.adapters.binance.transport import Transport
from tests.exchange import Exchange, LoopbackServer


@pytest.fixture
def exchange() -> Exchange:
    return Exchange.seeded()


@pytest.fixture
def url(exchange: Exchange) -> Iterator[str]:
    with LoopbackServer(exchange.handle) as server:
        yield server.url


@pytest.fixture
def transport(exchange: Exchange, url: str) -> Iterator[Transport]:
    transport = Transport([url], clock=exchange.clock, timeout=(20.0, 20.0))
    yield transport
    transport.close()


@pytest.fixture
def market(exchange: Exchange, transport: Transport) -> BinanceMarket:
    return BinanceMarket(transport, clock=exchange.clock)
