"""Volatility: how much prices move (close to close, Parkinson, true range), how unevenly, and Bollinger bands."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import talib

from engine.features.columns import Column, Columns, Feature, average, bare, ratio, return_deviation
from engine.features.words import multiple, percent, push

_LEAST = 1e-12
"""Floor under a logarithm, for prices that stand still."""


_ATR, _BBANDS = bare(talib.ATR), bare(talib.BBANDS)


def log_volatility(c: Columns, bars: int) -> Column:
    """Logarithm of the standard deviation of the last `bars` log returns, per bar."""
    return np.log(np.maximum(c.now(return_deviation(c, bars)), _LEAST))


def volatility_ratio(c: Columns, bars: int) -> Column:
    """Logarithm of the last `bars`' volatility over the 168-bar one."""
    return np.log(np.maximum(c.now(return_deviation(c, bars)), _LEAST) / c.now(c.scale))


def parkinson(c: Columns, bars: int) -> Column:
    """Logarithm of Parkinson's volatility (from each bar's high and low) over the close-to-close 168-bar one."""
    span = np.log(c.high / c.low)
    mean_square = c.now(average(span * span, bars)) / (4.0 * math.log(2.0))
    return np.log(np.sqrt(np.maximum(mean_square, _LEAST * _LEAST)) / c.now(c.scale))


def skew(c: Columns, bars: int) -> Column:
    """Skewness of the last `bars` log returns."""
    z = c.log_return * 1e3
    square = z * z
    first, second, third = (c.now(average(power, bars)) for power in (z, square, square * z))
    variance = np.maximum(second - first * first, 0.0)
    centred = third - 3.0 * first * second + 2.0 * first * first * first
    return np.clip(ratio(centred, variance * np.sqrt(variance)), -10.0, 10.0)


def true_range(c: Columns, bars: int) -> Column:
    """Logarithm of the average true range over the close, relative to the 168-bar volatility."""
    relative = c.now(np.asarray(_ATR(c.high, c.low, c.close, bars))) / c.now(c.close)
    return np.log(np.maximum(relative, _LEAST) / c.now(c.scale))


def band_place(c: Columns, bars: int) -> Column:
    """Where the close lies between the Bollinger bands (2 deviations): 0 at the lower, 1 at the upper."""
    upper, _, lower = _bands_of(c, bars)
    return np.clip(ratio(c.now(c.close) - lower, upper - lower), -2.0, 3.0)


def band_width(c: Columns, bars: int) -> Column:
    """Logarithm of the Bollinger bands' width over their middle."""
    upper, middle, lower = _bands_of(c, bars)
    return np.log(np.maximum((upper - lower) / middle, _LEAST))


def _bands_of(c: Columns, bars: int) -> tuple[Column, Column, Column]:
    """Upper band, middle and lower band of the rows that are wanted."""
    upper, middle, lower = c.once(("bands", bars), lambda: _BBANDS(c.close, bars, 2.0, 2.0))
    return c.now(upper), c.now(middle), c.now(lower)


def _place_words(value: float, bars: int) -> str:
    where = "below the lower" if value < 0 else "above the upper" if value > 1 else "inside the"
    return f"price {where} Bollinger band({bars})"


def _log_percent(value: float, what: str) -> str:
    return percent(what)(math.exp(value))


def _volatility(bars: int) -> Feature:
    return Feature(
        name=f"volatility_{bars}",
        family="volatility",
        meaning=f"log of the standard deviation of the last {bars} log returns",
        compute=partial(log_volatility, bars=bars),
        words=partial(_log_percent, what=f"{bars}-bar volatility per bar"),
    )


def _bands(bars: int) -> tuple[Feature, Feature]:
    return (
        Feature(
            name=f"band_place_{bars}",
            family="volatility",
            meaning=f"Bollinger %b over {bars} bars: 0 at the lower band, 1 at the upper",
            compute=partial(band_place, bars=bars),
            words=partial(_place_words, bars=bars),
        ),
        Feature(
            name=f"band_width_{bars}",
            family="volatility",
            meaning=f"log of the Bollinger bands' width over {bars} bars",
            compute=partial(band_width, bars=bars),
            words=partial(_log_percent, what=f"Bollinger width({bars})"),
        ),
    )


FEATURES = (
    *(_volatility(n) for n in (12, 24, 72, 168)),
    Feature(
        name="volatility_12_168",
        family="volatility",
        meaning="log of 12-bar over 168-bar volatility",
        compute=partial(volatility_ratio, bars=12),
        words=multiple("12-bar volatility"),
    ),
    Feature(
        name="parkinson_24",
        family="volatility",
        meaning="log of Parkinson's 24-bar volatility over the 168-bar one",
        compute=partial(parkinson, bars=24),
        words=multiple("range within the bars"),
    ),
    Feature(
        name="skew_72",
        family="volatility",
        meaning="skewness of the last 72 log returns",
        compute=partial(skew, bars=72),
        words=push("skew of the last 72 returns", strong=1.0, mild=0.3),
    ),
    Feature(
        name="atr_14",
        family="volatility",
        meaning="log of the 14-bar average true range over the 168-bar volatility",
        compute=partial(true_range, bars=14),
        words=multiple("true range"),
    ),
    *_bands(20),
    *_bands(50),
)
