"""The tape of one window: its bars, what indicators made of them, and where their running sums stand.

An indicator adds the newest bar to what it had made of the bars before. So a row is worked out in the same steps, with
the same bits, whether the whole window is walked at once (batch) or one bar is added to what was walked before (live).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.domain.bar import BarSeries

(
    HIGH, LOW, CLOSE, PRICE, VOLUME, LOG_CLOSE, LOG_VOLUME, LOG_RETURN, SPAN_SQUARE, Z, Z_SQUARE, Z_CUBE, IMPACT,
    FAST_K, FLOW_UP, FLOW_DOWN, SERIES,
) = range(17)  # fmt: skip
"""Rows of `Tape.series`, and how many. HIGH, LOW and CLOSE are in units of the window's first close, so that no
indicator's epsilon depends on what a coin costs; PRICE and VOLUME are as quoted; Z is a thousand log returns."""

SUMS = 61
"""Room for running sums and averages; who keeps what where stands in `scans` and `gauges`."""
NOW = 35
"""Room for what the indicators say."""


class Tape(NamedTuple):
    """`series`: (SERIES, bars there is room for), a value per bar. `sums`: running sums and last values of the
    indicators. `now`: what they say at the bar that was walked last, NaN where it is too early."""

    series: NDArray[np.float64]
    sums: NDArray[np.float64]
    now: NDArray[np.float64]


class Raw(NamedTuple):
    """The columns of bars as numpy sees them, without a copy."""

    open_ms: NDArray[np.int64]
    open: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    close: NDArray[np.float64]
    volume: NDArray[np.float64]


def blank(room: int) -> Tape:
    """A tape for so many bars, none of them walked."""
    return Tape(np.full((SERIES, room), np.nan), np.zeros(SUMS), np.full(NOW, np.nan))


def raw(bars: BarSeries, start: int = 0) -> Raw:
    """Look at a series' own memory, from position `start` on."""
    columns = (bars.open_ms, bars.open, bars.high, bars.low, bars.close, bars.volume)
    return Raw(*(np.asarray(column)[start:] for column in columns))


def write(series: NDArray[np.float64], window: Raw, begin: int) -> None:
    """Put a window's bars from `begin` on on the tape. Logarithms are numpy's, value by value."""
    price, volume, unit = window.close[begin:], window.volume[begin:], window.close[0]
    high, low, close = window.high[begin:] / unit, window.low[begin:] / unit, price / unit
    span = np.log(high / low)
    at = slice(begin, len(window.close))
    series[HIGH, at] = high
    series[LOW, at] = low
    series[CLOSE, at] = close
    series[PRICE, at] = price
    series[VOLUME, at] = volume
    series[LOG_CLOSE, at] = np.log(close)
    series[LOG_VOLUME, at] = np.log1p(volume)
    series[SPAN_SQUARE, at] = span * span
