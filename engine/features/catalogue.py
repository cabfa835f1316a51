"""The catalogue: every feature in its fixed order, and the matrix that models read."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.domain.bar import BarSeries
from engine.features import momentum, oscillators, season, trend, volatility, volume
from engine.features.feature import Feature
from engine.features.gauges import cci, directions, fast_k, flows, ranges, rsi
from engine.features.scans import DEVIATION_168, averages, deviations, means, returns
from engine.features.tape import CLOSE, LOG_CLOSE, Raw, Tape, blank, raw, write
from engine.features.window import anchored_from
from engine.kernel.compiled import borrowing, is_cached, unlocked

WARM_UP = 512
"""Bars a row's window must hold: EMA 168 has then forgotten its seed to 0.3 %."""

LEAST_SCALE = 1e-7
"""Volatility of a bar below which prices count as standing still; keeps divisions finite."""

FEATURES: tuple[Feature, ...] = (
    *momentum.FEATURES,
    *trend.FEATURES,
    *oscillators.FEATURES,
    *volatility.FEATURES,
    *volume.FEATURES,
    *season.FEATURES,
)

NAMES: tuple[str, ...] = tuple(feature.name for feature in FEATURES)

_TREND = len(momentum.FEATURES)
_OSCILLATORS = _TREND + len(trend.FEATURES)
_VOLATILITY = _OSCILLATORS + len(oscillators.FEATURES)
_VOLUME = _VOLATILITY + len(volatility.FEATURES)
_SEASON = _VOLUME + len(volume.FEATURES)
_LOGGED = np.array([k for k, feature in enumerate(FEATURES) if feature.logged])


def is_ready() -> bool:
    """False where the first matrix has to compile: once after an install or an update."""
    return is_cached(_walk)


def matrix(series: BarSeries, first: int = 0) -> NDArray[np.float64]:
    """Features of bars `first`..end, shape (n_bars - first, n_features), columns as in NAMES.

    Row i is known at the close of its bar. A row is NaN as a whole where its window is too short, and never otherwise.
    """
    return anchored_from(series, window_matrix, first, warm_up=WARM_UP)


def window_matrix(window: BarSeries, first: int = 0) -> NDArray[np.float64]:
    """All features of rows `first`..end of one window; NaN where fewer than WARM_UP bars have led to a row."""
    if not len(window):
        return np.empty((0, len(FEATURES)))
    return walked(blank(len(window)), raw(window), 0, first)


def walked(tape: Tape, window: Raw, begin: int, first: int) -> NDArray[np.float64]:
    """Walk a window's bars from `begin` on, those before having been walked; the features of rows `first`..end."""
    write(tape.series, window, begin)
    out = np.full((len(window.close) - first, len(FEATURES)), np.nan)
    _walk(tape, Given(window.open_ms, float(window.close[0]), season.circles()), begin, first, out)
    out[:, _LOGGED] = np.log(out[:, _LOGGED])
    return out


class Given(NamedTuple):
    """What is not on the tape: when each bar opened, the window's first close, and the tables of `season`."""

    open_ms: NDArray[np.int64]
    unit: float
    circles: NDArray[np.float64]


@unlocked
def _walk(tape: Tape, given: Given, begin: int, first: int, out: NDArray[np.float64]) -> None:
    for t in range(begin, len(given.open_ms)):
        _step(tape, t, given.unit)
        if t >= max(first, WARM_UP - 1):
            _row(tape, t, given.open_ms[t], given.circles, out[t - first])


@borrowing
def _step(tape: Tape, t: int, unit: float) -> None:
    """Let every indicator take in bar t."""
    returns(tape.series, t)
    fast_k(tape.series, t)
    means(tape, t)
    deviations(tape, t)
    averages(tape, t)
    rsi(tape, t)
    cci(tape, t)
    ranges(tape, t)
    directions(tape, t)
    flows(tape, t, unit)


@borrowing
def _row(tape: Tape, t: int, open_ms: int, circles: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    """The features of bar t, logarithms still to be taken."""
    x, _, now = tape
    scale = max(now[DEVIATION_168], LEAST_SCALE)
    momentum.row(x, t, scale, out)
    trend.row(x[LOG_CLOSE, t], now, scale, out[_TREND:])
    oscillators.row(now, out[_OSCILLATORS:])
    volatility.row(now, x[CLOSE, t], scale, out[_VOLATILITY:])
    volume.row(x, t, now, out[_VOLUME:])
    season.row(open_ms, circles, out[_SEASON:])
