"""Momentum: log returns over 1 to 168 bars and how they change (the price's first and second derivative)."""

from __future__ import annotations

from math import sqrt

from engine.features.feature import Feature, Floats
from engine.features.tape import LOG_CLOSE
from engine.features.words import push
from engine.kernel.compiled import borrowing

_SPANS = (1, 2, 3, 6, 12, 24, 48, 168)
_SWING = 12


@borrowing
def row(x: Floats, t: int, scale: float, out: Floats) -> None:
    """Moves over each span, in standard deviations of such a move, and the move of the last 12 bars less that of the
    12 before. `scale` is the standard deviation of a bar's log return."""
    for k in range(len(_SPANS)):
        out[k] = (x[LOG_CLOSE, t] - x[LOG_CLOSE, t - _SPANS[k]]) / (scale * sqrt(_SPANS[k]))
    middle = x[LOG_CLOSE, t - _SWING]
    lately, earlier = x[LOG_CLOSE, t] - middle, middle - x[LOG_CLOSE, t - 2 * _SWING]
    out[len(_SPANS)] = (lately - earlier) / (scale * sqrt(2.0 * _SWING))


FEATURES = (
    *(
        Feature(
            name=f"return_{n}",
            family="momentum",
            meaning=f"log return over {n} bars, in standard deviations of such a move",
            words=push("last bar" if n == 1 else f"{n}-bar momentum"),
        )
        for n in _SPANS
    ),
    Feature(
        name="acceleration_12",
        family="momentum",
        meaning="move of the last 12 bars less the move of the 12 before, in standard deviations",
        words=push("12-bar acceleration"),
    ),
)
