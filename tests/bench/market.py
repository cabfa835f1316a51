"""Bars to measure on: the simulated market's, up to a fixed end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from engine.adapters.simulated import SimulatedMarket
from engine.domain.bar import BarSeries
from engine.domain.interval import Interval

END = datetime(2025, 1, 1, tzinfo=UTC)


class StillClock:
    """Stands at the end."""

    def now(self) -> datetime:
        return END

    def sleep_until(self, at: datetime) -> None:
        raise AssertionError("nothing waits in a measurement")


def bars(length: timedelta) -> BarSeries:
    """Hourly bars of the simulated market's first instrument, up to END."""
    market = SimulatedMarket(StillClock())
    symbol = market.instruments()[0].symbol
    return market.bars(symbol, Interval.H1, END - length, END)
