"""ports.MarketData: the same promises from the fake, Binance, CoinGecko, the simulated market and the archive."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from engine.adapters.archive.market import ArchiveMarket
from engine.adapters.binance.market import BinanceMarket
from engine.adapters.binance.transport import Transport as BinanceTransport
from engine.adapters.coingecko.market import CoinGeckoMarket
from engine.adapters.coingecko.transport import Transport as CoinGeckoTransport
from engine.adapters.simulated.market import SimulatedMarket
from engine.domain.errors import MarketDataError
from engine.domain.interval import Interval
from engine.ports import MarketData
from tests.adapters.coingecko.site import PriceSite
from tests.builders import bars_at, instrument
from tests.exchange import Exchange, LoopbackServer, TurnedClock
from tests.exchange.exchange import NOW
from tests.fakes.market import FakeBars, FakeMarket

HOUR = Interval.H1
START, END = NOW - timedelta(hours=20), NOW
STORED = bars_at("2025-03-02 00:00", [100.0 + n % 7 for n in range(100)])
"""Reaches past NOW: an archive's clock says how much of it has happened."""


@dataclass(frozen=True)
class Source:
    market: MarketData
    symbol: str
    clock: TurnedClock


def fake(clock: TurnedClock, stack: ExitStack) -> Source:
    return Source(FakeMarket(clock, STORED, instruments=[instrument()]), "BTCUSDT", clock)


def binance(clock: TurnedClock, stack: ExitStack) -> Source:
    server = stack.enter_context(LoopbackServer(Exchange.seeded(clock=clock).handle))
    transport = BinanceTransport([server.url], clock=clock)
    stack.callback(transport.close)
    return Source(BinanceMarket(transport, clock=clock), "BTCUSDT", clock)


def coingecko(clock: TurnedClock, stack: ExitStack) -> Source:
    server = stack.enter_context(LoopbackServer(PriceSite(clock).handle))
    transport = CoinGeckoTransport(clock=clock, base_url=f"{server.url}/api/v3")
    stack.callback(transport.close)
    return Source(CoinGeckoMarket(transport, clock=clock), "BTCUSD", clock)


def simulated(clock: TurnedClock, stack: ExitStack) -> Source:
    market = SimulatedMarket(clock)
    return Source(market, market.instruments()[0].symbol, clock)


def archive(clock: TurnedClock, stack: ExitStack) -> Source:
    bars = FakeBars()
    bars.write("ARCHIVE", STORED)
    bars.write_rules("ARCHIVE", [instrument()])
    return Source(ArchiveMarket(bars, clock), "BTCUSDT", clock)


@pytest.fixture(params=[fake, binance, coingecko, simulated, archive], ids=lambda make: make.__name__)
def source(request: pytest.FixtureRequest) -> Iterator[Source]:
    make: Callable[[TurnedClock, ExitStack], Source] = request.param
    with ExitStack() as stack:
        yield make(TurnedClock(NOW), stack)


def test_instruments_have_names_of_their_own_and_exact_steps(source: Source) -> None:
    found = source.market.instruments()
    assert len({i.symbol for i in found}) == len(found)
    (ours,) = [i for i in found if i.symbol == source.symbol]
    assert ours.symbol == ours.base + ours.quote
    assert isinstance(ours.tick_size, Decimal)
    assert ours.price(ours.ticks(ours.tick_size * 12345)) == ours.tick_size * 12345


def test_bars_are_closed_ascending_on_the_grid_and_in_the_range(source: Source) -> None:
    bars = source.market.bars(source.symbol, HOUR, START, END)
    assert (bars.symbol, bars.interval) == (source.symbol, HOUR)
    assert len(bars) == 19
    assert all(bar.open_at >= START and bar.open_at + HOUR.duration <= source.clock.now() for bar in bars)
    assert all(opened % HOUR.ms == 0 for opened in bars.open_ms)
    assert all(earlier < later for earlier, later in pairwise(bars.open_ms))
    assert all(0 < bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high for bar in bars)
    assert min(bars.volume) >= 0


def test_a_bar_appears_when_it_closes_and_not_before(source: Source) -> None:
    def newest() -> datetime | None:
        return source.market.bars(source.symbol, HOUR, START, NOW + timedelta(days=1)).last_close_at

    assert newest() == HOUR.floor(NOW)
    source.clock.turn(42 * 60)  # 10:59:23
    assert newest() == HOUR.floor(NOW)
    source.clock.turn(60)
    assert newest() == HOUR.floor(NOW) + HOUR.duration


def test_the_range_takes_its_start_in_and_leaves_its_end_out(source: Source) -> None:
    first, end = HOUR.floor(NOW) - timedelta(hours=9), HOUR.floor(NOW) - timedelta(hours=4)
    bars = source.market.bars(source.symbol, HOUR, first, end)
    assert (bars.bar(0).open_at, bars.last_close_at) == (first, end)


def test_parts_join_to_the_whole(source: Source) -> None:
    middle = NOW - timedelta(hours=7)
    whole = source.market.bars(source.symbol, HOUR, START, END)
    parts = [source.market.bars(source.symbol, HOUR, *span) for span in ((START, middle), (middle, END))]
    for name in ("open_ms", "open", "high", "low", "close", "volume"):
        assert getattr(parts[0], name) + getattr(parts[1], name) == getattr(whole, name), name


@pytest.mark.parametrize(("start", "end"), [(END, END), (END, START), (NOW, NOW + timedelta(hours=5))])
def test_an_empty_range_and_the_future_hold_no_bars(source: Source, start: datetime, end: datetime) -> None:
    assert len(source.market.bars(source.symbol, HOUR, start, end)) == 0


def test_a_time_without_zone_is_refused(source: Source) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        source.market.bars(source.symbol, HOUR, START.replace(tzinfo=None), END)


def test_a_quote_is_a_price_with_its_age(source: Source) -> None:
    quote = source.market.quote(source.symbol)
    assert quote.symbol == source.symbol
    assert 0 < quote.bid <= quote.ask
    assert isinstance(quote.mid, Decimal)
    assert NOW - timedelta(hours=1) <= quote.as_of <= NOW
    assert quote.spread_included == (quote.bid < quote.ask)


def test_an_unknown_symbol_has_no_price(source: Source) -> None:
    with pytest.raises(MarketDataError, match="NOSUCHUSDT"):
        source.market.quote("NOSUCHUSDT")
