"""The tape of one symbol: its trades in order. Bars, tickers and prices are made of nothing else, so they agree."""

from __future__ import annotations

import random
from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from engine.domain.bar import BarSeries
from engine.domain.interval import Interval, to_ms
from tests.exchange.fields import decimal8
from tests.exchange.listing import Listing

_SECOND, _MINUTE, _HOUR, _DAY = 1000, 60_000, 3_600_000, 86_400_000
_MONDAY = 4 * _DAY
"""1970-01-01 was a Thursday; weeks open on Mondays."""

INTERVALS: dict[str, tuple[int, int]] = {
    "1s": (_SECOND, 0),
    **{f"{n}m": (n * _MINUTE, 0) for n in (1, 3, 5, 15, 30)},
    **{f"{n}h": (n * _HOUR, 0) for n in (1, 2, 4, 6, 8, 12)},
    "1d": (_DAY, 0),
    "1w": (7 * _DAY, _MONDAY),
}
"""Interval -> length in ms and where its grid starts."""


@dataclass(slots=True, kw_only=True)
class Tape:
    """Columns of equal length, ascending in time: ms, price in ticks, quantity in lots, whether the buyer rested."""

    listing: Listing
    times: array[int]
    ticks: array[int]
    lots: array[int]
    buyer_rested: array[int]

    def known(self, now_ms: int) -> int:
        """How many trades have happened by now."""
        return bisect_right(self.times, now_ms)

    def price(self, i: int) -> Decimal:
        return int(self.ticks[i]) * self.listing.tick

    def quantity(self, i: int) -> Decimal:
        return int(self.lots[i]) * self.listing.lot

    def first_after(self, ms: int) -> int:
        """Position of the first trade at `ms` or later."""
        return bisect_left(self.times, ms)

    def sums(self, first: int, last: int) -> tuple[Decimal, Decimal, Decimal, Decimal]:
        """Base and quote volume of trades first..last-1: all of it, then the part where the buyer took."""
        base = quote = taker_base = taker_quote = 0
        for i in range(first, last):
            base += self.lots[i]
            quote += self.lots[i] * self.ticks[i]
            if not self.buyer_rested[i]:
                taker_base += self.lots[i]
                taker_quote += self.lots[i] * self.ticks[i]
        lot, both = self.listing.lot, self.listing.lot * self.listing.tick
        return base * lot, quote * both, taker_base * lot, taker_quote * both

    def opens(self, interval: str, now_ms: int) -> range:
        """Opens of all bars from the first trade's to the unfinished one."""
        length, anchor = INTERVALS[interval]
        if not self.times or now_ms < self.times[0]:
            return range(0)
        first = (self.times[0] - anchor) // length * length + anchor
        return range(first, now_ms + 1, length)

    def kline(self, interval: str, opened: int, now_ms: int) -> list[Any]:
        """One bar as the exchange writes it; a bar without trades repeats the last close."""
        length, _ = INTERVALS[interval]
        first, last = self.first_after(opened), min(self.first_after(opened + length), self.known(now_ms))
        path = self.ticks[first:last] if last > first else self.ticks[first - 1 : first]
        base, quote, taker_base, taker_quote = self.sums(first, last)
        tick = self.listing.tick
        prices = [decimal8(n * tick) for n in (path[0], max(path), min(path), path[-1])]
        volumes = [decimal8(quote), max(0, last - first), decimal8(taker_base), decimal8(taker_quote), "0"]
        return [opened, *prices, decimal8(base), opened + length - 1, *volumes]


def from_bars(listing: Listing, bars: BarSeries) -> Tape:
    """Four trades a bar: its open, its two extremes, its close. Bars without volume had no trade."""
    tape = Tape(listing=listing, times=array("q"), ticks=array("q"), lots=array("q"), buyer_rested=array("q"))
    length = bars.interval.ms
    for bar in bars:
        lots = round(Decimal(repr(bar.volume)) / listing.lot)
        if not lots:
            continue
        rising = bar.close >= bar.open
        turns = (bar.low, bar.high) if rising else (bar.high, bar.low)
        opened = to_ms(bar.open_at)
        share = max(1, lots // 4)
        for j, price in enumerate((bar.open, *turns, bar.close)):
            tape.times.append(opened + min(j * length // 3, length - 1))
            tape.ticks.append(round(Decimal(repr(price)) / listing.tick))
            tape.lots.append(share if j < 3 else max(1, lots - 3 * share))
            tape.buyer_rested.append(1 if (j + opened // length) % 2 else 0)
    return tape


def seeded(listing: Listing, *, start: datetime, minutes: int, price: Decimal, seed: int) -> Tape:
    """A random walk of one-minute bars, the same for the same seed."""
    draw = random.Random(f"{seed}:{listing.symbol}")
    bars = BarSeries.empty(listing.symbol, Interval.M1)
    tick = float(listing.tick)
    last = round(price / listing.tick)
    for minute in range(minutes):
        scale = max(2.0, last * 0.0006)
        first, last = last, max(10, last + round(draw.gauss(0, scale)))
        high = max(first, last) + abs(round(draw.gauss(0, scale / 2)))
        low = max(1, min(first, last) - abs(round(draw.gauss(0, scale / 2))))
        lots = draw.randrange(400, 40_000)
        bars.open_ms.append(to_ms(start) + minute * Interval.M1.ms)
        for column, ticks in ((bars.open, first), (bars.high, high), (bars.low, low), (bars.close, last)):
            column.append(round(ticks * tick, 8))
        bars.volume.append(round(lots * float(listing.lot), 8))
    return from_bars(listing, bars)


def one_trade(listing: Listing, price: Decimal, at_ms: int) -> Tape:
    """The smallest tape there is."""
    ticks = int(price / listing.tick)
    return Tape(
        listing=listing, times=array("q", [at_ms]), ticks=array("q", [ticks]), lots=array("q", [1000]),
        buyer_rested=array("q", [0]),
    )  # fmt: skip
