"""What every feature starts from: the window's bars as numpy columns, and the few series that all of them share."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TypeVar, cast

import numpy as np
import talib
from numpy.typing import NDArray

from engine.domain.bar import BarSeries

Column = NDArray[np.float64]
T = TypeVar("T")

SCALE_BARS = 168
"""Window of the volatility that returns and gaps are measured in."""

_LEAST_SCALE = 1e-7
"""Volatility of a bar below which prices count as standing still; keeps divisions finite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Bars of one window, each of shape (n_bars,), contiguous float64.

    `open` to `close` are in units of the window's first close, so that no indicator's epsilon depends on what a coin
    costs; `price` and `volume` are as quoted. `log_return[0]` is NaN. `scale` is the standard deviation of the last
    168 log returns (NaN before), never below 1e-7. Rows from `first` on are wanted: what a recursion or a running sum
    needs is worked out over the whole window, everything else for these rows only.
    """

    open_ms: NDArray[np.int64]
    open: Column
    high: Column
    low: Column
    close: Column
    price: Column
    volume: Column
    log_close: Column
    log_return: Column
    scale: Column
    first: int = 0
    memo: dict[Hashable, object] = field(default_factory=dict, compare=False, repr=False)

    def now(self, values: Column) -> Column:
        """The rows that are wanted."""
        return values[self.first :]

    def before(self, values: Column, bars: int) -> Column:
        """The values of `bars` earlier for the rows that are wanted; NaN where there are none."""
        start = self.first - bars
        return values[start : len(values) - bars] if start >= 0 else lagged(values, bars)[self.first :]

    def once(self, key: Hashable, work_out: Callable[[], T]) -> T:
        """A series that several features share, worked out by the first that asks."""
        if key not in self.memo:
            self.memo[key] = work_out()
        return cast(T, self.memo[key])


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One input column of a model. `compute` gives one value per wanted bar, known at its close and prefix-stable.

    `meaning` is its doc line; `words` says a value in plain words for a prediction's reasons.
    """

    name: str
    family: str
    meaning: str
    compute: Callable[[Columns], Column]
    words: Callable[[float], str]


def columns(window: BarSeries, first: int = 0) -> Columns:
    """Wrap a window's bars, of which those from `first` on are wanted. Every series here depends on rows up to its own
    only."""
    price = np.array(window.close, dtype=np.float64)
    unit = price[0] if len(price) else 1.0
    close = price / unit
    log_close = np.log(close)
    log_return = np.empty_like(log_close)
    log_return[:1] = np.nan
    log_return[1:] = log_close[1:] - log_close[:-1]
    spread = deviation(log_return, SCALE_BARS)
    return Columns(
        open_ms=np.array(window.open_ms, dtype=np.int64),
        open=np.array(window.open, dtype=np.float64) / unit,
        high=np.array(window.high, dtype=np.float64) / unit,
        low=np.array(window.low, dtype=np.float64) / unit,
        close=close,
        price=price,
        volume=np.array(window.volume, dtype=np.float64),
        log_close=log_close,
        log_return=log_return,
        scale=np.maximum(spread, _LEAST_SCALE),
        first=first,
        memo={("return", SCALE_BARS): spread},
    )


def return_deviation(c: Columns, bars: int) -> Column:
    """Rolling standard deviation of the log returns."""
    return c.once(("return", bars), lambda: deviation(c.log_return, bars))


def bare(indicator: Callable[..., T]) -> Callable[..., T]:
    """TA-Lib's own function, without the layer that looks for pandas and polars at each call."""
    return getattr(indicator, "__wrapped__", indicator)


_STDDEV, _SMA = bare(talib.STDDEV), bare(talib.SMA)


def deviation(values: Column, bars: int) -> Column:
    """Rolling standard deviation over `bars` values; NaN before there are that many."""
    return _quiet(_STDDEV, values, bars)


def average(values: Column, bars: int) -> Column:
    """Rolling mean over `bars` values; NaN before there are that many."""
    return _quiet(_SMA, values, bars)


def lagged(values: Column, bars: int) -> Column:
    """Values of `bars` earlier; NaN for the first ones."""
    out = np.full_like(values, np.nan)
    out[bars:] = values[: max(0, len(values) - bars)]
    return out


def ratio(top: Column, bottom: Column) -> Column:
    """Quotient of both, and 0 where bottom is 0: nothing moved, nothing traded."""
    still = bottom == 0.0
    if not still.any():
        return top / bottom
    return np.where(still, 0.0, top / np.where(still, 1.0, bottom))


def _quiet(indicator: Callable[[Column, int], Column], values: Column, bars: int) -> Column:
    """Run a TA-Lib function, which refuses an input without a single number."""
    if not len(values) or (values[-1] != values[-1] and np.isnan(values).all()):
        return np.full_like(values, np.nan)
    return indicator(values, bars)
