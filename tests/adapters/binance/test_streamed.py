"""Prices from the stream where it has them, else by asking."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.adapters.binance.market import BinanceMarket
from engine.adapters.binance.market_stream import MarketStream
from engine.adapters.binance.streamed import StreamedMarket
from engine.domain.interval import Interval, from_ms, to_ms
from tests.exchange import Exchange

M1 = Interval.M1


@pytest.fixture
def stream(exchange: Exchange) -> MarketStream:
    return MarketStream("ws://x", clock=exchange.clock)


@pytest.fixture
def streamed(market: BinanceMarket, stream: MarketStream, exchange: Exchange) -> StreamedMarket:
    return StreamedMarket(market, stream, clock=exchange.clock)


def bring(stream: MarketStream, exchange: Exchange, bars: int) -> int:
    """Let the stream bring the newest closed bars; returns the open of the first."""
    end = to_ms(M1.floor(exchange.clock.now()))
    for opened in range(end - bars * M1.ms, end, M1.ms):
        row = exchange.books["BTCUSDT"].tape.kline("1m", opened, exchange.now_ms)
        names = ("t", "o", "h", "l", "c", "v", "T")
        stream._closed(dict(zip(names, row[:7], strict=True)) | {"s": "BTCUSDT", "i": "1m", "x": True})
    return end - bars * M1.ms


def test_a_bar_that_the_stream_brought_is_not_asked_for(
    streamed: StreamedMarket, stream: MarketStream, market: BinanceMarket, exchange: Exchange
) -> None:
    first, now = from_ms(bring(stream, exchange, 3)), exchange.clock.now()
    asked = market.bars("BTCUSDT", M1, first, now)
    before = len(exchange.requests)
    assert streamed.bars("BTCUSDT", M1, first, now) == asked
    assert len(streamed.bars("BTCUSDT", M1, M1.floor(now) - M1.duration, now)) == 1
    assert len(streamed.bars("BTCUSDT", M1, M1.floor(now), now)) == 0
    assert len(exchange.requests) == before


def test_an_older_bar_or_a_newer_one_is_asked_for(
    streamed: StreamedMarket, stream: MarketStream, exchange: Exchange
) -> None:
    first = from_ms(bring(stream, exchange, 3))
    now = exchange.clock.now()
    assert len(streamed.bars("BTCUSDT", M1, first - M1.duration, now)) == 4
    exchange.clock.turn(60)
    assert len(streamed.bars("BTCUSDT", M1, first, exchange.clock.now())) == 4
    assert exchange.paths().count("klines") == 2


def test_a_fresh_price_is_not_asked_for_and_an_old_one_is(
    streamed: StreamedMarket, stream: MarketStream, exchange: Exchange
) -> None:
    stream.take('{"stream":"btcusdt@bookTicker","data":{"u":1,"s":"BTCUSDT","b":"9.1","B":"1","a":"9.2","A":"2"}}')
    assert str(streamed.quote("BTCUSDT").ask) == "9.2"
    exchange.clock.turn(4)
    assert streamed.quote("BTCUSDT").ask > 1000
    assert exchange.clock.now() - streamed.quote("BTCUSDT").as_of < timedelta(seconds=1)


def test_only_a_bar_that_the_stream_holds_was_brought(
    streamed: StreamedMarket, stream: MarketStream, exchange: Exchange
) -> None:
    now = M1.floor(exchange.clock.now())
    assert not streamed.brought("BTCUSDT", M1, now)
    first = from_ms(bring(stream, exchange, 2))
    assert [streamed.brought("BTCUSDT", M1, first + n * M1.duration) for n in range(4)] == [False, True, True, False]
    assert not streamed.brought("ETHUSDT", M1, now)
    assert exchange.paths().count("klines") == 0
