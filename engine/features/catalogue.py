"""The catalogue: every feature in its fixed order, and the matrix that models read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.domain.bar import BarSeries
from engine.features import momentum, oscillators, season, trend, volatility, volume
from engine.features.columns import Feature, columns
from engine.features.window import anchored_from

WARM_UP = 512
"""Bars a row's window must hold: EMA 168 has then forgotten its seed to 0.3 %."""

FEATURES: tuple[Feature, ...] = (
    *momentum.FEATURES,
    *trend.FEATURES,
    *oscillators.FEATURES,
    *volatility.FEATURES,
    *volume.FEATURES,
    *season.FEATURES,
)

NAMES: tuple[str, ...] = tuple(feature.name for feature in FEATURES)


def matrix(series: BarSeries, first: int = 0) -> NDArray[np.float64]:
    """Features of bars `first`..end, shape (n_bars - first, n_features), columns as in NAMES.

    Row i is known at the close of its bar. A row is NaN as a whole where its window is too short, and never otherwise.
    """
    return anchored_from(series, window_matrix, first, warm_up=WARM_UP)


def window_matrix(window: BarSeries, first: int = 0) -> NDArray[np.float64]:
    """All features of rows `first`..end of one window; column-major, as each is computed whole."""
    if not len(window):
        return np.empty((0, len(FEATURES)))
    c = columns(window, first)
    out = np.empty((len(window) - first, len(FEATURES)), order="F")
    for k, feature in enumerate(FEATURES):
        out[:, k] = feature.compute(c)
    return out
