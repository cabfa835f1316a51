"""What a sweep's rows are worth once it is known how many there are: deflated Sharpe ratios and the probability of
overfitting."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.backtest.sweep import BLOCKS, Row
from engine.domain.errors import UnusableSample
from engine.statistics.deflated import deflated_sharpe, expected_best
from engine.statistics.overfitting import overfitting_of_sums
from engine.statistics.track import Track


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """`chances` by cell: that the true Sharpe ratio exceeds what the best of all trials without skill would show (None
    where a cell's returns never varied). `pbo`: how often the best of one half of the blocks falls below the median in
    the other; None where it cannot be said. `benchmark` is that best ratio, per period."""

    trials: int
    benchmark: float | None
    chances: dict[int, float | None]
    pbo: float | None
    loss: float | None
    why: str


def judge(rows: Sequence[Row], earlier_trials: int = 0) -> Judgement:
    """Judge all rows of a sweep together; `earlier_trials` were made on the same instruments before.

    The cells' ratios are taken to vary at least by what chance alone makes ratios of such a track vary: cells that are
    nearly the same must not make each other look good.
    """
    ratios = [row.sharpe for row in rows if row.sharpe is not None]
    trials = len(rows) + earlier_trials
    if len(ratios) < 2:
        empty: dict[int, float | None] = {row.number: None for row in rows}
        why = "fewer than two combinations traded"
        return Judgement(trials=trials, benchmark=None, chances=empty, pbo=None, loss=None, why=why)
    variance = max(float(np.var(ratios, ddof=1)), 1 / (rows[0].periods - 1))
    pbo, loss, why = _overfitting(rows)
    return Judgement(
        trials=trials, benchmark=expected_best(trials, variance), pbo=pbo, loss=loss, why=why,
        chances={row.number: _chance(row, trials, variance) for row in rows},
    )  # fmt: skip


def _chance(row: Row, trials: int, variance: float) -> float | None:
    if row.sharpe is None:
        return None
    try:
        track = Track(n=row.periods, sharpe=row.sharpe, skew=row.skew, kurtosis=row.kurtosis)
        return deflated_sharpe(track, trials=trials, variance=variance).chance
    except UnusableSample:
        return None


def _overfitting(rows: Sequence[Row]) -> tuple[float | None, float | None, str]:
    sums = np.array([row.sums for row in rows]).T
    squares = np.array([row.squares for row in rows]).T
    try:
        found = overfitting_of_sums(sums, squares, rows[0].periods // BLOCKS)
    except UnusableSample as error:
        return None, None, str(error)
    return found.probability, found.loss, ""


def annual(ratio: float | None, bars_per_year: float) -> float | None:
    """A Sharpe ratio per bar as a year's."""
    return None if ratio is None else ratio * math.sqrt(bars_per_year)
