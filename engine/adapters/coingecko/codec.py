"""CoinGecko's bodies -> our values: prices, price points, bars."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median_low
from typing import Any

from engine.domain.bar import BarSeries
from engine.domain.errors import InvalidBar, MarketDataError
from engine.domain.interval import Interval, from_ms, iso
from engine.domain.money import exact

STEPS = (timedelta(minutes=5), timedelta(hours=1), timedelta(days=1))
"""The distances between points that CoinGecko chooses from, by the length of the range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PricePoint:
    """A price at a moment. What happened between two points is not known."""

    at: datetime
    price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSeries:
    """Price points, ascending, about one `step` apart; `step` is measured, for CoinGecko chooses it."""

    coin_id: str
    currency: str
    step: timedelta | None
    points: tuple[PricePoint, ...]


def price(body: Mapping[str, Any], coin_id: str, currency: str) -> PricePoint:
    """Read simple/price with include_last_updated_at. An unknown coin is simply absent there."""
    row = body.get(coin_id) if isinstance(body, dict) else None
    value = row.get(currency.lower()) if isinstance(row, dict) else None
    if value is None or not isinstance(row, dict):
        raise MarketDataError(f"CoinGecko knows no price of {coin_id} in {currency}")
    at = row.get("last_updated_at")
    if not isinstance(at, int):
        raise MarketDataError(f"CoinGecko does not say how old the price of {coin_id} is; it is not used")
    number = _number(value, coin_id)
    if number <= 0:
        raise MarketDataError(f"CoinGecko's price of {coin_id} is {number}; it is not used")
    return PricePoint(at=from_ms(at * 1000), price=number)


def prices(body: Mapping[str, Any], coin_id: str, currency: str) -> PriceSeries:
    """Read market_chart. The last point is "now" and off the grid of the others: it is dropped."""
    rows = body.get("prices") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        raise MarketDataError(f"CoinGecko: the chart of {coin_id} has no prices")
    points = [PricePoint(at=from_ms(at), price=_number(value, coin_id)) for at, value in rows if value is not None]
    if any(later.at <= earlier.at for earlier, later in pairwise(points)):
        raise InvalidBar(f"CoinGecko: the points of {coin_id} are out of order")
    step = _step(points)
    if step and points[-1].at.timestamp() % step.total_seconds():
        points.pop()
    return PriceSeries(coin_id=coin_id, currency=currency, step=step, points=tuple(points))


def bars(rows: Sequence[Sequence[Any]], symbol: str, interval: Interval, since: datetime, now: datetime) -> BarSeries:
    """Read ohlc, whose rows carry their close time and no volume.

    Dropped are the first row where the window (from `since`) cuts into it, and what is not closed by `now`: the last
    row may end "now", off the grid. Volume is 0.0 in every bar: CoinGecko publishes none.
    """
    columns = tuple(array("d") for _ in range(4))
    open_ms = array("q")
    for i, row in enumerate(rows):
        closed, *values = row
        opened = from_ms(closed) - interval.duration
        if closed % interval.ms:
            if i == len(rows) - 1:
                break
            raise InvalidBar(
                f"CoinGecko, {symbol}: a bar that closes at {iso(from_ms(closed))} is off the {interval} grid"
            )
        if opened < since or from_ms(closed) > now:
            continue
        first, high, low, last = (float(value) for value in values)
        if not 0 < low <= min(first, last) <= max(first, last) <= high:
            raise InvalidBar(f"CoinGecko, {symbol} {iso(opened)}: {values} are not open, high, low, close")
        open_ms.append(closed - interval.ms)
        for column, value in zip(columns, (first, high, low, last), strict=True):
            column.append(value)
    if any(later <= earlier for earlier, later in pairwise(open_ms)):
        raise InvalidBar(f"CoinGecko, {symbol}: bars are out of order or nearer than {interval}")
    first_, high_, low_, close_ = columns
    return BarSeries(
        symbol=symbol, interval=interval, open_ms=open_ms, open=first_, high=high_, low=low_, close=close_,
        volume=array("d", [0.0] * len(open_ms)),
    )  # fmt: skip


def fold(fine: BarSeries, interval: Interval) -> BarSeries:
    """Make longer bars out of shorter ones; only of complete sets, so that no extreme is missed."""
    count = interval.ms // fine.interval.ms
    folded = BarSeries.empty(fine.symbol, interval)
    for i in range(len(fine) - count + 1):
        opened = fine.open_ms[i]
        if opened % interval.ms or fine.open_ms[i + count - 1] != opened + (count - 1) * fine.interval.ms:
            continue
        part = slice(i, i + count)
        folded.open_ms.append(opened)
        folded.open.append(fine.open[i])
        folded.high.append(max(fine.high[part]))
        folded.low.append(min(fine.low[part]))
        folded.close.append(fine.close[i + count - 1])
        folded.volume.append(sum(fine.volume[part]))
    return folded


def bars_between(series: PriceSeries, symbol: str) -> BarSeries:
    """Hourly bars from hourly price points: each opens at the point of its start and closes at that of its end. High
    and low are of these two, for what lay between is not known: ranges come out too small. Volume is 0.0.

    CoinGecko's points lie some seconds to minutes after the hour: one within a tenth of an hour counts as the hour's.
    """
    hour = Interval.H1
    near = {round(p.at.timestamp() * 1000 / hour.ms) * hour.ms: p for p in series.points if _on_the_hour(p.at, hour)}
    found = BarSeries.empty(symbol, hour)
    for open_ms in sorted(near):
        if open_ms + hour.ms in near:
            ends = (near[open_ms].price, near[open_ms + hour.ms].price)
            first, last = (float(value) for value in ends)  # bars are observations, as everywhere
            found.open_ms.append(open_ms)
            for column, value in (
                (found.open, first), (found.high, max(first, last)), (found.low, min(first, last)),
                (found.close, last), (found.volume, 0.0),
            ):  # fmt: skip
                column.append(value)
    return found


def _on_the_hour(at: datetime, hour: Interval) -> bool:
    away = at.timestamp() * 1000 % hour.ms
    return min(away, hour.ms - away) <= hour.ms / 10


def _step(points: Sequence[PricePoint]) -> timedelta | None:
    """The usual distance between points, rounded to one that CoinGecko uses."""
    if len(points) < 2:
        return None
    usual = median_low([later.at - earlier.at for earlier, later in pairwise(points)])
    return min(STEPS, key=lambda step: abs(step - usual))


def _number(value: object, where: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise MarketDataError(f"CoinGecko: a price of {where} is {value!r}, not a number")
    return exact(value)
