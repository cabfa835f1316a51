"""Values for tests, made from as few words as they can be told in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np

from engine.domain.bar import BarSeries
from engine.domain.instrument import Instrument
from engine.domain.interval import Interval, to_ms
from engine.market.columns import to_series


def utc(text: str) -> datetime:
    """An aware UTC time: utc("2025-04-01"), utc("2025-04-01 12:00")."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def bars_at(
    start: str,
    closes: Sequence[float],
    *,
    symbol: str = "BTCUSDT",
    interval: Interval = Interval.H1,
    without: Sequence[int] = (),
) -> BarSeries:
    """Bars from `start` on, each opening at the close before it, a little wick on both sides, volume 1.

    `without` names positions that are left out: a gap.
    """
    close = np.array(closes, dtype=np.float64)
    opened = np.concatenate([close[:1], close[:-1]])
    columns = [opened, np.maximum(opened, close) + 1, np.minimum(opened, close) - 1, close, np.ones(len(close))]
    opens = to_ms(utc(start)) + interval.ms * np.arange(len(close), dtype=np.int64)
    kept = np.setdiff1d(np.arange(len(close)), np.array(without, dtype=np.int64))
    return to_series(symbol, interval, opens[kept], [column[kept] for column in columns])


def instrument(symbol: str = "BTCUSDT", *, tick: str = "0.01", lot: str = "0.00001") -> Instrument:
    """An instrument quoted in USDT, with a smallest order of 5."""
    return Instrument(
        symbol=symbol, base=symbol.removesuffix("USDT"), quote="USDT", tick_size=Decimal(tick), lot_step=Decimal(lot),
        min_notional=Decimal(5),
    )  # fmt: skip
