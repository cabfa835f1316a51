"""Both streams over real sockets to the test exchange: lines cut, half open, ended; each heals and leaves no gap."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from decimal import Decimal

import pytest
from websockets.exceptions import ConnectionClosed

from engine.adapters.binance.market_stream import MarketStream
from engine.adapters.binance.user_stream import UserStream
from engine.adapters.binance.venue import BinanceVenue
from engine.domain.bar import BarSeries
from engine.domain.interval import Interval
from engine.domain.order import Order, OrderStatus
from engine.domain.venue import StreamState
from engine.ports import OrderReport
from tests.adapters.binance.trading import Trading, filled
from tests.exchange.socket_server import SocketServer

PATIENCE = 10.0


class Wired:
    """A venue on sockets, its streams quick to notice and to come back."""

    def __init__(self, server: SocketServer, trading: Trading) -> None:
        self.server = server
        self.trading = trading
        self.woken = threading.Event()
        self.bars: list[BarSeries] = []
        self.user = UserStream(
            f"{server.url}/ws-api/v3", trading.key, trading.transport.time, silence=0.6, pulse=0.02
        )  # fmt: skip
        self.market = MarketStream(server.url, clock=trading.clock, on_bar=self.bars.append, silence=30, pulse=0.02)
        self.venue = BinanceVenue(
            trading.account, trading.instruments, trading.transport, clock=trading.clock, stream=self.user,
            market_stream=self.market,
        )  # fmt: skip
        self.seen: dict[str, OrderReport] = {}

    def poll(self) -> None:
        self.seen.update({report.client_id: report for report in self.venue.poll()})

    def status(self, order: Order) -> OrderStatus | None:
        report = self.seen.get(order.client_id)
        return report.status if report else None

    def until(self, done: Callable[[], bool]) -> None:
        """Poll as the engine does, whenever woken, until it is done."""
        end = time.monotonic() + PATIENCE
        while not done():
            assert time.monotonic() < end, f"gap: {self.venue.gap}"
            self.woken.wait(0.02)
            self.woken.clear()
            self.poll()


@pytest.fixture
def wired() -> Iterator[Wired]:
    trading = Trading(streamed=False)
    with SocketServer(trading.exchange) as server:
        wired = Wired(server, trading)
        wired.venue.start(wired.woken.set)
        wired.until(lambda: wired.venue.gap is None)
        yield wired
        wired.venue.close()
    assert not [t.name for t in threading.enumerate() if t.name.startswith("aaiti-")]


def test_a_fill_is_pushed(wired: Wired) -> None:
    order = wired.trading.limit("49000")
    wired.venue.place([order])
    before = len(wired.trading.exchange.requests)
    wired.trading.exchange.trade_through("BTCUSDT", Decimal(48000))
    wired.until(lambda: wired.status(order) is OrderStatus.FILLED)
    assert len(wired.trading.exchange.requests) == before
    assert wired.venue.health().user_stream is StreamState.LIVE


def cut(wired: Wired) -> None:
    wired.server.drop()


def half_open(wired: Wired) -> None:
    wired.server.silence()


def shut_down(wired: Wired) -> None:
    with suppress(ConnectionClosed):  # the client may have hung up first
        wired.server.shut_down()


def terminated(wired: Wired) -> None:
    wired.trading.held.inbox.terminate(wired.trading.exchange.now_ms)


@pytest.mark.parametrize("trouble", [cut, half_open, shut_down, terminated])
def test_what_happens_while_the_line_is_gone_is_heard_of(wired: Wired, trouble: Callable[[Wired], None]) -> None:
    order, later = wired.trading.limit("49000"), wired.trading.limit("47000")
    wired.venue.place([order])
    wired.venue.place([later])
    gaps = wired.venue.health().gaps
    trouble(wired)
    wired.trading.exchange.trade_through("BTCUSDT", Decimal(48000))
    wired.until(lambda: wired.venue.health().gaps >= gaps + 2)
    wired.trading.clock.turn(2)
    wired.until(lambda: wired.status(order) is OrderStatus.FILLED and wired.venue.gap is None)
    assert filled(wired.seen[order.client_id]) == order.quantity
    wired.trading.exchange.trade_through("BTCUSDT", Decimal(46000))
    wired.until(lambda: wired.status(later) is OrderStatus.FILLED)


def test_a_revoked_key_keeps_the_stream_down_and_says_so(wired: Wired) -> None:
    wired.trading.held.key.rights.revoked = True
    terminated(wired)
    end = time.monotonic() + PATIENCE
    while "-2015" not in wired.user.why:
        assert time.monotonic() < end, wired.user.why
        time.sleep(0.02)
    assert wired.venue.health().user_stream is not StreamState.LIVE
    assert "-2015" in str(wired.venue.gap)


def test_a_quiet_line_is_kept_by_its_heartbeat(wired: Wired) -> None:
    """Nothing happens for many times the limit of silence; the other end answers, so the line stays."""
    gaps = wired.venue.health().gaps
    time.sleep(1.8)
    assert wired.venue.health().gaps == gaps


def test_closed_bars_and_prices_are_pushed(wired: Wired) -> None:
    wired.venue.watch([("BTCUSDT", Interval.M1), ("ETHUSDT", Interval.M1)])
    end = time.monotonic() + PATIENCE
    while wired.market.quote("BTCUSDT") is None or wired.market.quote("ETHUSDT") is None:
        assert time.monotonic() < end, wired.market.why
        time.sleep(0.02)
    wired.trading.clock.turn(60)
    wired.until(lambda: {bar.symbol for bar in wired.bars} == {"BTCUSDT", "ETHUSDT"})
    assert wired.bars[0].last_close_at == Interval.M1.floor(wired.trading.clock.now())
    quote = wired.market.quote("BTCUSDT")
    assert quote is not None
    assert quote.bid < Decimal(50000) < quote.ask
