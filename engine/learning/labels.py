"""Labels: what a prediction at a bar's close will be judged by, and which rows may teach before a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.domain.bar import BarSeries
from engine.learning.kernels.compiled import Column


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Per bar, shape (n_bars,), NaN where a bar that should say is missing or not there yet.

    `log_return`: from its close to the close `horizon` bars later on the grid, or of the trade taken at it; `up`: 1.0
    where price rose (the trade paid), 0.0 where it fell or stood still (it did not). `known_ms`: the horizon's end,
    when that may be looked up. `over_ms`: when it was decided, at a barrier sooner than at the horizon's end.
    """

    log_return: Column
    up: Column
    known_ms: NDArray[np.int64]
    over_ms: NDArray[np.int64]

    def at(self, rows: NDArray[np.int64]) -> Labels:
        """Those of some bars."""
        return Labels(
            log_return=self.log_return[rows], up=self.up[rows], known_ms=self.known_ms[rows], over_ms=self.over_ms[rows]
        )


def labels(series: BarSeries, horizon: int) -> Labels:
    """Label each bar with its log return over the next `horizon` bars of the grid.

    A gap counts as time: the label of a bar whose horizon ends in one is NaN, never some later bar's.
    """
    if horizon < 1:
        raise ValueError(f"horizon is {horizon}; it must be at least 1 bar")
    open_ms = np.array(series.open_ms, dtype=np.int64)
    log_close = np.log(np.array(series.close, dtype=np.float64))
    due = open_ms + horizon * series.interval.ms
    at = np.minimum(np.searchsorted(open_ms, due), max(0, len(open_ms) - 1))
    found = open_ms[at] == due if len(open_ms) else np.zeros(0, dtype=np.bool_)
    move = np.where(found, log_close[at] - log_close, np.nan)
    up = np.where(np.isnan(move), np.nan, (move > 0).astype(np.float64))
    known = due + series.interval.ms
    return Labels(log_return=move, up=up, known_ms=known, over_ms=known)


def known_before(known_ms: NDArray[np.int64], rows: NDArray[np.int64], at_ms: int) -> NDArray[np.int64]:
    """The purge: of `rows`, those whose label was known at `at_ms`. Only they may teach a model used from then on."""
    return rows[known_ms[rows] <= at_ms]
