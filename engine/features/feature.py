"""What a feature is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.kernel.compiled import borrowing

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One input column of a model: a value per bar, known at its close and prefix-stable. Its family's compiled `row`
    works it out, in the order of the family's FEATURES; of a `logged` one what the logarithm is then taken of.

    `meaning` is its doc line; `words` says a value in plain words for a prediction's reasons.
    """

    name: str
    family: str
    meaning: str
    words: Callable[[float], str]
    logged: bool = False


@borrowing
def ratio(top: float, bottom: float) -> float:
    """Quotient of both, and 0 where bottom is 0: nothing moved, nothing traded."""
    return top / bottom if bottom != 0.0 else 0.0


@borrowing
def clipped(value: float, low: float, high: float) -> float:
    """The value, or the end it lies beyond."""
    return low if value < low else high if value > high else value


@borrowing
def at_least(value: float, least: float) -> float:
    """The value, or the floor under it."""
    return least if value < least else value
