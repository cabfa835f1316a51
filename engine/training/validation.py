"""Validation: what trading these calls would have earned out of sample, and how far that can be believed.

The calls of the walk are taken long or flat, one horizon after the other without overlap, with the default costs of a
round trip for each time in the market. Nothing here sized or gated anything: it is a yardstick, not the backtest.
"""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from engine.domain.account import Costs
from engine.domain.errors import UnusableSample
from engine.domain.interval import from_ms, iso
from engine.domain.trial import ALONE, Tried
from engine.learning.kernels.compiled import Column, Matrix
from engine.learning.yardstick import Figures, figures, words
from engine.statistics import scores
from engine.statistics.means import mean_interval
from engine.statistics.overfitting import overfitting
from engine.training.material import Material
from engine.training.spec import TrainingSpec
from engine.training.walk import Walk

_STRONGEST = 10

Row = dict[str, object]


def validation(material: Material, walk: Walk, spec: TrainingSpec, tried: Tried) -> Row:
    """JSON values: the same figures before and after costs, intervals of the scores, stated against realised for the
    strongest tenth of calls, and the chance of overfitting among the ways tried here."""
    cost = float(Costs().round_trip_ratio)
    move = np.expm1(material.log_return[walk.rows])[:: spec.horizon]
    per_year = spec.interval.bars_per_year / spec.horizon
    taken = _taken(walk.probability_up[:: spec.horizon])
    net = figures(taken * (move - cost), per_year, tried, spec.seed)
    p, up = walk.probability_up, material.up[walk.rows]
    return {
        "trials": tried.count,
        "round_trip_cost": cost,
        "scored_from": iso(from_ms(int(material.close_ms[walk.rows[0]]))),
        "scored_to": iso(from_ms(int(material.known_ms[walk.rows].max()))),
        "periods_per_year": per_year,
        "gross": _json(figures(taken * move, per_year, tried, spec.seed)),
        "net": _json(net),
        "always_long": _json(figures(move, per_year, ALONE, spec.seed)),
        "overfitting": _overfitting(walk, move, spec.horizon),
        "intervals": intervals(p, up, spec.horizon),
        "strongest": strongest(p, up, spec.horizon),
        "words": words(spec.symbol, net, tried),
    }


def _json(told: Figures | None) -> Row | None:
    return None if told is None else asdict(told)


def intervals(p: Column, up: Column, horizon: int) -> Row:
    """95 % intervals of accuracy and AUC, `[low, high]`, over blocks of rows that hold a horizon at least; None where
    there are too few or nothing varies."""
    right = ((p >= 0.5) == (up > 0.5)).astype(np.float64)
    return {
        "accuracy": _ends(right, horizon),
        "auc": _ends(scores.auc(p, up) + scores.auc_influence(p, up), horizon),
    }


def _ends(values: Column, horizon: int) -> list[float] | None:
    try:
        found = mean_interval(values, least_block=float(horizon))
    except UnusableSample:
        return None
    return [found.low, found.high]


def strongest(p: Column, up: Column, horizon: int) -> Row:
    """The tenth of calls that claimed most: the chance they stated and the share that came true, with its interval."""
    rows = np.sort(np.argsort(np.abs(p - 0.5), kind="stable")[-max(1, len(p) // _STRONGEST) :])
    right = ((p[rows] >= 0.5) == (up[rows] > 0.5)).astype(np.float64)
    return {
        "n": len(rows),
        "stated": float(np.maximum(p[rows], 1 - p[rows]).mean()),
        "realised": float(right.mean()),
        "realised_interval": _ends(right, horizon),
    }


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
