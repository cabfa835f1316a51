"""Volume: how much was traded against what is usual, what it took to move price, and where bars closed."""

from __future__ import annotations

from functools import partial

import numpy as np
import talib

from engine.features.columns import Column, Columns, Feature, average, deviation, ratio
from engine.features.words import gauge, multiple, push


def _log_volume(c: Columns) -> Column:
    return np.log1p(c.volume)


def volume_z(c: Columns, bars: int) -> Column:
    """Log volume of the last bar against its own last `bars`, in standard deviations."""
    log_volume = _log_volume(c)
    return np.clip(ratio(log_volume - average(log_volume, bars), deviation(log_volume, bars)), -10.0, 10.0)


def volume_day(c: Columns) -> Column:
    """Mean log volume of the last 24 bars less that of the last 168."""
    log_volume = _log_volume(c)
    return average(log_volume, 24) - average(log_volume, 168)


def illiquidity(c: Columns, bars: int) -> Column:
    """Amihud's measure, log of it: mean |log return| per unit of quote volume over `bars`, against 168 bars."""
    impact = ratio(np.abs(c.log_return), c.price * c.volume)
    short, long = average(impact, bars), average(impact, 168)
    return np.clip(np.log(np.maximum(ratio(short, long), 1e-4)), -10.0, 10.0)


def money_flow(c: Columns, bars: int) -> Column:
    """Money flow index, 0 to 100: the RSI weighted by volume."""
    unit = c.price[:1] if len(c.price) else 1.0
    return np.asarray(talib.MFI(c.high * unit, c.low * unit, c.price, c.volume, bars))


def close_location(c: Columns) -> Column:
    """Where the bar closed in its own range: -1 at the low, +1 at the high."""
    return ratio(2.0 * c.close - c.high - c.low, c.high - c.low)


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
