"""One long walk: refitted every half year on two rolling years, over all history after the first 8,760 bars."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import pairwise

import numpy as np

from engine.domain.account import Costs
from engine.domain.bar import BarSeries
from engine.domain.trial import ALONE
from engine.learning.kernels.compiled import Column
from engine.learning.labels import known_before
from engine.learning.online import DAY_MS, REFIT_MS
from engine.learning.skill import gains, known_base, skill
from engine.learning.volatility import MEAN_TO_DEVIATION
from engine.learning.yardstick import figures
from engine.statistics import scores
from engine.training.folds import Fold
from engine.training.lessons import FINAL, fit_all, tasks
from engine.training.material import Material, material
from engine.training.spec import TrainingSpec
from engine.training.validation import intervals, strongest
from engine.training.walk import Walk, walk

FIRST_BARS = 8_760
TAUGHT_MS = 730 * DAY_MS
REFITTED_MS = 182 * DAY_MS
LEAST_EDGE = 1.5
"""Round trips that an entry's expected move must exceed."""

Change = Callable[[Material], Material]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a walk came to. Intervals are 95 %; Sharpe ratios annual, long or flat, before and after default costs.

    `traded`: share of periods that a live account would have entered, the skill gate open and the expected move above
    1.5 round trips; `traded_per_year` what these came to net of costs."""

    n: int
    refits: int
    base: float
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    auc: float
    skill: float
    ece: float
    floor: float
    stated: float
    realised: float
    gross: float
    net: float
    net_low: float
    net_high: float
    dsr: float
    gate_open: float
    traded: float
    traded_per_year: float


def as_it_is(rows: Material) -> Material:
    """No change."""
    return rows


def walked(series: BarSeries, horizon: int, change: Change = as_it_is) -> tuple[Material, Walk]:
    """Fit and walk with the usual members, in this process alone."""
    spec = TrainingSpec(symbol=series.symbol, interval=series.interval, horizon=horizon)
    rows = change(material(series, spec))
    folds = half_years(rows, series.open_ms[0] + FIRST_BARS * series.interval.ms)
    work = [task for task in tasks(folds, np.arange(1), spec) if task.fold != FINAL]
    fitted = fit_all(work, rows, workers=1, progress=lambda share, message: None, cancelled=lambda: False)
    return rows, walk(rows, folds, fitted, spec.members, horizon)


def half_years(rows: Material, from_ms: int) -> list[Fold]:
    """Folds of half a year from `from_ms` on, each taught by what was known of the two years before it."""
    edges = np.searchsorted(rows.close_ms, np.arange(from_ms, rows.close_ms[-1], REFITTED_MS)).tolist()
    folds = []
    for start, end in pairwise([*edges, len(rows)]):
        if end - start < 2:
            continue
        at = int(rows.close_ms[start])
        first = int(np.searchsorted(rows.close_ms, at - TAUGHT_MS))
        folds.append(Fold(teach=known_before(rows.known_ms, np.arange(first, start), at), judge=np.arange(start, end)))
    return folds


def told(rows: Material, found: Walk, series: BarSeries, horizon: int) -> Told:
    """Score it."""
    p, up = found.probability_up, rows.up[found.rows]
    move = np.expm1(rows.log_return[found.rows])[::horizon]
    per_year, cost = series.interval.bars_per_year / horizon, float(Costs().round_trip_ratio)
    taken = (p[::horizon] > 0.5).astype(np.float64)
    gross, net = (figures(taken * (move - c), per_year, ALONE, 0) for c in (0.0, cost))
    low, high = _interval(intervals(p, up, horizon)["accuracy"])
    strong = strongest(p, up, horizon)
    is_open = gate(rows, found, horizon)
    edge = (2 * p - 1) * MEAN_TO_DEVIATION * rows.deviation[found.rows]
    entered = (is_open * (edge > LEAST_EDGE * cost))[::horizon]
    return Told(
        n=len(p), refits=int(found.fold.max()) + 1, base=float(up.mean()), accuracy=scores.accuracy(p, up),
        accuracy_low=low, accuracy_high=high, auc=scores.auc(p, up), skill=scores.log_loss_skill(p, up, found.base),
        ece=scores.ece(p, up), floor=scores.ece_noise_q95(p, seed=0, overlap=horizon),
        stated=float(str(strong["stated"])), realised=float(str(strong["realised"])),
        gross=gross.sharpe if gross else 0.0, net=net.sharpe if net else 0.0, net_low=net.sharpe_low if net else 0.0,
        net_high=net.sharpe_high if net else 0.0, dsr=net.dsr if net else 0.0, gate_open=float(is_open.mean()),
        traded=float(entered.mean()), traded_per_year=float((entered * (move - cost)).mean() * per_year),
    )  # fmt: skip


def gate(rows: Material, found: Walk, horizon: int) -> Column:
    """1.0 where the skill gate was open at a row's week, by the calls that had matured by then."""
    record = found.answers(rows).record(horizon)
    gain = gains(record.said, record.up, known_base(record.matured))
    weeks = record.close_ms // REFIT_MS * REFIT_MS
    moments, where = np.unique(weeks, return_inverse=True)
    states = [skill(gain, record.known_ms, int(at), horizon=horizon).gate.value == "active" for at in moments]
    return np.asarray(np.array(states, dtype=np.float64)[where])


def row(series: BarSeries, horizon: int, change: Change = as_it_is) -> dict[str, float]:
    """Walk and score, as JSON."""
    rows, found = walked(series, horizon, change)
    return asdict(told(rows, found, series, horizon))


def _interval(ends: object) -> tuple[float, float]:
    return (float(ends[0]), float(ends[1])) if isinstance(ends, list) else (float("nan"), float("nan"))
