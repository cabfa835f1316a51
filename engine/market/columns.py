"""Columns between numpy and `BarSeries`: one copy, no loop."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.domain.bar import BarSeries
from engine.domain.errors import ConfigurationError
from engine.domain.interval import Interval

FIELDS = ("open", "high", "low", "close", "volume")
"""The float columns of a bar, in the order every table of ours has them."""

Floats = NDArray[np.float64]
Times = NDArray[np.int64]


def to_series(symbol: str, interval: Interval, open_ms: Times, values: Sequence[Floats]) -> BarSeries:
    """Build a series from `open_ms`, shape (n_bars,), and the five columns of `FIELDS`, each (n_bars,)."""
    prices = [_doubles(column) for column in values]
    return BarSeries(
        symbol=symbol, interval=interval, open_ms=_longs(open_ms),
        open=prices[0], high=prices[1], low=prices[2], close=prices[3], volume=prices[4],
    )  # fmt: skip


def times(series: BarSeries) -> Times:
    """The opens in milliseconds as an int64 view on the series, shape (n_bars,)."""
    return np.frombuffer(series.open_ms, dtype=np.int64) if len(series) else np.empty(0, dtype=np.int64)


def values(series: BarSeries) -> list[Floats]:
    """The five columns of `FIELDS` as float64 views on the series, each of shape (n_bars,)."""
    columns = (series.open, series.high, series.low, series.close, series.volume)
    return [np.frombuffer(column, dtype=np.float64) if len(column) else np.empty(0) for column in columns]


def join(parts: Sequence[BarSeries]) -> BarSeries:
    """Put series of one symbol and interval behind one another; they must follow each other in time."""
    if not parts:
        raise ConfigurationError("no series to join; give at least one")
    return to_series(
        parts[0].symbol,
        parts[0].interval,
        np.concatenate([times(part) for part in parts]),
        [np.concatenate(column) for column in zip(*(values(part) for part in parts), strict=True)],
    )


def overlay(old: BarSeries, new: BarSeries) -> BarSeries:
    """Unite two series of one symbol and interval; where both have a bar, the new one counts."""
    if not len(old):
        return new
    if not len(new):
        return old
    if new.open_ms[0] > old.open_ms[-1]:
        return join((old, new))
    kept = ~np.isin(times(old), times(new), assume_unique=True)
    opens = np.concatenate([times(old)[kept], times(new)])
    order = np.argsort(opens, kind="stable")
    both = zip(values(old), values(new), strict=True)
    return to_series(old.symbol, old.interval, opens[order], [np.concatenate([a[kept], b])[order] for a, b in both])


def _longs(column: Times) -> array[int]:
    out = array("q")
    out.frombytes(np.ascontiguousarray(column, dtype=np.int64).tobytes())
    return out


def _doubles(column: Floats) -> array[float]:
    out = array("d")
    out.frombytes(np.ascontiguousarray(column, dtype=np.float64).tobytes())
    return out
