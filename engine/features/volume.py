"""Volume: how much was traded against what is usual, what it took to move price, and where bars closed."""

from __future__ import annotations

from functools import partial

import numpy as np
import talib

from engine.features.columns import Column, Columns, Feature, average, bare, deviation, ratio
from engine.features.words import gauge, multiple, push

_MFI = bare(talib.MFI)


def _log_volume(c: Columns) -> Column:
    return c.once("log volume", lambda: np.log1p(c.volume))


def _average_volume(c: Columns, bars: int) -> Column:
    return c.now(c.once(("log volume", bars), lambda: average(_log_volume(c), bars)))


def volume_z(c: Columns, bars: int) -> Column:
    """Log volume of the last bar against its own last `bars`, in standard deviations."""
    log_volume = _log_volume(c)
    above = c.now(log_volume) - _average_volume(c, bars)
    return np.clip(ratio(above, c.now(deviation(log_volume, bars))), -10.0, 10.0)


def volume_day(c: Columns) -> Column:
    """Mean log volume of the last 24 bars less that of the last 168."""
    return _average_volume(c, 24) - _average_volume(c, 168)


def illiquidity(c: Columns, bars: int) -> Column:
    """Amihud's measure, log of it: mean |log return| per unit of quote volume over `bars`, against 168 bars."""
    impact = ratio(np.abs(c.log_return), c.price * c.volume)
    short, long = c.now(average(impact, bars)), c.now(average(impact, 168))
    return np.clip(np.log(np.maximum(ratio(short, long), 1e-4)), -10.0, 10.0)


def money_flow(c: Columns, bars: int) -> Column:
    """Money flow index, 0 to 100: the RSI weighted by volume."""
    unit = c.price[:1] if len(c.price) else 1.0
    return c.now(np.asarray(_MFI(c.high * unit, c.low * unit, c.price, c.volume, bars)))


def close_location(c: Columns) -> Column:
    """Where the bar closed in its own range: -1 at the low, +1 at the high."""
    high, low, close = c.now(c.high), c.now(c.low), c.now(c.close)
    return ratio(2.0 * close - high - low, high - low)


FEATURES = (
    Feature(
        name="volume_z_24",
        family="volume",
        meaning="log volume against its last 24 bars, in standard deviations",
        compute=partial(volume_z, bars=24),
        words=push("volume of the last bar"),
    ),
    Feature(
        name="volume_24_168",
        family="volume",
        meaning="mean log volume of 24 bars less that of 168",
        compute=volume_day,
        words=multiple("24-bar volume"),
    ),
    Feature(
        name="illiquidity_24",
        family="volume",
        meaning="log of Amihud's illiquidity over 24 bars against 168",
        compute=partial(illiquidity, bars=24),
        words=multiple("price impact of volume"),
    ),
    Feature(
        name="money_flow_14",
        family="volume",
        meaning="money flow index over 14 bars, 0 to 100",
        compute=partial(money_flow, bars=14),
        words=gauge("money flow", 20, 80, under="oversold", over="overbought"),
    ),
    Feature(
        name="close_location",
        family="volume",
        meaning="where the bar closed in its range, -1 at the low to +1 at the high",
        compute=close_location,
        words=push("close within its bar", strong=0.8, mild=0.3),
    ),
)
