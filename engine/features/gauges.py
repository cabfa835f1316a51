"""Gauges of a tape: RSI, stochastic, CCI, ADX, ATR and money flow, as TA-Lib computes them, to the bit."""

from __future__ import annotations

from math import isnan, nan

import numpy as np
from numpy.typing import NDArray

from engine.features.feature import clipped
from engine.features.scans import EPSILON
from engine.features.tape import CLOSE, FAST_K, FLOW_DOWN, FLOW_UP, HIGH, LOW, PRICE, VOLUME, Tape
from engine.kernel.compiled import borrowing

Floats = NDArray[np.float64]

RSI_7, RSI_14, RSI_28, CCI_20, ADX_14, ATR_14, MONEY_FLOW = range(28, 35)
"""Where they stand in `Tape.now`."""

_RSI_SUMS, _UP, _DOWN, _RANGE, _ADX, _ATR, _FLOWS, _IDLE = 47, 53, 54, 55, 56, 57, 58, 60
"""Where they keep their sums and averages in `Tape.sums`."""

_RSI_BARS = np.array([7, 14, 28])
_STOCHASTIC, _CCI, _WILDER = 14, 20, 14


@borrowing
def fast_k(x: Floats, t: int) -> None:
    """Where bar t's close lies in the range of the last 14 bars, 0 to 100."""
    if t < _STOCHASTIC - 1:
        return
    lowest, highest = x[LOW, t], x[HIGH, t]
    for i in range(t - _STOCHASTIC + 1, t):
        lowest, highest = min(lowest, x[LOW, i]), max(highest, x[HIGH, i])
    span = highest - lowest
    x[FAST_K, t] = 100.0 * ((x[CLOSE, t] - lowest) / span) if span != 0.0 else 0.0


@borrowing
def rsi(tape: Tape, t: int) -> None:
    """Wilder's relative strength indices at bar t."""
    x, sums, now = tape
    change = x[CLOSE, t] - x[CLOSE, t - 1] if t > 0 else 0.0
    for k in range(len(_RSI_BARS)):
        bars, up, down = _RSI_BARS[k], _RSI_SUMS + 2 * k, _RSI_SUMS + 2 * k + 1
        if t > bars:
            sums[up] *= bars - 1
            sums[down] *= bars - 1
        if change < 0.0:
            sums[down] -= change
        else:
            sums[up] += change
        if t >= bars:
            sums[up] *= 1.0 / bars
            sums[down] *= 1.0 / bars
            both = sums[up] + sums[down]
            now[RSI_7 + k] = 100.0 * (sums[up] / both) if abs(both) >= EPSILON else 0.0


@borrowing
def cci(tape: Tape, t: int) -> None:
    """Commodity channel index at bar t; sums run over 20 places that the bars take in turn."""
    x, _, now = tape
    if t < _CCI - 1:
        return
    mean, apart = 0.0, 0.0
    for place in range(_CCI):
        i = t - (t - place) % _CCI
        mean += (x[HIGH, i] + x[LOW, i] + x[CLOSE, i]) / 3.0
    mean /= _CCI
    for place in range(_CCI):
        i = t - (t - place) % _CCI
        apart += abs((x[HIGH, i] + x[LOW, i] + x[CLOSE, i]) / 3.0 - mean)
    above = (x[HIGH, t] + x[LOW, t] + x[CLOSE, t]) / 3.0 - mean
    now[CCI_20] = above / (0.015 * (apart / _CCI)) if abs(above) >= EPSILON and apart != 0.0 else 0.0


@borrowing
def true_range(x: Floats, t: int) -> float:
    """Bar t's range, the close before included."""
    before = x[CLOSE, t - 1]
    widest: float = max(x[HIGH, t] - x[LOW, t], abs(x[HIGH, t] - before), abs(x[LOW, t] - before))
    return widest


@borrowing
def ranges(tape: Tape, t: int) -> None:
    """Wilder's average true range at bar t."""
    x, sums, now = tape
    if t == 0:
        return
    if t > _WILDER:
        sums[_ATR] *= _WILDER - 1
    sums[_ATR] += true_range(x, t)
    if t >= _WILDER:
        sums[_ATR] /= _WILDER
        now[ATR_14] = sums[_ATR]


@borrowing
def directions(tape: Tape, t: int) -> None:
    """Wilder's average directional index at bar t."""
    x, sums, now = tape
    if t == 0:
        return
    if t >= _WILDER:
        for k in (_UP, _DOWN, _RANGE):
            sums[k] -= sums[k] / _WILDER
    up, down = x[HIGH, t] - x[HIGH, t - 1], x[LOW, t - 1] - x[LOW, t]
    if down > 0.0 and up < down:
        sums[_DOWN] += down
    elif up > 0.0 and up > down:
        sums[_UP] += up
    sums[_RANGE] += true_range(x, t)
    directed = _directed(sums)
    last = 2 * _WILDER - 1
    if _WILDER <= t <= last and not isnan(directed):
        sums[_ADX] += directed
    if t == last:
        sums[_ADX] /= _WILDER
    if t > last and not isnan(directed):
        sums[_ADX] = (sums[_ADX] * (_WILDER - 1) + directed) / _WILDER
    if t >= last:
        now[ADX_14] = sums[_ADX]


@borrowing
def _directed(sums: Floats) -> float:
    """How much of the movement goes one way, 0 to 100; NaN where nothing moves."""
    if abs(sums[_RANGE]) < EPSILON:
        return nan
    down, up = 100.0 * (sums[_DOWN] / sums[_RANGE]), 100.0 * (sums[_UP] / sums[_RANGE])
    if abs(down + up) < EPSILON:
        return nan
    share: float = abs(down - up) / (down + up)
    return 100.0 * share


@borrowing
def flows(tape: Tape, t: int, unit: float) -> None:
    """Money flow index at bar t: the RSI weighted by volume. `unit` is the window's first close."""
    x, sums, now = tape
    if t == 0:
        return
    typical = (x[HIGH, t] * unit + x[LOW, t] * unit + x[PRICE, t]) / 3.0
    before = (x[HIGH, t - 1] * unit + x[LOW, t - 1] * unit + x[PRICE, t - 1]) / 3.0
    change = typical - before
    flow = typical * x[VOLUME, t] if abs(change) > EPSILON * (abs(typical) + abs(before)) else 0.0
    x[FLOW_UP, t] = 0.0 if change < 0.0 else flow
    x[FLOW_DOWN, t] = flow if change < 0.0 else 0.0
    sums[_IDLE] = sums[_IDLE] + 1.0 if flow == 0.0 else 0.0
    for k in range(2):
        if t > _WILDER:
            sums[_FLOWS + k] -= x[FLOW_UP + k, t - _WILDER]
        sums[_FLOWS + k] = sums[_FLOWS + k] + x[FLOW_UP + k, t] if sums[_IDLE] < _WILDER else 0.0
    both = sums[_FLOWS] + sums[_FLOWS + 1]
    if t >= _WILDER:
        now[MONEY_FLOW] = 100.0 * (clipped(sums[_FLOWS], 0.0, both) / both) if both > 0.0 else 0.0
