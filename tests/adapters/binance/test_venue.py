"""The venue beside its orders: limits, health, the rights of its key, what a fill costs, and the canary."""

from __future__ import annotations

import json
import threading
import time
from contextlib import AbstractContextManager
from decimal import Decimal

import pytest

from engine.adapters.binance.market_stream import MarketStream
from engine.adapters.binance.stream import Line, LineLost
from engine.adapters.binance.user_stream import UserStream
from engine.adapters.binance.venue import BinanceVenue
from engine.domain.account import AccountKind
from engine.domain.errors import ConfigurationError, MarketDataError, VenueUnavailable
from engine.domain.interval import Interval
from engine.domain.venue import OTOCO, StreamState
from engine.ports import Venue
from tests.adapters.binance.trading import Trading
from tests.exchange import Fault
from tests.exchange.keys import Rights
from tests.exchange.listing import BTCUSDT
from tests.exchange.wallet import FeeRates

RESTRICTIONS = "/sapi/v1/account/apiRestrictions"


@pytest.fixture
def live() -> Trading:
    return Trading(AccountKind.LIVE)


@pytest.fixture
def testnet() -> Trading:
    return Trading(AccountKind.TESTNET)


def test_it_is_a_venue_and_learns_the_limits_as_it_starts(live: Trading) -> None:
    venue: Venue = live.venue
    live.exchange.limits.weight_per_minute = 1200
    venue.start(lambda: None)
    health = venue.health()
    assert (health.weight_limit, health.user_stream, health.gaps) == (1200, StreamState.DOWN, 0)
    assert health.clock_offset is not None
    venue.close()


def test_it_does_not_start_where_nothing_answers(live: Trading) -> None:
    live.exchange.faults.add(Fault.drop(), times=5)
    with pytest.raises(VenueUnavailable):
        live.venue.start(lambda: None)


def test_watch_reaches_the_market_stream(live: Trading) -> None:
    stream = MarketStream("ws://x", clock=live.clock)
    venue = BinanceVenue(
        live.account, live.instruments, live.transport, clock=live.clock, market_stream=stream
    )  # fmt: skip
    venue.watch([("ETHUSDT", Interval.H1)])
    assert stream.address() == "ws://x/stream?streams=ethusdt@bookTicker/ethusdt@kline_1h"
    assert venue.health().market_stream is StreamState.DOWN, "wanted, not open"
    venue.close()


# ---------------------------------------------------------------- rights and fees


@pytest.mark.parametrize(
    ("rights", "refused"),
    [
        (Rights(), None),
        (Rights(withdrawals=True), "withdraw"),
        (Rights(internal_transfer=True), "transfer"),
        (Rights(universal_transfer=True), "transfer"),
        (Rights(trading=False), "may not trade"),
    ],
)
def test_what_the_key_may_do(live: Trading, rights: Rights, refused: str | None) -> None:
    live.held.key.rights = rights
    found = live.venue.rights()
    assert found is not None
    assert (found.refused is None) if refused is None else (refused in str(found.refused))
    assert not found.ip_bound


def test_a_key_bound_to_an_address(live: Trading) -> None:
    live.held.key.rights = Rights(addresses=("127.0.0.1",))
    found = live.venue.rights()
    assert found is not None
    assert found.ip_bound


def test_where_the_venue_does_not_tell(live: Trading, testnet: Trading) -> None:
    assert testnet.venue.rights() is None
    assert "apiRestrictions" not in str(testnet.exchange.paths())
    live.exchange.faults.add(Fault.page(404, "<html>").on(RESTRICTIONS))
    assert live.venue.rights() is None
    live.exchange.faults.add(Fault.page(502, "<html>").on(RESTRICTIONS))
    with pytest.raises(VenueUnavailable):
        live.venue.rights()


def test_a_right_that_is_not_told_is_not_taken_for_absent(live: Trading) -> None:
    told = Fault.body(json.dumps({"enableSpotAndMarginTrading": True, "ipRestrict": True}))
    live.exchange.faults.add(told.on(RESTRICTIONS))
    with pytest.raises(MarketDataError, match="enableWithdrawals"):
        live.venue.rights()


def test_what_a_fill_costs_in_coins_and_in_bnb(live: Trading) -> None:
    plain = live.venue.commission("BTCUSDT")
    assert (plain.buy_ratio, plain.sell_ratio, plain.bnb) == (Decimal("0.001"), Decimal("0.001"), False)
    live.held.rates = FeeRates(in_bnb=True)
    reduced = live.venue.commission("BTCUSDT")
    assert (reduced.buy_ratio, reduced.bnb) == (Decimal("0.00075"), True)


def test_every_part_of_a_commission_counts_and_only_the_standard_one_is_reduced(live: Trading) -> None:
    part = {"maker": "9", "taker": "0.001", "buyer": "0.0002", "seller": "0.0004"}
    body = {
        "symbol": "BTCUSDT", "standardCommission": part, "specialCommission": part, "taxCommission": part,
        "discount": {
            "enabledForAccount": True, "enabledForSymbol": True, "discountAsset": "BNB", "discount": "0.75000000",
        },
    }  # fmt: skip
    live.exchange.faults.add(Fault.body(json.dumps(body)).on("account/commission"))
    found = live.venue.commission("BTCUSDT")
    assert (found.buy_ratio, found.sell_ratio) == (Decimal("0.0033"), Decimal("0.00385"))


# ---------------------------------------------------------------- the canary


def test_on_the_testnet_it_places_fills_protects_and_sells(testnet: Trading) -> None:
    before = testnet.exchange.truth(testnet.held)
    result = testnet.venue.canary("BTCUSDT")
    assert result.passed == dict.fromkeys(
        ("CLOCK", "PRICE", "MARKET", "LIMIT", "STOP", "QUERY", "CANCEL", OTOCO, "OCO"), True
    ), result.details
    after = testnet.exchange.truth(testnet.held)
    assert after.open_orders() == ()
    assert {o.type for o in after.orders} == {"LIMIT", "STOP_LOSS", "LIMIT_MAKER", "MARKET"}
    assert all(o.client_id.startswith("ac") for o in after.orders), "the book never takes them for its own"
    assert before.total("USDT") - after.total("USDT") < 1


def test_live_it_orders_nothing(live: Trading) -> None:
    result = live.venue.canary("BTCUSDT")
    assert all(result.passed.values()), result.details
    assert set(result.passed) == {"CLOCK", "PRICE", "MARKET", "LIMIT", "STOP", "OCO", OTOCO}
    assert live.exchange.truth(live.held).orders == ()
    posts = {r.path for r in live.exchange.requests if r.method == "POST"}
    assert posts == {"/api/v3/order/test"}


def test_what_does_not_work_is_a_result_with_words(testnet: Trading) -> None:
    testnet.exchange.halt("BTCUSDT")
    result = testnet.venue.canary("BTCUSDT")
    assert result.passed["CLOCK"]
    assert not result.proved(OTOCO)
    assert result.details["LIMIT"]
    assert testnet.exchange.truth(testnet.held).open_orders() == ()


def test_an_entry_that_does_not_fill_proves_nothing(testnet: Trading) -> None:
    testnet.exchange.quote("BTCUSDT", Decimal(49999), Decimal(50001), ask_quantity=BTCUSDT.lot)
    result = testnet.venue.canary("BTCUSDT")
    assert not result.proved(OTOCO)
    assert "did not fill" in result.details[OTOCO]
    assert testnet.exchange.truth(testnet.held).open_orders() == ()


def test_a_clock_that_is_wrong_is_told(live: Trading) -> None:
    live.exchange.faults.drift_ms = 3000
    result = live.venue.canary("BTCUSDT")
    assert not result.passed["CLOCK"]
    assert "+3.0 s" in result.details["CLOCK"]


def test_a_cancel_that_is_lost_is_asked_again(testnet: Trading) -> None:
    testnet.exchange.faults.add(Fault.lost_request().on("orderList", "DELETE"))
    result = testnet.venue.canary("BTCUSDT")
    assert result.proved(OTOCO)
    assert testnet.exchange.truth(testnet.held).open_orders() == ()


def test_another_instrument_is_a_configuration_error(live: Trading) -> None:
    with pytest.raises(ConfigurationError, match="NOSUCH"):
        live.venue.canary("NOSUCH")


def test_streams_that_are_stuck_end_within_one_bound_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    trading, released = Trading(), threading.Event()

    def stuck(_url: str) -> AbstractContextManager[Line]:
        released.wait(10)
        raise LineLost("never there")

    streams = UserStream("wss://x", trading.key, trading.transport.time, connect=stuck), MarketStream(
        "wss://x", clock=trading.clock, connect=stuck
    )
    venue = BinanceVenue(
        trading.account, trading.instruments, trading.transport, clock=trading.clock, stream=streams[0],
        market_stream=streams[1],
    )  # fmt: skip
    monkeypatch.setattr("engine.adapters.binance.venue.PARTING", 1.0)
    venue.watch([("BTCUSDT", Interval.M1)])
    venue.start(lambda: None)
    began = time.monotonic()
    venue.close()
    assert 0.9 < time.monotonic() - began < 1.8, "one after the other would be two seconds"
    released.set()
    for stream in streams:
        stream.stop()
