"""Momentum: log returns over 1 to 168 bars and how they change (the price's first and second derivative)."""

from __future__ import annotations

import math
from functools import partial

from engine.features.columns import Column, Columns, Feature
from engine.features.words import push

_SPANS = (1, 2, 3, 6, 12, 24, 48, 168)


def move(c: Columns, bars: int) -> Column:
    """Log return over `bars`, in standard deviations of such a move."""
    return (c.now(c.log_close) - c.before(c.log_close, bars)) / (c.now(c.scale) * math.sqrt(bars))


def acceleration(c: Columns, bars: int) -> Column:
    """Move of the last `bars` less the move of the `bars` before: the price's second derivative."""
    middle = c.before(c.log_close, bars)
    lately, earlier = c.now(c.log_close) - middle, middle - c.before(c.log_close, 2 * bars)
    return (lately - earlier) / (c.now(c.scale) * math.sqrt(2.0 * bars))


FEATURES = (
    *(
        Feature(
            name=f"return_{n}",
            family="momentum",
            meaning=f"log return over {n} bars, in standard deviations of such a move",
            compute=partial(move, bars=n),
            words=push("last bar" if n == 1 else f"{n}-bar momentum"),
        )
        for n in _SPANS
    ),
    Feature(
        name="acceleration_12",
        family="momentum",
        meaning="move of the last 12 bars less the move of the 12 before, in standard deviations",
        compute=partial(acceleration, bars=12),
        words=push("12-bar acceleration"),
    ),
)
