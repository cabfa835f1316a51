"""Validation: what trading these calls would have earned out of sample, and how far that can be believed.

The calls of the walk are taken long or flat, one horizon after the other without overlap, with the default costs of a
round trip for each time in the market; where the target is a trade, each ends at its target, its stop or its time.
Nothing here sized or gated anything: it is a yardstick, not the backtest.
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
from engine.training.answers import Answers
from engine.training.material import Material
from engine.training.spec import TrainingSpec
from engine.training.walk import Walk

_STRONGEST = 10

Row = dict[str, object]


def validation(material: Material, walk: Walk, answers: Answers, spec: TrainingSpec, tried: Tried) -> Row:
    """JSON values: the same figures before and after costs, intervals of the scores, stated against realised for the
    strongest tenth of calls, and the chance of overfitting among the ways tried here."""
    cost = float(Costs().round_trip_ratio)
    move, taken = np.expm1(answers.log_return)[:: spec.horizon], answers.taken[:: spec.horizon].astype(np.float64)
    per_year = spec.interval.bars_per_year / spec.horizon
    net = figures(taken * (move - cost), per_year, tried, spec.seed)
    p, up = answers.said, answers.up
    return {
        "trials": tried.count,
        "round_trip_cost": cost,
        "scored_from": iso(from_ms(int(answers.close_ms[0]))),
        "scored_to": iso(from_ms(int(answers.known_ms.max()))),
        "periods_per_year": per_year,
        "n_periods": len(taken),
        "n_taken": int(taken.sum()),
        "gross": _json(figures(taken * move, per_year, tried, spec.seed)),
        "net": _json(net),
        "always_long": _json(figures(move, per_year, ALONE, spec.seed)),
        "overfitting": _overfitting(walk, np.expm1(material.log_return[walk.rows])[:: spec.horizon], spec.horizon),
        "intervals": intervals(p, up, spec.horizon),
        "strongest": strongest(p, up, spec.horizon) if answers.vote is None else likeliest(p, up, spec.horizon),
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


def likeliest(p: Column, up: Column, horizon: int) -> Row:
    """The same of the tenth of bars at which a buy was said to pay most likely: the event is no coin."""
    rows = np.sort(np.argsort(p, kind="stable")[-max(1, len(p) // _STRONGEST) :])
    return {
        "n": len(rows),
        "stated": float(p[rows].mean()),
        "realised": float(up[rows].mean()),
        "realised_interval": _ends(up[rows], horizon),
    }


def _overfitting(walk: Walk, move: Column, horizon: int) -> Row | None:
    """Every member alone and every way of weighing them, as trials: does the best in one half stay good in the other?
    Where none has skill the chance is one half."""
    ways = [walk.votes[:, k] for k in range(walk.votes.shape[1])] + [one.said for one in walk.schemes]
    table: Matrix = np.column_stack([np.where(p[::horizon] > 0.5, 1.0, -1.0) * move for p in ways])
    try:
        found = overfitting(table, blocks=10)
    except UnusableSample:
        return None
    return {"pbo": found.probability, "loss": found.loss, "slope": found.slope, "ways": len(ways)}
