"""Means, deviations and exponential averages of a tape, as TA-Lib computes them, to the bit: one step for each bar."""

from __future__ import annotations

from math import nan, sqrt

import numpy as np
from numpy.typing import NDArray

from engine.features.tape import (
    CLOSE,
    FAST_K,
    IMPACT,
    LOG_CLOSE,
    LOG_RETURN,
    LOG_VOLUME,
    PRICE,
    SPAN_SQUARE,
    VOLUME,
    Z_CUBE,
    Z_SQUARE,
    Tape,
    Z,
)
from engine.kernel.compiled import borrowing, unlocked

Floats = NDArray[np.float64]

EPSILON = 1e-14
"""Below this TA-Lib takes a value for zero."""

_MEANS = (
    (LOG_CLOSE, 50, 0), (CLOSE, 20, 0), (CLOSE, 50, 0), (SPAN_SQUARE, 24, 0), (Z, 72, 1), (Z_SQUARE, 72, 1),
    (Z_CUBE, 72, 1), (LOG_VOLUME, 24, 0), (LOG_VOLUME, 168, 0), (IMPACT, 24, 1), (IMPACT, 168, 1), (FAST_K, 3, 13),
)  # fmt: skip
"""Simple averages: of which series, over how many bars, from which bar of the window on."""
(
    SMA_50, MIDDLE_20, MIDDLE_50, SPAN_24, Z_72, Z_SQUARE_72, Z_CUBE_72, VOLUME_24, VOLUME_168, IMPACT_24, IMPACT_168,
    SLOW_K,
) = range(len(_MEANS))  # fmt: skip
"""Where they stand in `Tape.now` (and their sums in `Tape.sums`)."""

_DEVIATIONS = (
    (LOG_RETURN, 12, 1), (LOG_RETURN, 24, 1), (LOG_RETURN, 72, 1), (LOG_RETURN, 168, 1), (LOG_VOLUME, 24, 0),
    (CLOSE, 20, 0), (CLOSE, 50, 0),
)  # fmt: skip
"""Standard deviations, likewise."""
DEVIATION_12, DEVIATION_24, DEVIATION_72, DEVIATION_168, VOLUME_DEVIATION, BAND_20, BAND_50 = range(12, 19)

_EMAS = ((24, 0), (168, 0), (12, 14), (26, 0), (24, 28), (52, 0))
"""Exponential averages of the log close: over how many bars, from which bar on. MACD's quick one begins so late that
both give their first value at the same bar."""
EMA_24, EMA_168, _QUICK_12, _CALM_26, _QUICK_24, _CALM_52 = range(19, 25)
MACD_12, MACD_24, HISTOGRAM = range(25, 28)
_SIGNAL, _SIGNAL_FROM = 9, 25

_SPREADS, _EMA_SUMS, _SIGNAL_SUM = 12, 40, 46
"""Where the sums of what is no simple average begin; `gauges` has the places after."""

_MOVE_AFTER = 32
"""After so many times its length a deviation is measured from the middle of its values anew, and before that where
what has left weighs so much more than what is left that digits are lost."""

_MEAN_OF, _MEAN_BARS, _MEAN_FROM = (np.array(column) for column in zip(*_MEANS, strict=True))
_DEVIATION_OF, _DEVIATION_BARS, _DEVIATION_FROM = (np.array(column) for column in zip(*_DEVIATIONS, strict=True))
_EMA_BARS, _EMA_FROM = (np.array(column) for column in zip(*_EMAS, strict=True))


@borrowing
def returns(x: Floats, t: int) -> None:
    """Bar t's log return, its powers, and what it took to move the price."""
    x[LOG_RETURN, t] = x[LOG_CLOSE, t] - x[LOG_CLOSE, t - 1] if t > 0 else nan
    z = x[LOG_RETURN, t] * 1e3
    x[Z, t] = z
    x[Z_SQUARE, t] = z * z
    x[Z_CUBE, t] = z * z * z
    worth = x[PRICE, t] * x[VOLUME, t]
    x[IMPACT, t] = abs(x[LOG_RETURN, t]) / worth if worth != 0.0 else 0.0


@borrowing
def means(tape: Tape, t: int) -> None:
    """Simple averages at bar t."""
    x, sums, now = tape
    for k in range(len(_MEAN_OF)):
        of, bars = _MEAN_OF[k], _MEAN_BARS[k]
        age = t - _MEAN_FROM[k]
        if age >= 0:
            sums[k] += x[of, t]
        if age >= bars - 1:
            now[k] = sums[k] / bars
            sums[k] -= x[of, t - bars + 1]


@borrowing
def deviations(tape: Tape, t: int) -> None:
    """Standard deviations at bar t: the mean square of distances from a near value less their squared mean.

    Of each are kept the sum of distances, of their squares, that value, and the bars left until another is taken.
    """
    x, sums, now = tape
    for k in range(len(_DEVIATION_OF)):
        of, bars, age, at = _DEVIATION_OF[k], _DEVIATION_BARS[k], t - _DEVIATION_FROM[k], _SPREADS + 4 * k
        if age < 0:
            continue
        if age == 0:
            sums[at + 2], sums[at + 3] = x[of, t], _MOVE_AFTER * bars
        gap = x[of, t] - sums[at + 2]
        sums[at] += gap
        sums[at + 1] += gap * gap
        if age >= bars - 1:
            variance = slid(tape, t, of, bars, at)
            now[DEVIATION_12 + k] = sqrt(variance) if variance >= EPSILON else 0.0


@borrowing
def slid(tape: Tape, t: int, of: int, bars: int, at: int) -> float:
    """The variance, the newest bar in; from here on the oldest is out."""
    x, sums, _ = tape
    share = 1.0 / bars
    mean = sums[at] * share
    variance: float = sums[at + 1] * share - mean * mean
    old = x[of, t - bars + 1] - sums[at + 2]
    sums[at + 1] -= old * old
    sums[at + 3] -= 1.0
    if share * sums[at + 1] * 1e-6 > variance or old * old > sums[at + 1] * 1e6 or sums[at + 3] == 0.0:
        return measured_anew(tape, t, of, bars, at)
    sums[at] -= old
    return variance


@unlocked
def measured_anew(tape: Tape, t: int, of: int, bars: int, at: int) -> float:
    """The variance of the last values from their own middle, from which the sums go on without the oldest."""
    x, sums, _ = tape
    share, middle, total, squares = 1.0 / bars, 0.0, 0.0, 0.0
    for i in range(t - bars + 1, t + 1):
        middle += x[of, i]
    middle *= share
    for i in range(t - bars + 1, t + 1):
        gap = x[of, i] - middle
        total += gap
        squares += gap * gap
    mean, square = total * share, squares * share
    variance = square - mean * mean
    old = x[of, t - bars + 1] - middle
    sums[at], sums[at + 1], sums[at + 2], sums[at + 3] = total - old, squares - old * old, middle, _MOVE_AFTER * bars
    return variance if variance >= square * 1e-12 else 0.0


@borrowing
def exponential(before: float, value: float, age: int, bars: int) -> float:
    """An exponential average's next value: a plain sum while it is young, their mean first, then 2 / (bars + 1) of
    the way to each value."""
    if age < bars - 1:
        return before + value
    if age == bars - 1:
        return (before + value) / bars
    return (value - before) * (2.0 / (bars + 1)) + before


@borrowing
def averages(tape: Tape, t: int) -> None:
    """Exponential averages of the log close at bar t, and MACD made of them."""
    x, sums, now = tape
    for k in range(len(_EMA_BARS)):
        age, at = t - _EMA_FROM[k], _EMA_SUMS + k
        if age >= 0:
            sums[at] = exponential(sums[at], x[LOG_CLOSE, t], age, _EMA_BARS[k])
            now[EMA_24 + k] = sums[at] if age >= _EMA_BARS[k] - 1 else nan
    now[MACD_12] = now[_QUICK_12] - now[_CALM_26]
    now[MACD_24] = now[_QUICK_24] - now[_CALM_52]
    if t >= _SIGNAL_FROM:
        sums[_SIGNAL_SUM] = exponential(sums[_SIGNAL_SUM], now[MACD_12], t - _SIGNAL_FROM, _SIGNAL)
        now[HISTOGRAM] = now[MACD_12] - sums[_SIGNAL_SUM] if t >= _SIGNAL_FROM + _SIGNAL - 1 else nan
