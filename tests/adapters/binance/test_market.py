"""BinanceMarket against the test exchange, over a real socket."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from engine.adapters.binance.market import BinanceMarket
from engine.adapters.binance.transport import Transport
from engine.domain.errors import MarketDataError
from engine.domain.interval import Interval, from_ms
from tests.exchange import Exchange
from tests.exchange.exchange import NOW, OPENED_AT


def test_lists_instruments_with_their_rules(market: BinanceMarket) -> None:
    bitcoin = {i.symbol: i for i in market.instruments()}["BTCUSDT"]
    assert (bitcoin.base, bitcoin.quote) == ("BTC", "USDT")
    assert (bitcoin.tick_size, bitcoin.lot_step, bitcoin.min_notional) == (
        Decimal("0.01"),
        Decimal("0.00001"),
        Decimal(5),
    )
    assert bitcoin.trading


def test_asks_only_for_the_instruments_it_was_told(transport: Transport, exchange: Exchange) -> None:
    market = BinanceMarket(transport, clock=exchange.clock, only=["ETHUSDT", "DOGEUSDT"])
    assert [i.symbol for i in market.instruments()] == ["ETHUSDT", "DOGEUSDT"]


def test_takes_over_the_weight_limit_that_the_exchange_states(transport: Transport, exchange: Exchange) -> None:
    exchange.limits.weight_per_minute = 60
    market = BinanceMarket(transport, clock=exchange.clock)
    market.instruments()  # 20 of 60; we use at most 48
    market.depth("BTCUSDT", 500)  # 25 more
    exchange.clock.turn(36.0)  # 59.5 s into the minute: the next one is near enough to be waited for
    market.depth("BTCUSDT", 5)
    assert exchange.clock.slept == [1.544]
    assert exchange.limits.refused == {}


def test_reads_every_closed_bar_over_several_pages(market: BinanceMarket, exchange: Exchange) -> None:
    bars = market.bars("BTCUSDT", Interval.M1, OPENED_AT, NOW + timedelta(days=9))
    assert len(bars) == 3 * 1440 + 10 * 60 + 17
    assert list(bars.open_ms) == list(range(bars.open_ms[0], bars.open_ms[-1] + 1, 60_000))
    assert exchange.paths() == ["time"] + ["klines"] * 5
    assert (bars.bar(0).open_at, bars.bar(0).open) == (OPENED_AT, 86000.0)


def test_the_unfinished_bar_is_not_among_them(market: BinanceMarket, exchange: Exchange) -> None:
    bars = market.bars("BTCUSDT", Interval.H1, OPENED_AT, NOW)
    assert bars.last_close_at == datetime(2025, 3, 4, 10, tzinfo=UTC)
    exchange.clock.turn(43 * 60)
    again = market.bars("BTCUSDT", Interval.H1, OPENED_AT, exchange.clock.now())
    assert again.last_close_at == datetime(2025, 3, 4, 11, tzinfo=UTC)


def test_closed_is_what_the_venues_clock_calls_closed(exchange: Exchange, transport: Transport) -> None:
    """Our own clock runs 50 minutes fast: by it, the ten o'clock bar would be over."""

    class FastClock:
        def now(self) -> datetime:
            return exchange.clock.now() + timedelta(minutes=50)

        def sleep_until(self, at: datetime) -> None:
            raise AssertionError("nothing to wait for")

    market = BinanceMarket(transport, clock=FastClock())
    assert market.bars("BTCUSDT", Interval.H1, OPENED_AT, NOW).last_close_at == datetime(2025, 3, 4, 10, tzinfo=UTC)


def test_bars_lie_between_start_and_end(market: BinanceMarket) -> None:
    start, end = datetime(2025, 3, 2, 5, tzinfo=UTC), datetime(2025, 3, 2, 9, tzinfo=UTC)
    bars = market.bars("ETHUSDT", Interval.M15, start, end)
    assert (bars.bar(0).open_at, bars.bar(-1).open_at, len(bars)) == (start, end - timedelta(minutes=15), 16)


def test_what_lies_before_the_listing_or_ahead_is_empty(market: BinanceMarket) -> None:
    assert len(market.bars("BTCUSDT", Interval.D1, datetime(2024, 1, 1, tzinfo=UTC), OPENED_AT)) == 0
    assert len(market.bars("BTCUSDT", Interval.D1, NOW, NOW + timedelta(days=3))) == 0


def test_longer_bars_are_made_of_the_shorter(market: BinanceMarket) -> None:
    day = market.bars("BTCUSDT", Interval.D1, OPENED_AT, NOW)
    hours = market.bars("BTCUSDT", Interval.H1, OPENED_AT, NOW)
    assert day.open[0] == hours.open[0]
    assert day.close[0] == hours.close[23]
    assert (day.high[0], day.low[0]) == (max(hours.high[:24]), min(hours.low[:24]))
    assert day.volume[0] == pytest.approx(sum(hours.volume[:24]), rel=1e-12)


def test_quotes_the_book_with_the_time_of_receipt(market: BinanceMarket) -> None:
    quote = market.quote("ETHUSDT")
    assert quote.ask - quote.bid == Decimal("0.01")
    assert (quote.as_of, quote.spread_included) == (NOW, True)


def test_an_unknown_symbol_is_refused_by_name(market: BinanceMarket) -> None:
    with pytest.raises(MarketDataError, match=r"NOSUCH.*-1121 Invalid symbol"):
        market.quote("NOSUCH")


def test_depth_is_ordered_outwards(market: BinanceMarket) -> None:
    depth = market.depth("BTCUSDT", 20)
    assert [level.price for level in depth.bids] == sorted((level.price for level in depth.bids), reverse=True)
    assert [level.price for level in depth.asks] == sorted(level.price for level in depth.asks)
    assert depth.bids[0].price < depth.asks[0].price
    assert len(depth.bids) == len(depth.asks) == 20


def test_tickers_tell_the_last_day(market: BinanceMarket) -> None:
    (ticker,) = market.tickers(["DOGEUSDT"])
    bars = market.bars("DOGEUSDT", Interval.M1, NOW - timedelta(days=1), NOW)
    assert float(ticker.high) >= max(bars.high)
    assert ticker.change_ratio == ticker.last / ticker.open - 1
    assert ticker.as_of == NOW
    assert {t.symbol for t in market.tickers()} == {"BTCUSDT", "ETHUSDT", "DOGEUSDT"}


def test_the_clock_is_measured_again_after_half_an_hour(market: BinanceMarket, exchange: Exchange) -> None:
    market.now()
    market.now()
    assert exchange.paths() == ["time"]
    exchange.clock.turn(31 * 60)
    market.now()
    assert exchange.paths() == ["time", "time"]
    assert from_ms(exchange.now_ms) == market.now()
