"""What a member is: something that was fitted, answers row by row, and is nothing but named arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.learning.kernels.compiled import Column, Matrix

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What a member learns from: features (n, k), direction (n,) of 0.0 and 1.0, row weights (n,), and a seed.

    `overlap` is the horizon in bars: so many neighbouring labels share their outcome and count as one, or the members
    learn the same few days by heart. Each member says how it heeds that.
    """

    x: Matrix
    y: Column
    weight: Column
    seed: int
    overlap: int = 1


class Member(Protocol):
    """A fitted classifier of direction. Its answer for a row is the same alone and among others, to the bit."""

    @property
    def name(self) -> str:
        """Its name in the roster."""
        ...

    def probability_up(self, x: Matrix) -> Column:
        """Raw chance of a rise per row, shape (n,), within 0..1; not yet calibrated."""
        ...

    def arrays(self) -> Arrays:
        """All that was learned: what is stored, hashed, and enough to build it again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a member is made: `fit` from a lesson, `restore` from its arrays. `cost` is its share of the fitting time."""

    name: str
    meaning: str
    cost: float
    fit: Callable[[Lesson], Member]
    restore: Callable[[Arrays], Member]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaler:
    """Mean and standard deviation per feature, each shape (k,); a feature that never moved has scale 1."""

    mean: Column
    scale: Column

    @classmethod
    def of(cls, x: Matrix, weight: Column) -> Scaler:
        """Weighted moments of the rows of `x`."""
        share = weight / weight.sum()
        mean = (x * share[:, None]).sum(axis=0)
        scale = np.sqrt(((x - mean) ** 2 * share[:, None]).sum(axis=0))
        return cls(mean=mean, scale=np.where(scale > 1e-12, scale, 1.0))
