"""What the engine is shown of the market: minute bars and quotes read off the exchange, and signals from the plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import numpy as np

from engine.domain.bar import BarSeries
from engine.domain.errors import MarketDataError, VenueError
from engine.domain.instrument import Instrument
from engine.domain.interval import Interval, to_ms
from engine.domain.quote import Quote
from engine.domain.signal import Prediction
from engine.ports import MarketData
from engine.strategy.calls import HOLD, Calls
from tests.exchange.exchange import Exchange

_SHOWN = 3


Closes = dict[tuple[str, int], Decimal]
"""What was seen of each symbol at each close: what one process saw, the next one sees as well."""


class Prices:
    """Implements autotrader.Feed for one process. A bar's close is the price that stood when it was first looked at;
    the rules come from the exchange, by the process's own line."""

    def __init__(self, exchange: Exchange, closes: Closes, market: MarketData) -> None:
        self._exchange = exchange
        self._closes = closes
        self._market = market
        self._seen: dict[str, Quote] = {}

    @property
    def problem(self) -> str | None:
        return None

    @property
    def seen(self) -> Mapping[str, Quote]:
        return self._seen

    def rules(self) -> Sequence[Instrument]:
        try:
            return self._market.instruments()
        except (MarketDataError, VenueError):
            return []

    def window(self, symbol: str, interval: Interval, at: datetime) -> BarSeries:
        closed = min(to_ms(at), self._exchange.clock.ms) // interval.ms * interval.ms
        series = BarSeries.empty(symbol, interval)
        for n in range(_SHOWN):
            close_ms = closed - (_SHOWN - 1 - n) * interval.ms
            price = float(self._closes.setdefault((symbol, close_ms), self._last(symbol)))
            series.open_ms.append(close_ms - interval.ms)
            for column in (series.open, series.high, series.low, series.close):
                column.append(price)
            series.volume.append(1.0)
        return series

    def finer(self, symbol: str, interval: Interval, at: datetime) -> BarSeries | None:
        return None

    def quote(self, symbol: str, interval: Interval, at: datetime) -> Quote | None:
        book, now_ms = self._exchange.books[symbol], self._exchange.clock.ms
        bid, ask = book.best("SELL", now_ms), book.best("BUY", now_ms)
        if bid is None or ask is None:
            return None
        self._seen[symbol] = Quote(symbol=symbol, bid=bid[0], ask=ask[0], as_of=self._exchange.clock.now())
        return self._seen[symbol]

    def _last(self, symbol: str) -> Decimal:
        return self._exchange.books[symbol].last(self._exchange.clock.ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scripted:
    """Implements strategy.Strategy: calls what the plan says at each close (by its milliseconds)."""

    signals: Mapping[int, int]
    horizon: int

    @property
    def name(self) -> str:
        return "rule:scripted"

    def calls(self, series: BarSeries, first: int = 0) -> Calls:
        closes = [opened + series.interval.ms for opened in series.open_ms[first:]]
        return Calls.of_rule(np.array([self.signals.get(close, HOLD) for close in closes], dtype=np.int8))

    def prediction(self, series: BarSeries, i: int) -> Prediction | None:
        return None
