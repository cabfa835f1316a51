"""A CoinGecko-dialect site on loopback, and our adapter pointed at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.adapters.coingecko.market import CoinGeckoMarket
from engine.adapters.coingecko.transport import Transport
from tests.adapters.coingecko.site import PriceSite
from tests.exchange import LoopbackServer, TurnedClock
from tests.exchange.exchange import NOW


@pytest.fixture
def site() -> PriceSite:
    return PriceSite(TurnedClock(NOW))


@pytest.fixture
def url(site: PriceSite) -> Iterator[str]:
    with LoopbackServer(site.handle) as server:
        yield f"{server.url}/api/v3"


@pytest.fixture
def transport(site: PriceSite, url: str) -> Iterator[Transport]:
    transport = Transport(clock=site.clock, base_url=url, timeout=20.0)
    yield transport
    transport.close()


@pytest.fixture
def market(site: PriceSite, transport: Transport) -> CoinGeckoMarket:
    return CoinGeckoMarket(transport, clock=site.clock)
