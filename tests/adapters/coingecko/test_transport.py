"""What can go wrong on the way to CoinGecko."""

from __future__ import annotations

import pytest

from engine.adapters.coingecko.market import CoinGeckoMarket
from engine.adapters.coingecko.transport import PRO_URL, PUBLIC_URL, Transport
from engine.domain.errors import (
    AaitiError,
    ConfigurationError,
    MarketDataError,
    NotAuthenticated,
    RateLimited,
    RegionBlocked,
    VenueUnavailable,
)
from tests.adapters.coingecko.site import PriceSite
from tests.exchange import Fault, TurnedClock
from tests.exchange.exchange import NOW
from tests.exchange.faults import CLOUDFRONT_403, NGINX_502
from tests.exchange.wire import Reply

LIMIT = '{"status":{"error_code":429,"error_message":"You\'ve exceeded the Rate Limit."}}'


@pytest.mark.parametrize(
    "fault", [Fault.drop(), Fault.page(502, NGINX_502), Fault.page(503, "busy"), Fault.body("<html>maintenance</html>")]
)
def test_a_passing_fault_is_outlived(market: CoinGeckoMarket, site: PriceSite, fault: Fault) -> None:
    site.faults.add(fault, times=2)
    assert market.quote("BTCUSD").symbol == "BTCUSD"
    assert (len(site.requests), site.clock.slept) == (3, [1.0, 2.0])


def test_a_lasting_fault_is_told(market: CoinGeckoMarket, site: PriceSite) -> None:
    site.faults.add(Fault.page(502, NGINX_502), times=9)
    with pytest.raises(VenueUnavailable, match="price of bitcoin: HTTP 502"):
        market.quote("BTCUSD")
    assert len(site.requests) == 3


def test_a_silent_site_is_left_after_the_timeout(site: PriceSite, url: str) -> None:
    transport = Transport(clock=site.clock, base_url=url, timeout=0.2, attempts=1)
    site.faults.add(Fault.stall(5))
    with pytest.raises(VenueUnavailable, match="ReadTimeout"):
        CoinGeckoMarket(transport, clock=site.clock).quote("BTCUSD")
    transport.close()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (
            Fault.body('{"error":{"status":{"error_code":10002,"error_message":"API Key Missing"}}}', 401),
            NotAuthenticated,
        ),
        (Fault.body('{"error":"coin not found"}', 404), MarketDataError),
        (Fault.page(403, CLOUDFRONT_403), RegionBlocked),
        (Fault.body("[]", 400), MarketDataError),
    ],
)
def test_what_will_not_change_is_not_asked_again(
    market: CoinGeckoMarket, site: PriceSite, fault: Fault, error: type[AaitiError]
) -> None:
    site.faults.add(fault)
    with pytest.raises(error):
        market.quote("BTCUSD")
    assert len(site.requests) == 1


def test_after_a_429_nothing_is_sent_until_the_wait_is_over(market: CoinGeckoMarket, site: PriceSite) -> None:
    site.faults.add(Fault.body(LIMIT, 429))
    with pytest.raises(RateLimited, match="exceeded the Rate Limit") as refused:
        market.quote("BTCUSD")
    assert refused.value.retry_after == 60
    with pytest.raises(RateLimited, match="until 2025-03-04T10:18:23"):
        market.quote("BTCUSD")
    assert len(site.requests) == 1
    site.clock.turn(60)
    assert market.quote("BTCUSD").symbol == "BTCUSD"


def test_a_short_wait_is_waited(market: CoinGeckoMarket, site: PriceSite) -> None:
    site.faults.add(Fault(reply=Reply(status=429, body=LIMIT.encode(), headers={"Retry-After": "3"})))
    assert market.quote("BTCUSD").symbol == "BTCUSD"
    assert site.clock.slept == [3.0]


@pytest.mark.parametrize("kind", ["demo", "pro"])
def test_keys_travel_in_headers_only(site: PriceSite, url: str, kind: str) -> None:
    keys = {f"{kind}_key": "CG-secret"}
    transport = Transport(clock=site.clock, base_url=url, **keys)  # type: ignore[arg-type]
    CoinGeckoMarket(transport, clock=site.clock).quote("BTCUSD")
    (request,) = site.requests
    assert request.headers[f"x-cg-{kind}-api-key"] == "CG-secret"
    assert "CG-secret" not in str(request.query)
    site.faults.add(Fault.page(502, NGINX_502), times=3)
    with pytest.raises(VenueUnavailable) as failed:
        CoinGeckoMarket(transport, clock=site.clock).quote("BTCUSD")
    assert "CG-secret" not in str(failed.value)
    transport.close()


def test_a_pro_key_asks_the_pro_host() -> None:
    clock = TurnedClock(NOW)
    assert Transport(clock=clock)._base_url == PUBLIC_URL
    assert Transport(clock=clock, pro_key="k")._base_url == PRO_URL
    with pytest.raises(ConfigurationError, match="not both"):
        Transport(clock=clock, pro_key="k", demo_key="k")
