"""Binance's words -> ours: exchange rules, bars, quotes, depth, tickers.

Decimals arrive as strings and become Decimal exactly; bars become float64, as observations. Anything that is not as
documented is refused with the field's name: a guess here would be money elsewhere.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from engine.adapters.binance.fields import decimal, text, whole
from engine.domain.bar import BarSeries
from engine.domain.depth import Depth, Level
from engine.domain.errors import ConfigurationError, InvalidBar, MarketDataError
from engine.domain.instrument import Instrument
from engine.domain.interval import Interval, from_ms, iso
from engine.domain.money import exact, plain
from engine.domain.quote import Quote
from engine.domain.ticker import Ticker

_OPEN, _HIGH, _LOW, _CLOSE, _VOLUME = 1, 2, 3, 4, 5
_PRICE_STEPS = (("PRICE_FILTER", "tickSize"),)
_LOT_STEPS = (("LOT_SIZE", "stepSize"), ("MARKET_LOT_SIZE", "stepSize"))
_PER_MINUTE = ("REQUEST_WEIGHT", "MINUTE", 1)


def instruments(rows: Iterable[Mapping[str, Any]]) -> tuple[list[Instrument], dict[str, str]]:
    """Read `exchangeInfo.symbols`: the instruments we can trade, and why not for each of the others."""
    usable: list[Instrument] = []
    refused: dict[str, str] = {}
    for row in rows:
        try:
            usable.append(instrument(row))
        except (ConfigurationError, MarketDataError) as error:
            refused[str(row.get("symbol", "?"))] = str(error)
    return usable, refused


def instrument(row: Mapping[str, Any]) -> Instrument:
    """Read one row of `exchangeInfo.symbols`. A step of zero means that the filter does not apply."""
    symbol = text(row, "symbol", "exchangeInfo")
    filters = {str(f.get("filterType")): f for f in row.get("filters", ())}
    if "PRICE_FILTER" not in filters or "LOT_SIZE" not in filters:
        raise MarketDataError(f"{symbol}: exchangeInfo names no PRICE_FILTER or no LOT_SIZE; its steps are unknown")
    least = [decimal(filters[name], "minNotional", symbol) for name in ("NOTIONAL", "MIN_NOTIONAL") if name in filters]
    return Instrument(
        symbol=symbol,
        base=text(row, "baseAsset", symbol),
        quote=text(row, "quoteAsset", symbol),
        tick_size=_step(filters, _PRICE_STEPS, row.get("quoteAssetPrecision", 8), symbol),
        lot_step=_step(filters, _LOT_STEPS, row.get("baseAssetPrecision", 8), symbol),
        min_notional=max(least, default=Decimal(0)),
        trading=row.get("status") == "TRADING" and bool(row.get("isSpotTradingAllowed", True)),
    )


def weight_limit(body: Mapping[str, Any]) -> int | None:
    """Request weight per minute, as `exchangeInfo.rateLimits` states it; None where it does not."""
    for limit in body.get("rateLimits", ()):
        if (limit.get("rateLimitType"), limit.get("interval"), limit.get("intervalNum")) == _PER_MINUTE:
            return int(limit["limit"])
    return None


def order_limits(body: Mapping[str, Any]) -> dict[int, int]:
    """Orders per window in milliseconds, as `exchangeInfo.rateLimits` states them."""
    units = {"SECOND": 1000, "MINUTE": 60_000, "HOUR": 3_600_000, "DAY": 86_400_000}
    return {
        units[row["interval"]] * row["intervalNum"]: row["limit"]
        for row in body.get("rateLimits", ())
        if row.get("rateLimitType") == "ORDERS" and row.get("interval") in units
    }


def bars(rows: Any, symbol: str, interval: Interval, now_ms: int) -> BarSeries:
    """Read klines. The last row is the unfinished bar: what closes after `now_ms` (the venue's time) is dropped."""
    if not isinstance(rows, list):
        raise MarketDataError(f"klines {symbol} {interval}: {type(rows).__name__} came in place of a list")
    open_ms = array("q")
    columns = tuple(array("d") for _ in range(5))
    for row in rows:
        opened, values = _row(row, symbol, interval)
        if opened + interval.ms > now_ms:
            break
        if open_ms and opened <= open_ms[-1]:
            raise InvalidBar(f"{symbol} {interval}: the bar of {iso(from_ms(opened))} comes out of order")
        open_ms.append(opened)
        for column, value in zip(columns, values, strict=True):
            column.append(value)
    first, high, low, close, volume = columns
    return BarSeries(
        symbol=symbol, interval=interval, open_ms=open_ms, open=first, high=high, low=low, close=close, volume=volume
    )


def _row(row: Sequence[Any], symbol: str, interval: Interval) -> tuple[int, tuple[float, float, float, float, float]]:
    """One kline as (open_ms, (open, high, low, close, volume)); InvalidBar says what is wrong with it."""
    if len(row) < 7 or not isinstance(row[0], int):
        raise InvalidBar(f"{symbol} {interval}: a kline of {len(row)} fields; Binance sends twelve")
    where = f"{symbol} {interval} {iso(from_ms(row[0]))}"
    try:
        values = (float(row[_OPEN]), float(row[_HIGH]), float(row[_LOW]), float(row[_CLOSE]), float(row[_VOLUME]))
    except (TypeError, ValueError):
        raise InvalidBar(f"{where}: prices {row[1:6]} are not numbers") from None
    first, high, low, close, volume = values
    if row[0] % interval.ms:
        raise InvalidBar(f"{where}: off the grid of {interval}")
    if not all(map(math.isfinite, values)) or low <= 0 or volume < 0:
        raise InvalidBar(f"{where}: prices {row[1:6]} must be finite and above zero")
    if not low <= min(first, close) <= max(first, close) <= high:
        raise InvalidBar(f"{where}: open and close must lie between low {low} and high {high}")
    return row[0], values


def quote(body: Mapping[str, Any], as_of: datetime) -> Quote:
    """Read ticker/bookTicker. It carries no time: `as_of` is when it was received. The spread is the market's own."""
    symbol = text(body, "symbol", "bookTicker")
    bid, ask = decimal(body, "bidPrice", symbol), decimal(body, "askPrice", symbol)
    if bid <= 0 or ask < bid:
        raise MarketDataError(f"{symbol}: bid {bid} and ask {ask} are no market; it is halted or empty")
    return Quote(symbol=symbol, bid=bid, ask=ask, as_of=as_of, spread_included=True)


def depth(body: Mapping[str, Any], symbol: str, as_of: datetime) -> Depth:
    """Read depth. It carries no time either."""
    return Depth(symbol=symbol, bids=_levels(body, "bids", symbol), asks=_levels(body, "asks", symbol), as_of=as_of)


def ticker(body: Mapping[str, Any]) -> Ticker:
    """Read ticker/24hr, FULL or MINI."""
    symbol = text(body, "symbol", "ticker/24hr")
    first, last = decimal(body, "openPrice", symbol), decimal(body, "lastPrice", symbol)
    return Ticker(
        symbol=symbol,
        last=last,
        open=first,
        high=decimal(body, "highPrice", symbol),
        low=decimal(body, "lowPrice", symbol),
        change_ratio=last / first - 1 if first else Decimal(0),
        base_volume=decimal(body, "volume", symbol),
        quote_volume=decimal(body, "quoteVolume", symbol),
        as_of=from_ms(whole(body, "closeTime", symbol)),
    )


def server_time(body: Mapping[str, Any]) -> datetime:
    """Read time."""
    return from_ms(whole(body, "serverTime", "time"))


def _step(
    filters: Mapping[str, Mapping[str, Any]], places: Sequence[tuple[str, str]], precision: int, symbol: str
) -> Decimal:
    """The first step above zero among `places`, else the asset's own precision: zero switches a filter off."""
    for name, key in places:
        if name in filters and (step := decimal(filters[name], key, symbol)) > 0:
            return step
    return Decimal(1).scaleb(-int(precision))


def _levels(body: Mapping[str, Any], side: str, symbol: str) -> tuple[Level, ...]:
    rows = body.get(side)
    if not isinstance(rows, list):
        raise MarketDataError(f"{symbol}: depth has no {side}")
    return tuple(Level(price=plain(exact(price)), quantity=plain(exact(quantity))) for price, quantity in rows)
