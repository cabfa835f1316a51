"""Volatility: how much prices move (close to close, Parkinson, true range), how unevenly, and Bollinger bands."""

from __future__ import annotations

from functools import partial
from math import exp, log, sqrt

from engine.features.feature import Feature, Floats, at_least, clipped, ratio
from engine.features.gauges import ATR_14
from engine.features.scans import (
    BAND_20,
    DEVIATION_12,
    MIDDLE_20,
    SPAN_24,
    Z_72,
    Z_CUBE_72,
    Z_SQUARE_72,
)
from engine.features.words import multiple, percent, push
from engine.kernel.compiled import borrowing

_LEAST = 1e-12
"""Floor under a logarithm, for prices that stand still."""

_PARKINSON = 4.0 * log(2.0)


@borrowing
def row(now: Floats, close: float, scale: float, out: Floats) -> None:
    """Deviations of log returns; the shortest, Parkinson's and the true range against `scale`, the 168-bar one; skew;
    Bollinger's bands of two deviations."""
    for k in range(4):
        out[k] = at_least(now[DEVIATION_12 + k], _LEAST)
    out[4] = out[0] / scale
    mean_square = now[SPAN_24] / _PARKINSON
    out[5] = sqrt(at_least(mean_square, _LEAST * _LEAST)) / scale
    out[6] = skew(now[Z_72], now[Z_SQUARE_72], now[Z_CUBE_72])
    out[7] = at_least(now[ATR_14] / close, _LEAST) / scale
    for k in range(2):
        middle, reach = now[MIDDLE_20 + k], now[BAND_20 + k] * 2.0
        upper, lower = middle + reach, middle - reach
        out[8 + 2 * k] = clipped(ratio(close - lower, upper - lower), -2.0, 3.0)
        out[9 + 2 * k] = at_least((upper - lower) / middle, _LEAST)


@borrowing
def skew(first: float, second: float, third: float) -> float:
    """Skewness from the mean powers."""
    variance = at_least(second - first * first, 0.0)
    centred = third - 3.0 * first * second + 2.0 * first * first * first
    return clipped(ratio(centred, variance * sqrt(variance)), -10.0, 10.0)


def _place_words(value: float, bars: int) -> str:
    where = "below the lower" if value < 0 else "above the upper" if value > 1 else "inside the"
    return f"price {where} Bollinger band({bars})"


def _log_percent(value: float, what: str) -> str:
    return percent(what)(exp(value))


def _volatility(bars: int) -> Feature:
    return Feature(
        name=f"volatility_{bars}",
        family="volatility",
        meaning=f"log of the standard deviation of the last {bars} log returns",
        words=partial(_log_percent, what=f"{bars}-bar volatility per bar"),
        logged=True,
    )


def _bands(bars: int) -> tuple[Feature, Feature]:
    return (
        Feature(
            name=f"band_place_{bars}",
            family="volatility",
            meaning=f"Bollinger %b over {bars} bars: 0 at the lower band, 1 at the upper",
            words=partial(_place_words, bars=bars),
        ),
        Feature(
            name=f"band_width_{bars}",
            family="volatility",
            meaning=f"log of the Bollinger bands' width over {bars} bars",
            words=partial(_log_percent, what=f"Bollinger width({bars})"),
            logged=True,
        ),
    )


FEATURES = (
    *(_volatility(n) for n in (12, 24, 72, 168)),
    Feature(
        name="volatility_12_168",
        family="volatility",
        meaning="log of 12-bar over 168-bar volatility",
        words=multiple("12-bar volatility"),
        logged=True,
    ),
    Feature(
        name="parkinson_24",
        family="volatility",
        meaning="log of Parkinson's 24-bar volatility over the 168-bar one",
        words=multiple("range within the bars"),
        logged=True,
    ),
    Feature(
        name="skew_72",
        family="volatility",
        meaning="skewness of the last 72 log returns",
        words=push("skew of the last 72 returns", strong=1.0, mild=0.3),
    ),
    Feature(
        name="atr_14",
        family="volatility",
        meaning="log of the 14-bar average true range over the 168-bar volatility",
        words=multiple("true range"),
        logged=True,
    ),
    *_bands(20),
    *_bands(50),
)
