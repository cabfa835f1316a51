"""Season: the UTC hour and weekday in which a bar closed, as points on a circle."""

from __future__ import annotations

from functools import cache, partial

import numpy as np

from engine.features.columns import Column, Columns, Feature
from engine.features.words import constant

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
_THURSDAY = 3
"""1970-01-01 was one; Monday is 0."""


def hour(c: Columns, quarter: int) -> Column:
    """Sine of the UTC hour of the bar's open, or its cosine with `quarter` 6."""
    return _circle(24)[(c.open_ms[c.first :] // _HOUR_MS + quarter) % 24]


def weekday(c: Columns, cosine: bool) -> Column:
    """Sine (or cosine) of the UTC weekday of the bar's open."""
    day = (c.open_ms[c.first :] // _DAY_MS + _THURSDAY) % 7
    return (_circle(7, np.pi / 2) if cosine else _circle(7))[day]


@cache
def _circle(steps: int, shift: float = 0.0) -> Column:
    """Sines of a whole circle: a table of fixed length, so that a value never depends on how many are asked for."""
    return np.sin(2.0 * np.pi * np.arange(steps, dtype=np.float64) / steps + shift)


FEATURES = tuple(
    Feature(name=name, family="time", meaning=meaning, compute=compute, words=constant(words))
    for name, meaning, compute, words in (
        ("hour_sin", "sine of the UTC hour", partial(hour, quarter=0), "hour of the day"),
        ("hour_cos", "cosine of the UTC hour", partial(hour, quarter=6), "hour of the day"),
        ("weekday_sin", "sine of the UTC weekday", partial(weekday, cosine=False), "day of the week"),
        ("weekday_cos", "cosine of the UTC weekday", partial(weekday, cosine=True), "day of the week"),
    )
)
