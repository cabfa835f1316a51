"""Samples: values that a figure may be computed from, or words that say why not."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.domain.errors import UnusableSample

Floats = NDArray[np.float64]


def sample(values: ArrayLike, what: str, *, least: int = 2, varies: bool = False) -> Floats:
    """`values` as float64 of shape (n,). UnusableSample where there are fewer than `least`, where one is NaN or
    infinite, or (with `varies`) where all are the same.

    >>> sample([1, 2], "returns").tolist()
    [1.0, 2.0]
    """
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 1:
        raise UnusableSample(f"{what} have shape {found.shape}; one row of values (n,) is needed")
    _enough(len(found), what, least)
    _whole(found, what)
    if varies and not varying(found):
        raise UnusableSample(f"all {len(found):,} {what} are {found[0]:g}; nothing varies, so nothing can be judged")
    return found


def table(values: ArrayLike, what: str, *, least_rows: int = 2, least_columns: int = 1) -> Floats:
    """`values` as float64 of shape (rows, columns), whole and large enough; else UnusableSample."""
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 2:
        raise UnusableSample(f"{what} have shape {found.shape}; a table (periods, columns) is needed")
    _enough(found.shape[0], f"rows of {what}", least_rows)
    _enough(found.shape[1], f"columns of {what}", least_columns)
    _whole(found, what)
    return found


def pair(first: ArrayLike, second: ArrayLike, what: str, *, least: int = 1) -> tuple[Floats, Floats]:
    """Two samples of the same length; else UnusableSample."""
    a, b = sample(first, what, least=least), sample(second, what, least=least)
    if len(a) != len(b):
        raise UnusableSample(f"{what} have {len(a):,} and {len(b):,} values; they must be as many")
    return a, b


def varying(values: Floats) -> bool:
    """True where the values differ by more than the rounding of their own size."""
    return float(np.ptp(values)) > 1e-14 * float(np.abs(values).max(initial=0.0))


def within(value: float, what: str, low: float, high: float) -> float:
    """`value`, inside the open interval (low, high); else UnusableSample.

    >>> within(0.95, "level", 0, 1)
    0.95
    """
    if not low < value < high:
        raise UnusableSample(f"{what} is {value:g}; it must lie between {low:g} and {high:g}")
    return value


def at_least(value: float, what: str, least: float) -> float:
    """`value`, not NaN and not below `least`; else UnusableSample."""
    if not value >= least:
        raise UnusableSample(f"{what} is {value:g}; it must be {least:g} or more")
    return value


def _enough(n: int, what: str, least: int) -> None:
    if n < least:
        raise UnusableSample(f"there are {n:,} {what}; at least {least:,} are needed")


def _whole(values: Floats, what: str) -> None:
    holes = ~np.isfinite(values)
    if holes.any():
        first = int(np.flatnonzero(holes.ravel())[0])
        raise UnusableSample(
            f"{int(holes.sum()):,} of {holes.size:,} {what} are no finite numbers, the first at {first}; "
            "leave out what is not known"
        )
