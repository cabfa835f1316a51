"""Signed requests on a real socket and off it: what leaves, what surely did not, what it may cost."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
import requests

from engine.adapters.binance.errors import NoConnection
from engine.adapters.binance.signed import SignedTransport
from engine.adapters.binance.signing import api_key
from engine.adapters.binance.venue import BinanceVenue
from engine.adapters.binance.weight import WeightBudget
from engine.domain.errors import NotAuthenticated, OrderOutcomeUnknown, RateLimited, VenueUnavailable
from engine.domain.order import OrderStatus, Purpose, Side
from tests.adapters.binance.trading import Trading, statuses
from tests.exchange import Exchange, Fault, LoopbackServer
from tests.exchange.keys import Key
from tests.exchange.wire import Reply, Request


@pytest.fixture
def trading() -> Trading:
    return Trading()


def venue_at(trading: Trading, url: str, key: Key | None = None, private_key: str = "") -> BinanceVenue:
    """The same account over another door."""
    key = key or trading.held.key
    signer = api_key(key=key.api_key, secret=key.secret or None, private_key=private_key or None)
    transport = SignedTransport(url, signer, clock=trading.clock, timeout=(0.5, 0.5))
    return BinanceVenue(trading.account, trading.instruments, transport, clock=trading.clock)


@pytest.fixture
def hung_up() -> Iterator[str]:
    """A host that takes the request and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take() -> None:
            while True:
                try:
                    line, _ = server.accept()
                except OSError:
                    return
                line.recv(65536)
                line.close()

        threading.Thread(target=take, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def test_orders_over_a_real_socket_with_both_kinds_of_key(trading: Trading) -> None:
    key, private = Key.ed25519()
    trading.exchange.add_key(trading.held, key)
    with LoopbackServer(trading.exchange.handle) as server:
        for venue in (venue_at(trading, server.url), venue_at(trading, server.url, key, private)):
            order = trading.limit("49000")
            assert statuses(venue.place([order])) == [OrderStatus.WORKING]
            found = venue.find(order)
            assert found is not None
            assert statuses(venue.cancel([order])) == [OrderStatus.CANCELLED]
            venue.close()


def test_a_refused_connection_is_surely_no_order(trading: Trading) -> None:
    trading.transport.base_url = "http://127.0.0.1:9"
    venue = venue_at(trading, "http://127.0.0.1:9")
    venue._transport.time.sync = trading.transport.time.sync  # type: ignore[method-assign]
    venue._transport.time._offset, venue._transport.time._synced_at = trading.transport.time.offset, trading.clock.now()
    order = trading.order()
    for _ in range(2):
        with pytest.raises(NoConnection):
            venue.place([order])
    venue.close()


def test_a_host_that_hangs_up_may_have_taken_the_order(trading: Trading, hung_up: str) -> None:
    venue = venue_at(trading, hung_up)
    trading.transport.time.sync()
    venue._transport.time._offset, venue._transport.time._synced_at = trading.transport.time.offset, trading.clock.now()
    with pytest.raises(OrderOutcomeUnknown) as caught:
        venue.place([trading.order()])
    assert "signature" not in str(caught.value)
    assert caught.value.__cause__ is None, "its text quotes the address"
    venue.close()


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (requests.ConnectTimeout("no way there"), NoConnection),
        (requests.exceptions.InvalidURL("nonsense"), NoConnection),
        (requests.ReadTimeout("slow"), OrderOutcomeUnknown),
        (requests.ConnectionError("reset by peer"), OrderOutcomeUnknown),
        (requests.exceptions.ChunkedEncodingError("cut off"), OrderOutcomeUnknown),
        (requests.exceptions.SSLError("broken record"), OrderOutcomeUnknown),
        (requests.TooManyRedirects("round and round"), OrderOutcomeUnknown),
    ],
)
def test_network_errors(trading: Trading, error: Exception, outcome: type[Exception]) -> None:
    def fail(request: Request) -> None:
        if request.method == "POST":
            raise error

    trading.door.before = fail
    with pytest.raises(outcome):
        trading.venue.place([trading.order()])


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=500, body=b"<html>"),
        Reply(status=502, body=b""),
        Reply(status=503, body=b'{"code":-1008,"msg":"overloaded"}'),
        Reply(status=200, body=b'{"code":-1006,"msg":"unexpected"}'),
        Reply(status=200, body=b'{"code":-1000,"msg":"unknown"}'),
        Reply(status=400, body=b'{"code":-1001,"msg":"disconnected"}'),
        Reply(status=200, body=b"<html>maintenance</html>"),
        Reply(status=200, body=b"null"),
        Reply(status=200, body=b"[]"),
        Reply(status=200, body=b"{}"),
        Reply(status=400, body=b"<html>"),
        Reply(status=302, body=b"", headers={"Location": "https://elsewhere/"}),
        Reply(status=408, body=b""),
    ],
)
def test_an_answer_that_proves_nothing_leaves_the_outcome_unknown(trading: Trading, reply: Reply) -> None:
    order = trading.order()
    trading.exchange.faults.add(Fault(reply=reply).on("order", "POST"))
    with pytest.raises(OrderOutcomeUnknown):
        trading.venue.place([order])
    assert trading.exchange.paths().count("order") == 1, "and it is neither repeated nor sent elsewhere"


def test_a_success_that_carries_a_refusal_is_a_refusal(trading: Trading) -> None:
    trading.exchange.faults.add(Fault.body('{"code":-1013,"msg":"Filter failure: LOT_SIZE"}').on("order"))
    (report,) = trading.venue.place([trading.order()])
    assert (report.status, "LOT_SIZE" in report.message) == (OrderStatus.REJECTED, True)


def test_a_question_is_stamped_again_after_a_wrong_clock(trading: Trading) -> None:
    trading.venue.standing()
    trading.exchange.faults.drift_ms = 60_000
    assert trading.venue.standing().open_orders == []
    assert trading.exchange.paths().count("time") == 2


def test_a_revoked_key_is_told(trading: Trading) -> None:
    trading.held.key.rights.revoked = True
    with pytest.raises(NotAuthenticated):
        trading.venue.standing()


def test_orders_go_before_questions_and_these_before_prices(trading: Trading) -> None:
    """With 95 % of the minute used up an order still leaves; a question does not, and no price is asked for."""
    trading.transport.time.sync()
    trading.transport.budget.observe({"X-MBX-USED-WEIGHT-1M": "5000"})
    with pytest.raises(RateLimited):
        trading.transport.budget.spend(2)
    trading.venue.standing()
    trading.transport.budget.observe({"X-MBX-USED-WEIGHT-1M": "5700"})
    with pytest.raises(RateLimited):
        trading.venue.standing()
    assert statuses(trading.venue.place([trading.order()])) == [OrderStatus.FILLED]
    trading.transport.budget.observe({"X-MBX-USED-WEIGHT-1M": "6000"})
    with pytest.raises(RateLimited):
        trading.venue.place([trading.order()])


def test_exits_go_before_entries_when_orders_are_short(trading: Trading) -> None:
    trading.transport.orders.set_limits({10_000: 10})
    trading.transport.orders.observe({"X-MBX-ORDER-COUNT-10S": "8"})
    with pytest.raises(RateLimited, match="8 of 10 orders"):
        trading.venue.place([trading.order()])
    closing = trading.order(side=Side.SELL, purpose=Purpose.EXIT)
    assert statuses(trading.venue.place([closing])) == [OrderStatus.FILLED]
    trading.clock.turn(10)
    assert statuses(trading.venue.place([trading.order()])) == [OrderStatus.FILLED]


def test_a_ban_holds_for_everything_on_this_address(trading: Trading) -> None:
    budget = WeightBudget(trading.clock)
    transport = SignedTransport(
        "https://x", trading.key, clock=trading.clock, adapter=trading.door, budget=budget
    )  # fmt: skip
    trading.exchange.faults.add(Fault.banned(trading.exchange.now_ms + 120_000))
    with pytest.raises(RateLimited):
        transport.ask("/api/v3/account", weight=20)
    before = len(trading.exchange.requests)
    with pytest.raises(RateLimited):
        budget.spend(1)
    assert len(trading.exchange.requests) == before


def test_a_time_that_cannot_be_read_holds_the_order_up(trading: Trading) -> None:
    trading.exchange.faults.add(Fault.body('{"serverTime":"soon"}').on("time"))
    order = trading.order()
    with pytest.raises(VenueUnavailable):
        trading.venue.place([order])
    assert statuses(trading.venue.place([order])) == [OrderStatus.FILLED]


def test_the_clock_is_measured_with_the_way_there_and_back(trading: Trading) -> None:
    trading.door.latency = 0.4
    trading.exchange.faults.drift_ms = 1000
    assert trading.transport.time.sync().total_seconds() == pytest.approx(1, abs=0.001)
    assert trading.transport.time.round_trip.total_seconds() == pytest.approx(0.4)
    before = len(trading.exchange.requests)
    trading.transport.time.stamp()
    assert len(trading.exchange.requests) == before
    trading.clock.turn(601)
    trading.transport.time.stamp()
    assert len(trading.exchange.requests) == before + 1


def test_another_exchange_of_the_same_dialect_by_its_address(trading: Trading) -> None:
    other = Exchange.quoted(clock=trading.clock)
    held = other.open_account("us")
    with LoopbackServer(other.handle) as server:
        venue = venue_at(trading, f"{server.url}/", held.key)
        assert venue.standing().balances["USDT"].free == 10_000
        order = replace(trading.order(), symbol="ETHUSDT")
        assert statuses(venue.place([order])) == [OrderStatus.FILLED]
        venue.close()
