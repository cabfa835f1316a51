"""CoinGeckoMarket: what CoinGecko's prices can honestly be used for.

It publishes prices averaged over venues, not trades. So:
- an instrument is a coin and a currency, never tradable, with the finest tick we have (there are no exchange rules);
- a quote has bid = ask, and the age CoinGecko states;
- bars come from its own open-high-low-close rows only, which exist in two lengths: 30 minutes for the last day and
  4 hours for the last 30 days. Multiples of those are folded from complete sets; every other interval is refused, and
  so is a start further back. Volume is 0.0: none is published;
- hours of more than a day and up to 90 days ago are made from its hourly price points: open and close are known, high
  and low are of these two alone, so ranges come out too small. It is enough to learn directions from, and nothing else.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from engine.adapters.coingecko import codec
from engine.adapters.coingecko.coins import COINS, choose, split
from engine.adapters.coingecko.transport import Transport
from engine.domain.bar import BarSeries
from engine.domain.errors import MarketDataError
from engine.domain.instrument import Instrument
from engine.domain.interval import Interval, from_ms, to_ms
from engine.domain.money import ATOM
from engine.domain.quote import Quote
from engine.ports import Clock

_DAY = timedelta(days=1)
POINTS_REACH = timedelta(days=90)
"""How far back CoinGecko's points are an hour apart."""
_DOWNLOAD_PATIENCE = 65.0
_HALF_HOURS = {Interval.M30, Interval.H1, Interval.H2}
_FOUR_HOURS = {Interval.H4, Interval.H8, Interval.H12, Interval.D1}


class CoinGeckoMarket:
    """ports.MarketData over a Transport, plus price points. `coins` adds to the table of symbols, or overrules it."""

    def __init__(self, transport: Transport, *, clock: Clock, coins: Mapping[str, str] | None = None) -> None:
        self._transport = transport
        self._clock = clock
        self._coins = {**COINS, **(coins or {})}
        self._looking_up = threading.Lock()

    def instruments(self) -> Sequence[Instrument]:
        """The coins of the table against the dollar. None of them can be traded here."""
        return [
            Instrument(
                symbol=f"{base}USD", base=base, quote="USD", tick_size=ATOM, lot_step=Decimal(1),
                min_notional=Decimal(0), trading=False,
            )
            for base in sorted(self._coins)
        ]  # fmt: skip

    def bars(self, symbol: str, interval: Interval, start: datetime, end: datetime) -> BarSeries:
        """Closed bars with start <= open < end, of the intervals and as far back as the module says."""
        base, currency = split(symbol)
        now = self._clock.now()
        first, after = from_ms(to_ms(start)), from_ms(to_ms(end))
        if first >= min(after, now):
            return BarSeries.empty(symbol, interval)
        if interval is Interval.H1 and _DAY < now - first <= POINTS_REACH:
            coin, quote = self.coin_id(base), currency
            return codec.bars_between(self.prices(coin, quote, first, now), symbol).between(first, min(after, now))
        fine, days = _source(symbol, interval, now - first)
        coin = self.coin_id(base)
        rows = self._transport.ask(
            lambda api: api.get_coin_ohlc_by_id(id=coin, vs_currency=currency.lower(), days=str(days)),
            f"bars of {coin}",
            patience=_DOWNLOAD_PATIENCE,
        )
        if not isinstance(rows, list):
            raise MarketDataError(f"CoinGecko, {symbol}: {type(rows).__name__} came in place of bars")
        series = codec.bars(rows, symbol, fine, now - days * _DAY, now)
        return (series if fine is interval else codec.fold(series, interval)).between(first, after)

    def quote(self, symbol: str) -> Quote:
        """The average price, as both bid and ask, with the time CoinGecko gives it."""
        base, currency = split(symbol)
        point = self.price(self.coin_id(base), currency)
        return Quote(symbol=symbol, bid=point.price, ask=point.price, as_of=point.at, spread_included=False)

    def price(self, coin_id: str, currency: str) -> codec.PricePoint:
        """The newest price of one coin, with its time; MarketDataError where there is none."""
        body = self._transport.ask(
            lambda api: api.get_price(
                ids=coin_id, vs_currencies=currency.lower(), include_last_updated_at="true", precision="full"
            ),
            f"price of {coin_id}",
        )
        return codec.price(body, coin_id, currency)

    def prices(self, coin_id: str, currency: str, start: datetime, end: datetime) -> codec.PriceSeries:
        """Price points with start <= at < end.

        CoinGecko chooses how far apart: 5 minutes for the last day, an hour up to 90 days, a day beyond. Without a paid
        plan it goes back 365 days.
        """
        body = self._transport.ask(
            lambda api: api.get_coin_market_chart_range_by_id(
                id=coin_id, vs_currency=currency.lower(), from_timestamp=to_ms(start) // 1000,
                to_timestamp=to_ms(end) // 1000,
            ),
            f"prices of {coin_id}",
            patience=_DOWNLOAD_PATIENCE,
        )  # fmt: skip
        series = codec.prices(body, coin_id, currency)
        return replace(series, points=tuple(point for point in series.points if start <= point.at < end))

    def coin_id(self, base: str) -> str:
        """The coin a symbol means: by the table, else by CoinGecko's list, where it is the only one."""
        with self._looking_up:
            if base not in self._coins:
                listed = self._transport.ask(lambda api: api.get_coins_list(), "list of coins")
                self._coins[base] = choose(base, listed)
            return self._coins[base]


def _source(symbol: str, interval: Interval, reach: timedelta) -> tuple[Interval, int]:
    """CoinGecko's own interval to read, and of how many days; MarketDataError where nothing honest can be had."""
    if interval in _HALF_HOURS:
        fine, choices = Interval.M30, [1]
    elif interval in _FOUR_HOURS:
        fine, choices = Interval.H4, [7, 14, 30]
    else:
        possible = ", ".join(i for i in Interval if i in _HALF_HOURS | _FOUR_HOURS)
        raise MarketDataError(
            f"{symbol}: CoinGecko has no {interval} bars; choose one of {possible}, or another source"
        )
    for days in choices:
        if reach <= days * _DAY:
            return fine, days
    raise MarketDataError(
        f"{symbol}: CoinGecko keeps {interval} bars for {choices[-1]} day(s), {_in_days(reach)} were asked for; "
        "ask for a later start, or use another source"
    )


def _in_days(span: timedelta) -> str:
    """A span in whole days, for a message."""
    return f"{-(-span // _DAY)} days"
