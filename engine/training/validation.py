"""Validation: what trading these calls would have earned out of sample, and how far that can be believed.

The calls of the walk are taken long or flat, one horizon after the other without overlap, with the default costs of a
round trip for each time in the market. Nothing here sized or gated anything: it is a yardstick, not the backtest.
"""

from __future__ import annotations

import math

import numpy as np

from engine.domain.account import Costs
from engine.domain.errors import UnusableSample
from engine.learning.kernels.compiled import Column, Matrix
from engine.statistics.bootstrap import SHARPE, interval
from engine.statistics.deflated import deflated_sharpe
from engine.statistics.overfitting import overfitting
from engine.statistics.probabilistic import (
    least_track_record,
    probabilistic_sharpe,
    probabilistic_sharpe_2025,
)
from engine.statistics.track import Track
from engine.training.material import Material
from engine.training.spec import TrainingSpec
from engine.training.walk import Walk

_LEAST = 64
_VALUES = 2_000_000
"""Resampled values at most: a long record has an interval from fewer resamples."""

Row = dict[str, object]


def validation(material: Material, walk: Walk, spec: TrainingSpec, trials: int) -> Row:
    """JSON values: the same figures before and after costs, and the chance of overfitting among the ways tried here.

    `trials`: how many trainings were ever scored on this instrument, this one included; the more, the less each is
    worth.
    """
    cost = float(Costs().round_trip_ratio)
    move = np.expm1(material.log_return[walk.rows])[:: spec.horizon]
    per_year = spec.interval.bars_per_year / spec.horizon
    taken = _taken(walk.probability_up[:: spec.horizon])
    return {
        "trials": trials,
        "round_trip_cost": cost,
        "gross": figures(taken * move, per_year, trials, spec.seed),
        "net": figures(taken * (move - cost), per_year, trials, spec.seed),
        "always_long": figures(move, per_year, 1, spec.seed),
        "overfitting": _overfitting(walk, move, spec.horizon),
    }


def figures(returns: Column, per_year: float, trials: int, seed: int) -> Row | None:
    """Of independent returns per period: annual Sharpe with its 95 % interval, the chance that it is above zero in both
    forms, the same deflated by `trials`, and the years it takes to tell. None where there are too few or none vary."""
    try:
        if len(returns) < _LEAST:
            return None
        track = Track.of(returns)
        resamples = min(1_000, max(100, _VALUES // len(returns)))
        found = interval(returns, SHARPE, n_resamples=resamples, seed=seed)
        luck = track.spread(0.0) / track.n  # how far ratios without skill vary on a record of this length
        deflated = deflated_sharpe(track, trials=trials, variance=luck)
        years = least_track_record(track) / per_year
        return {
            "n": track.n,
            "sharpe": track.sharpe * math.sqrt(per_year),
            "sharpe_low": float(found.low) * math.sqrt(per_year),
            "sharpe_high": float(found.high) * math.sqrt(per_year),
            "psr": probabilistic_sharpe(track),
            "psr_2025": probabilistic_sharpe_2025(track),
            "dsr": deflated.chance,
            "least_years": years if math.isfinite(years) else None,
            "years": track.n / per_year,
        }
    except UnusableSample:
        return None


def _overfitting(walk: Walk, move: Column, horizon: int) -> Row | None:
    """Every member alone and every way of weighing them, as trials: does the best in one half stay good in the other?
    Where none has skill the chance is one half."""
    ways = [walk.votes[:, k] for k in range(walk.votes.shape[1])] + [one.said for one in walk.schemes]
    table: Matrix = np.column_stack([_taken(p[::horizon], both=True) * move for p in ways])
    try:
        found = overfitting(table, blocks=10)
    except UnusableSample:
        return None
    return {"pbo": found.probability, "loss": found.loss, "slope": found.slope, "ways": len(ways)}


def _taken(p: Column, *, both: bool = False) -> Column:
    """1 where a rise is likelier than not; else 0, or -1 where `both` sides count."""
    return np.where(p > 0.5, 1.0, -1.0 if both else 0.0)
