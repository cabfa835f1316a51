"""StreamedMarket: Binance's prices, from the stream where it has brought them, else by asking."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from engine.adapters.binance.market import BinanceMarket
from engine.adapters.binance.market_stream import MarketStream
from engine.domain.bar import BarSeries
from engine.domain.instrument import Instrument
from engine.domain.interval import Interval, from_ms, to_ms
from engine.domain.quote import Quote
from engine.ports import Clock

FRESH = timedelta(seconds=3)
"""A price from the stream that is older than this is asked for instead."""


class StreamedMarket:
    """Implements ports.MarketData: at a bar's close nothing has to be asked, for the stream brought the bar."""

    def __init__(self, market: BinanceMarket, stream: MarketStream, *, clock: Clock) -> None:
        self._market = market
        self._stream = stream
        self._clock = clock

    def instruments(self) -> Sequence[Instrument]:
        """As Binance lists them."""
        return self._market.instruments()

    def brought(self, symbol: str, interval: Interval, at: datetime) -> bool:
        """True where the stream has brought the bar that closes at `at`: it can be had without asking."""
        held = self._stream.bars(symbol, interval)
        return held is not None and held.open_ms[0] < to_ms(at) <= held.open_ms[-1] + interval.ms

    def bars(self, symbol: str, interval: Interval, start: datetime, end: datetime) -> BarSeries:
        """From the stream where it holds every bar of the span that has closed by now."""
        held = self._stream.bars(symbol, interval)
        last = min(to_ms(end), to_ms(interval.floor(self._clock.now()))) - interval.ms
        if held is not None and held.open_ms[0] <= to_ms(start) and held.open_ms[-1] >= last:
            return held.between(start, max(start, from_ms(last + interval.ms)))
        return self._market.bars(symbol, interval, start, end)

    def quote(self, symbol: str) -> Quote:
        """The newest from the stream, if it is fresh."""
        quote = self._stream.quote(symbol)
        if quote is not None and self._clock.now() - quote.as_of <= FRESH:
            return quote
        return self._market.quote(symbol)
