"""Following: what a model worked out of an instrument's window at the close before, so that the next costs one bar."""

from __future__ import annotations

from threading import Lock

import numpy as np

from engine.domain.bar import BarSeries
from engine.features.catalogue import WARM_UP
from engine.features.walk import Newest, Walk
from engine.learning.kernels.compiled import Column, Matrix
from engine.learning.record import Standing
from engine.learning.volatility import Spread


class Following:
    """One instrument's newest window. `standings` are those of its bars, by moment: they hold while the bars do.

    The answers are the batch's, to the bit, whatever the series shows; several threads may ask.
    """

    def __init__(self) -> None:
        self._walk = Walk()
        self._spread = Spread()
        self._lock = Lock()
        self.standings: dict[int, Standing] = {}

    def newest(self, series: BarSeries, horizon: int) -> tuple[Matrix, Column]:
        """Features of the last bar, shape (1, k), and its volatility over the horizon, shape (1,)."""
        with self._lock:
            found = self._walk.newest(series)
            if found.fresh == len(found.closes):
                self.standings = {}
            deviation = self._deviation(found, series)
            return found.x, np.full(1, deviation * np.sqrt(horizon) if len(found.closes) >= WARM_UP else np.nan)

    def _deviation(self, found: Newest, series: BarSeries) -> float:
        """Of one bar's return; from the first bar on where what was taken in is another window's."""
        before = len(found.closes) - found.fresh
        if self._spread.bars != before:
            self._spread, before = Spread(), 0
        self._spread.follow(found.closes[before:], series.interval)
        return self._spread.last()
