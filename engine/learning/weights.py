"""Weights of rows: how much of a row's outcome is its own, and how old it is.

Labels over a horizon overlap. Where c labels are under way at once, each owns 1/c of that moment; a label's uniqueness
is the mean of that over its life (López de Prado, Advances in Financial Machine Learning, 4.4).

Starts and ends are integers in any one unit (milliseconds, bar numbers); a label lives in [start, end).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.domain.errors import UnusableSample
from engine.learning.kernels.compiled import Column

Times = NDArray[np.int64]

DAY_MS = 86_400_000


def uniqueness(start: ArrayLike, end: ArrayLike) -> Column:
    """Mean over each label's life of 1 / labels under way, within 0 and 1, shape (n,).

    >>> uniqueness([0, 2, 4], [3, 4, 6]).round(4).tolist()
    [0.8333, 0.75, 1.0]
    """
    first, last = _lives(start, end)
    edges, begins, ends = _edges(first, last)
    change = np.bincount(begins, minlength=len(edges)) - np.bincount(ends, minlength=len(edges))
    under_way = np.cumsum(change)[:-1]
    length = np.diff(edges)
    share = length / np.maximum(under_way, 1)
    owned = np.concatenate(([0.0], np.cumsum(share)))
    return np.asarray((owned[ends] - owned[begins]) / (last - first))


def draw_chances(start: ArrayLike, end: ArrayLike, drawn: Sequence[int]) -> Column:
    """The chance of each row to be drawn next, by the uniqueness that it would add to those in `drawn` (4.5).

    >>> (14 * draw_chances([0, 2, 4], [3, 4, 6], [1])).round(9).tolist()
    [5.0, 3.0, 6.0]
    """
    first, last = _lives(start, end)
    edges, begins, ends = _edges(first, last)
    taken = np.asarray(drawn, dtype=np.int64)
    if ((taken < 0) | (taken >= len(first))).any():
        raise UnusableSample(f"a row was drawn that is not among the {len(first)}")
    change = np.bincount(begins[taken], minlength=len(edges)) - np.bincount(ends[taken], minlength=len(edges))
    share = np.diff(edges) / (1.0 + np.cumsum(change)[:-1])
    owned = np.concatenate(([0.0], np.cumsum(share)))
    added = (owned[ends] - owned[begins]) / (last - first)
    return np.asarray(added / added.sum())


def recency(time_ms: ArrayLike, half_life_days: float = 365.0) -> Column:
    """Half as much for each half-life before the newest row: within 0 and 1, the newest 1, shape (n,).

    >>> recency([0, 365 * DAY_MS]).tolist()
    [0.5, 1.0]
    """
    if not half_life_days > 0:
        raise UnusableSample(f"half-life is {half_life_days} days; it must be above zero")
    times = np.asarray(time_ms, dtype=np.int64)
    _some(times)
    return np.asarray(0.5 ** ((times.max() - times) / (half_life_days * DAY_MS)))


def row_weights(start_ms: ArrayLike, end_ms: ArrayLike, half_life_days: float = 365.0) -> Column:
    """Uniqueness x recency, scaled to a mean of 1, shape (n,)."""
    weight = uniqueness(start_ms, end_ms) * recency(start_ms, half_life_days)
    return np.asarray(weight / weight.mean())


def independent(weights: ArrayLike) -> float:
    """Kish's number of equally weighted rows that weigh as much: (sum w)^2 / sum w^2.

    >>> independent([1, 1, 0, 0])
    2.0
    """
    w = np.asarray(weights, dtype=np.float64)
    return float(w.sum() ** 2 / (w**2).sum()) if (w**2).sum() > 0 else 0.0


def _edges(first: Times, last: Times) -> tuple[Times, Times, Times]:
    """Sorted distinct moments, and each label's start and end among them."""
    edges, at = np.unique(np.concatenate([first, last]), return_inverse=True)
    return edges, at[: len(first)], at[len(first) :]


def _lives(start: ArrayLike, end: ArrayLike) -> tuple[Times, Times]:
    first, last = np.asarray(start, dtype=np.int64), np.asarray(end, dtype=np.int64)
    _some(first)
    if first.shape != last.shape:
        raise UnusableSample(f"there are {first.shape} starts and {last.shape} ends; each label needs both")
    if (last <= first).any():
        row = int(np.flatnonzero(last <= first)[0])
        raise UnusableSample(f"label {row} ends at {last[row]}, not after its start at {first[row]}")
    return first, last


def _some(times: Times) -> None:
    if times.ndim != 1 or len(times) == 0:
        raise UnusableSample(f"times have shape {times.shape}; at least one row (n,) is needed")
