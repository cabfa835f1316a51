"""The instruments that are traded: the simulated market's, as many as are asked for, told a minute apart."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from multiprocessing.sharedctypes import Synchronized

import numpy as np

from engine.adapters.simulated import SimulatedMarket
from engine.domain.bar import BarSeries
from engine.domain.instrument import Instrument
from engine.domain.interval import Interval, to_ms
from engine.market.columns import times, to_series, values
from tests.exchange.clock import TurnedClock
from tests.exchange.listing import Listing

START = datetime(2025, 3, 4, 10, 16, tzinfo=UTC)
"""Where the clocks stand at first: at a close."""
INTERVAL = Interval.M1
KNOWN_BARS = 4_200
"""Bars before START: more than two blocks of the grid."""
TRAINING_BARS = 6_000
_TOLD = Interval.M5
_APART = timedelta(days=60)


class FarClock(TurnedClock):
    """One clock in two processes: it runs as the wall's does, and either may turn it on for both."""

    def __init__(self, at: datetime, started: float, turned: Synchronized[float]) -> None:
        super().__init__(at)
        self._started = started
        self._turned = turned

    def now(self) -> datetime:
        return self.at + timedelta(seconds=time.monotonic() - self._started + self._turned.value)

    def sleep_until(self, at: datetime) -> None:
        time.sleep(max(0.0, (at - self.now()).total_seconds()))

    def turn(self, seconds: float) -> None:
        self._turned.value += seconds

    @property
    def ms(self) -> int:
        return to_ms(self.now())


@dataclass(frozen=True, slots=True, kw_only=True)
class Traded:
    """An instrument with its bars before START, and what the exchange trades: the newest of them, and those to come."""

    listing: Listing
    known: BarSeries
    played: BarSeries


class _Still:
    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    def sleep_until(self, at: datetime) -> None:
        raise AssertionError("nothing waits for the simulated market")


def training_bars() -> BarSeries:
    """Bars of the first instrument that end where nothing is traded yet."""
    market = SimulatedMarket(_Still())
    return _told(_cut(market, market.instruments()[0], 0, TRAINING_BARS), "AAUSDT", START)


def traded(n: int, closes: int) -> list[Traded]:
    """`n` instruments with `closes` bars to come. Each takes its stretch of simulated history, no two the same."""
    market = SimulatedMarket(_Still())
    offered, found = market.instruments(), []
    for i in range(n):
        one, turn = offered[i % len(offered)], 1 + i // len(offered)
        listing = _listing(one, f"{chr(65 + i // 26)}{chr(65 + i % 26)}")
        cut = _cut(market, one, turn, KNOWN_BARS + closes)
        whole = _told(cut, listing.symbol, START + closes * INTERVAL.duration)
        found.append(
            Traded(listing=listing, known=whole.between(None, START), played=whole.rows(KNOWN_BARS - 60, len(whole)))
        )
    return found


def _cut(market: SimulatedMarket, one: Instrument, turn: int, n: int) -> BarSeries:
    end = datetime(2025, 12, 1, tzinfo=UTC) - turn * _APART
    return market.bars(one.symbol, _TOLD, end - n * _TOLD.duration, end)


def _told(series: BarSeries, symbol: str, end: datetime) -> BarSeries:
    """The same bars as if each were a minute long, the last one closing at `end`. No bar is without trade."""
    opens = to_ms(end) + (np.arange(len(series), dtype=times(series).dtype) - len(series)) * INTERVAL.ms
    columns = values(series)
    return to_series(symbol, INTERVAL, opens, [*columns[:4], np.maximum(columns[4], 4.0)])


def _listing(one: Instrument, base: str) -> Listing:
    return Listing(
        base=base, quote="USDT", tick=one.tick_size, lot=one.lot_step, max_quantity=Decimal(10**10),
        max_market_quantity=Decimal(10**10),
    )  # fmt: skip

