"""Feed of a running account: bars through the cache, prices from the source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from engine.domain.bar import BarSeries
from engine.domain.errors import MarketDataError, VenueError
from engine.domain.instrument import Instrument
from engine.domain.interval import Interval
from engine.domain.quote import Quote
from engine.market.serve import BarFeed
from engine.ports import MarketData


class MarketFeed:
    """Implements `Feed`. A source that cannot answer leaves the last known window and no quote; `problem` says why."""

    def __init__(self, bars: BarFeed, source: MarketData) -> None:
        self._bars = bars
        self._source = source
        self._problem: str | None = None
        self._last: dict[tuple[str, Interval], BarSeries] = {}
        self._seen: dict[str, Quote] = {}

    @property
    def seen(self) -> Mapping[str, Quote]:
        """The newest price that was asked for, by symbol."""
        return self._seen

    @property
    def problem(self) -> str | None:
        """Why the source gave nothing newer."""
        return self._problem

    def rules(self) -> Sequence[Instrument]:
        """What the source offers now; nothing while it does not answer."""
        try:
            return self._source.instruments()
        except (MarketDataError, VenueError):
            return ()

    def window(self, symbol: str, interval: Interval, at: datetime) -> BarSeries:
        """Bars closed by `at`, as far as the source has them."""
        try:
            window = self._bars.window(symbol, interval, at)
        except (MarketDataError, VenueError) as error:
            self._problem = str(error)
            return self._last.get((symbol, interval), BarSeries.empty(symbol, interval)).closed_by(at)
        self._problem = None
        self._last[symbol, interval] = window
        return window

    def finer(self, symbol: str, interval: Interval, at: datetime) -> BarSeries | None:
        """None: here the prices between the closes have said already what came first."""
        return None

    def quote(self, symbol: str, interval: Interval, at: datetime) -> Quote | None:
        """The newest price, if it is not older than `at`."""
        try:
            quote = self._source.quote(symbol)
        except (MarketDataError, VenueError) as error:
            self._problem = str(error)
            return None
        self._seen[symbol] = quote
        return quote if quote.as_of >= at else None
