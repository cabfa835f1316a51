"""Fit: bars in, a trained model with its honest report out. Deterministic in bars, spec and code."""

from __future__ import annotations

import os
from collections.abc import Mapping

import numpy as np

from engine.domain.bar import BarSeries
from engine.domain.interval import from_ms
from engine.features.catalogue import NAMES
from engine.learning.calls import Calls
from engine.learning.ensemble import Ensemble
from engine.learning.forecast import TrainedModel
from engine.learning.members.member import Member
from engine.learning.size import Size
from engine.learning.state import content_sha256
from engine.training.folds import everything, walk_forward
from engine.training.lessons import FINAL, Cancelled, Progress, fit_all, tasks
from engine.training.material import Material, material
from engine.training.report import report
from engine.training.spec import Trained, TrainingCancelled, TrainingSpec
from engine.training.walk import Vote, Walk, walk

_FITTING = 0.9
"""Share of the time that the members' fits take, for progress."""


def fit(
    series: BarSeries,
    spec: TrainingSpec,
    progress: Progress = lambda share, message: None,
    cancelled: Cancelled = lambda: False,
    *,
    workers: int | None = None,
) -> Trained:
    """Train and judge a model. `progress` gets a share 0..1 and words; `cancelled` is asked between fits.

    MissingBars where the bars do not suffice, InvalidBar where one is wrong, TrainingCancelled where `cancelled` said
    so; nothing is written anywhere. `workers` (default: the cores, at most 4) changes the time only, never a bit of the
    result.
    """
    progress(0.0, f"computing features of {len(series):,} bars")
    rows = material(series, spec)
    folds = walk_forward(rows)
    fitted = fit_all(
        tasks(folds, everything(rows), spec),
        rows,
        workers=workers or min(4, os.cpu_count() or 1),
        progress=lambda share, message: progress(0.02 + share * (_FITTING - 0.02), message),
        cancelled=cancelled,
    )
    progress(_FITTING, "walking forward: weights, calibration, report")
    walked = walk(rows, folds, fitted, spec.members, spec.horizon)
    learned = Vote.learned(walked.votes, rows.up[walked.rows], spec.members, spec.horizon)
    model = _model(series, rows, _ensemble(fitted, FINAL, learned), walked, learned, spec=spec)
    judged = report(rows, walked, model, last_fold=_ensemble(fitted, len(folds) - 1, learned), spec=spec)
    if cancelled():
        raise TrainingCancelled("training was cancelled; nothing was kept")
    progress(1.0, "trained")
    return Trained(
        model=model,
        report=judged,
        content_sha256=content_sha256(model),
        n_bars=len(series),
        trained_from=from_ms(model.trained_from_ms),
        trained_to=from_ms(model.trained_to_ms),
    )


def _ensemble(fitted: Mapping[tuple[int, str], Member], fold: int, learned: Vote) -> Ensemble:
    """The members of one fold under the weights that were learned from all."""
    return Ensemble(
        members=tuple(fitted[fold, name] for name in learned.weights), weights=tuple(learned.weights.values())
    )


def _model(
    series: BarSeries, rows: Material, ensemble: Ensemble, walked: Walk, learned: Vote, *, spec: TrainingSpec
) -> TrainedModel:
    """Put together what a version keeps. Strengths pass through the frozen calibrator, as live calls will; whether a
    call was right is judged on the call that was made then."""
    up = rows.up[walked.rows]
    everywhere = everything(rows)
    return TrainedModel(
        symbol=spec.symbol,
        interval=spec.interval,
        horizon=spec.horizon,
        seed=spec.seed,
        trained_from_ms=series.open_ms[0],
        trained_to_ms=series.open_ms[-1] + series.interval.ms,
        feature_names=NAMES,
        ensemble=ensemble,
        calibrator=learned.calibrator,
        size=Size.fit(rows.x, np.abs(rows.log_return), rows.deviation, rows.weights(everywhere)),
        calls=Calls.of(
            learned.probability_up(walked.votes), (walked.probability_up >= 0.5) == (up > 0.5), spec.horizon
        ),
        medians=np.median(rows.x, axis=0),
    )
