"""The material: bars that were checked, turned into rows that may teach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.domain.bar import BarSeries
from engine.domain.errors import ConfigurationError, InvalidBar, MissingBars
from engine.domain.interval import from_ms, iso
from engine.features.catalogue import WARM_UP, matrix
from engine.learning.barriers import trade_labels
from engine.learning.kernels.compiled import Column, Matrix
from engine.learning.labels import Labels, labels
from engine.learning.volatility import volatility
from engine.learning.weights import row_weights
from engine.training.spec import TrainingSpec

LEAST_ROWS = 1_200
"""Labelled rows below which five folds would say nothing."""
_LEAST_HORIZONS, _OF_TRADES = 12, 24
"""The same in horizons. The first fold is taught by a third of all rows, of which the purge takes one: three are
left, as in fewer price often moves one way only. The first second model is taught by the votes of the first fold, two
fifteenths of all: two horizons are left."""

RECENCY_DAYS = 365.0
"""Half-life of a row's weight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Labelled rows in order of time: features (n, k), direction, signed log return, volatility over the horizon, the
    time the row is known (its bar's close) and the time its label is; all of length n. `trade` is what a buy at each
    row came to, where that is the target."""

    x: Matrix
    up: Column
    log_return: Column
    deviation: Column
    close_ms: NDArray[np.int64]
    known_ms: NDArray[np.int64]
    trade: Labels | None = None

    def __len__(self) -> int:
        return len(self.up)

    def weights(self, rows: NDArray[np.int64]) -> Column:
        """Weights of these rows with mean 1: how much of its outcome is a row's own (uniqueness), and half as much for
        each year before the newest of them. The overlap as such is left to the members (`Lesson.overlap`)."""
        return row_weights(self.close_ms[rows], self.known_ms[rows], RECENCY_DAYS)


def material(series: BarSeries, spec: TrainingSpec) -> Material:
    """Rows of a checked series. MissingBars says how many bars are needed; InvalidBar names the bar that is wrong."""
    check(series, spec)
    known: Labels = labels(series, spec.horizon)
    x = matrix(series)
    deviation = volatility(series, spec.horizon, warm_up=WARM_UP)
    trade = None if spec.barrier is None else trade_labels(series, deviation, spec.horizon, spec.barrier)
    judged = known.log_return if trade is None else known.log_return + trade.log_return
    usable = np.flatnonzero(~np.isnan(x).any(axis=1) & ~np.isnan(judged) & ~np.isnan(deviation))
    if len(usable) < (least := least_rows(spec)):
        raise MissingBars(
            f"{spec.symbol} {spec.interval}: {len(series):,} bars give {len(usable):,} rows to learn from; "
            f"{least:,} are needed, that is about {least_bars(spec):,} bars without gaps. Sync or import more"
        )
    close_ms = np.array(series.open_ms, dtype=np.int64) + series.interval.ms
    return Material(
        x=np.ascontiguousarray(x[usable]),
        up=known.up[usable],
        log_return=known.log_return[usable],
        deviation=np.maximum(deviation[usable], 1e-9),
        close_ms=close_ms[usable],
        known_ms=known.known_ms[usable],
        trade=None if trade is None else trade.at(usable),
    )


def least_rows(spec: TrainingSpec) -> int:
    """Labelled rows that training needs."""
    horizons = _LEAST_HORIZONS if spec.barrier is None else _OF_TRADES
    return max(LEAST_ROWS, horizons * spec.horizon)


def least_bars(spec: TrainingSpec) -> int:
    """Bars without gaps that training needs."""
    return least_rows(spec) + WARM_UP + spec.horizon


def check(series: BarSeries, spec: TrainingSpec) -> None:
    """Refuse bars that would teach nonsense."""
    if (series.symbol, series.interval) != (spec.symbol, spec.interval):
        raise ConfigurationError(
            f"asked to train {spec.symbol} {spec.interval}, but the bars are {series.symbol} {series.interval}"
        )
    if len(series) < least_bars(spec):
        raise MissingBars(
            f"{spec.symbol} {spec.interval}: training with a horizon of {spec.horizon} needs at least "
            f"{least_bars(spec):,} bars, there are {len(series):,}. Sync or import more, or choose a shorter interval "
            "or horizon"
        )
    open_ms = np.array(series.open_ms, dtype=np.int64)
    prices = np.array([series.open, series.high, series.low, series.close])
    volume = np.array(series.volume)
    faults = (
        ("opens do not ascend on the grid", np.diff(open_ms, prepend=open_ms[0] - 1) <= 0),
        ("is off the grid", open_ms % series.interval.ms != 0),
        ("has a price that is no positive number", ~(np.isfinite(prices) & (prices > 0)).all(axis=0)),
        ("has a high below its other prices or a low above them", _crossed(prices)),
        ("has a volume that is no number or below zero", ~(np.isfinite(volume) & (volume >= 0))),
    )
    for what, wrong in faults:
        if wrong.any():
            i = int(np.flatnonzero(wrong)[0])
            raise InvalidBar(f"{spec.symbol} {spec.interval}: bar {i} at {iso(from_ms(int(open_ms[i])))} {what}")


def _crossed(prices: Matrix) -> NDArray[np.bool_]:
    opened, high, low, close = prices
    return np.asarray((high < np.maximum(opened, close)) | (low > np.minimum(opened, close)))
