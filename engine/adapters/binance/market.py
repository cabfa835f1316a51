"""BinanceMarket: public prices and rules of Binance Spot, without a key."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from engine.adapters.binance import codec
from engine.adapters.binance.reachability import Access, Reachability, refused
from engine.adapters.binance.transport import Transport
from engine.domain.bar import BarSeries
from engine.domain.depth import Depth
from engine.domain.errors import AaitiError, MarketDataError
from engine.domain.instrument import Instrument
from engine.domain.interval import Interval, to_ms
from engine.domain.quote import Quote
from engine.domain.ticker import Ticker
from engine.ports import Clock

PAGE = 1000
"""Bars per request; Binance gives no more."""
_RESYNC = timedelta(minutes=30)
_DOWNLOAD_PATIENCE = 65.0
"""A long download may wait for the next minute's weight; a screen may not."""


class BinanceMarket:
    """ports.MarketData over a Transport, plus depth, tickers and the venue's clock. Safe to use from several threads.

    `only` restricts `instruments()` to these symbols and keeps the download small. Which instruments Binance lists that
    our integers cannot hold, and why, stands in `refused` after `instruments()`.
    """

    def __init__(self, transport: Transport, *, clock: Clock, only: Sequence[str] = ()) -> None:
        self.refused: Mapping[str, str] = {}
        self._transport = transport
        self._clock = clock
        self._only = tuple(only)
        self._offset = timedelta(0)
        self._synced_at: datetime | None = None
        self._syncing = threading.Lock()

    def instruments(self) -> Sequence[Instrument]:
        """Every instrument with the rules in force now, as listed by Binance. Weight 20."""
        params = {"symbols": json.dumps(self._only, separators=(",", ":"))} if self._only else {}
        body = self._transport.get("exchangeInfo", params | {"showPermissionSets": "false"}, weight=20)
        usable, self.refused = codec.instruments(_rows(body, "symbols"))
        if limit := codec.weight_limit(body):
            self._transport.budget.set_limit(limit)
        return usable

    def bars(self, symbol: str, interval: Interval, start: datetime, end: datetime) -> BarSeries:
        """Bars with start <= open < end that are closed by the venue's clock, in pages of 1,000. Weight 2 a page."""
        now_ms = to_ms(self.now())
        cursor, stop = to_ms(start), min(to_ms(end), now_ms // interval.ms * interval.ms)
        series = BarSeries.empty(symbol, interval)
        while cursor < stop:
            span: dict[str, str | int] = {"startTime": cursor, "endTime": stop - 1, "limit": PAGE}
            query = {"symbol": symbol, "interval": interval.value} | span
            rows = self._transport.get("klines", query, weight=2, patience=_DOWNLOAD_PATIENCE)
            page = codec.bars(rows, symbol, interval, now_ms)
            _append(series, page)
            if len(rows) < PAGE or not len(page):
                break
            cursor = page.open_ms[-1] + interval.ms
        return series

    def quote(self, symbol: str) -> Quote:
        """Best bid and ask now. Weight 2."""
        body = self._transport.get("ticker/bookTicker", {"symbol": symbol}, weight=2)
        return codec.quote(body, self._clock.now())

    def depth(self, symbol: str, levels: int = 100) -> Depth:
        """The book, `levels` deep on each side. Weight 5 up to 100 levels, 25 up to 500, 50 up to 1,000."""
        weight = 5 if levels <= 100 else 25 if levels <= 500 else 50 if levels <= 1000 else 250
        body = self._transport.get("depth", {"symbol": symbol, "limit": levels}, weight=weight)
        return codec.depth(body, symbol, self._clock.now())

    def tickers(self, symbols: Sequence[str] = ()) -> Sequence[Ticker]:
        """The last 24 hours of these symbols, or of all. Weight 2 up to 20 symbols, 40 up to 100, else 80."""
        weight = 80 if not symbols or len(symbols) > 100 else 40 if len(symbols) > 20 else 2
        params = {"symbols": json.dumps(list(symbols), separators=(",", ":"))} if symbols else {}
        body = self._transport.get("ticker/24hr", params, weight=weight)
        return [codec.ticker(row) for row in body]

    def server_time(self) -> datetime:
        """The venue's time; measures at the same time how far our clock is from it. Weight 1."""
        sent = self._clock.now()
        at = codec.server_time(self._transport.get("time", weight=1))
        received = self._clock.now()
        # Half of the way there and back is the best guess for when the venue looked at its clock.
        self._offset = at - (sent + (received - sent) / 2)
        self._synced_at = received
        return at

    def now(self) -> datetime:
        """Now by the venue's clock, measured again every half hour."""
        with self._syncing:
            if self._synced_at is None or self._clock.now() - self._synced_at > _RESYNC:
                self.server_time()
            return self._clock.now() + self._offset

    def reachability(self) -> Reachability:
        """Ask each host once, in order, and say what came of it. Never raises."""
        outcome: Reachability | None = None
        for base_url in self._transport.base_urls:
            try:
                codec.server_time(self._transport.get_once(base_url, "time", weight=1))
            except AaitiError as error:
                outcome = outcome or refused(error, base_url)
                continue
            return Reachability(access=Access.OK, message=f"{base_url} answers.")
        assert outcome is not None  # a transport has at least one host
        return outcome


def _rows(body: Any, key: str) -> list[Mapping[str, Any]]:
    rows = body.get(key) if isinstance(body, dict) else None
    if not isinstance(rows, list):
        raise MarketDataError(f"exchangeInfo: {key} is missing; this is not Binance's answer")
    return rows


def _append(series: BarSeries, page: BarSeries) -> None:
    """Add a page's columns at the end, in place: `series` has just been made here and nobody else holds it."""
    for name in ("open_ms", "open", "high", "low", "close", "volume"):
        getattr(series, name).extend(getattr(page, name))
