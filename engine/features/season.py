"""Season: the UTC hour and weekday in which a bar closed, as points on a circle."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from engine.features.feature import Feature, Floats
from engine.features.words import constant
from engine.kernel.compiled import borrowing

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
_THURSDAY = 3
"""1970-01-01 was one; Monday is 0."""


@borrowing
def row(open_ms: int, circles: Floats, out: Floats) -> None:
    """Sine and cosine of the UTC hour of the bar's open, and of its weekday, looked up in `circles`."""
    hour, day = open_ms // _HOUR_MS, (open_ms // _DAY_MS + _THURSDAY) % 7
    out[0], out[1] = circles[0, hour % 24], circles[0, (hour + 6) % 24]
    out[2], out[3] = circles[1, day], circles[2, day]


@cache
def circles() -> NDArray[np.float64]:
    """Sines of the hours; sines and cosines of the weekdays."""
    return np.stack([_circle(24), np.resize(_circle(7), 24), np.resize(_circle(7, np.pi / 2), 24)])


def _circle(steps: int, shift: float = 0.0) -> Floats:
    """Sines of a whole circle: a table of fixed length, so that a value never depends on how many are asked for."""
    return np.sin(2.0 * np.pi * np.arange(steps, dtype=np.float64) / steps + shift)


FEATURES = tuple(
    Feature(name=name, family="time", meaning=meaning, words=constant(words))
    for name, meaning, words in (
        ("hour_sin", "sine of the UTC hour", "hour of the day"),
        ("hour_cos", "cosine of the UTC hour", "hour of the day"),
        ("weekday_sin", "sine of the UTC weekday", "day of the week"),
        ("weekday_cos", "cosine of the UTC weekday", "day of the week"),
    )
)
