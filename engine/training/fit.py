"""Fit: bars in, a trained model with its honest report out. Deterministic in bars, spec and code."""

from __future__ import annotations

import os
from collections.abc import Mapping

import numpy as np

from engine.domain.bar import BarSeries
from engine.domain.interval import from_ms
from engine.domain.trial import ALONE, Tried
from engine.features.catalogue import NAMES, is_ready
from engine.learning.dissimilarity import Domain
from engine.learning.ensemble import Ensemble
from engine.learning.forecast import TrainedModel
from engine.learning.members.member import Member
from engine.learning.online import WINDOW_MS
from engine.learning.size import Size
from engine.learning.state import content_sha256
from engine.learning.voice import Voice
from engine.training.answers import Answers
from engine.training.folds import everything, walk_forward
from engine.training.lessons import FINAL, Cancelled, Progress, fit_all, tasks
from engine.training.material import Material, material
from engine.training.paths import as_folds, combinations, paths
from engine.training.report import report
from engine.training.second import second
from engine.training.spec import Trained, TrainingCancelled, TrainingSpec
from engine.training.walk import walk

_FITTING = 0.9
"""Share of the time that the members' fits take, for progress."""


def fit(
    series: BarSeries,
    spec: TrainingSpec,
    progress: Progress = lambda share, message: None,
    cancelled: Cancelled = lambda: False,
    *,
    workers: int | None = None,
    tried: Tried = ALONE,
) -> Trained:
    """Train and judge a model. `progress` gets a share 0..1 and words; `cancelled` is asked between fits.

    MissingBars where the bars do not suffice, InvalidBar where one is wrong, TrainingCancelled where `cancelled` said
    so; nothing is written anywhere. `workers` (default: the cores, at most 4) changes the time only, never a bit of the
    result. `tried`: what was ever scored on this instrument, this recipe included, by which its figures are deflated.
    """
    first = "" if is_ready() else " (compiling them first: once after an install, up to a minute)"
    progress(0.0, f"computing features of {len(series):,} bars{first}")
    rows = material(series, spec)
    folds, crossed = walk_forward(rows), combinations(rows, spec)
    fitted = fit_all(
        tasks([*folds, *as_folds(crossed)], everything(rows), spec),
        rows,
        workers=workers or min(4, os.cpu_count() or 1),
        progress=lambda share, message: progress(0.02 + share * (_FITTING - 0.02), message),
        cancelled=cancelled,
    )
    progress(_FITTING, "walking forward: weights, calibration, report")
    walked = walk(rows, folds, fitted, spec.members, spec.horizon)
    later = None if spec.barrier is None else second(rows, walked, spec.barrier, spec)
    weights, answers = walked.chosen.weights, walked.answers(rows) if later is None else later.answers
    final = Voice(ensemble=_ensemble(fitted, FINAL, weights), meta=None if later is None else later.final)
    last = Voice(ensemble=_ensemble(fitted, len(folds) - 1, weights), meta=None if later is None else later.last)
    model = _model(series, rows, final, answers, spec=spec)
    judged = report(rows, walked, answers, model, last_fold=last, spec=spec, tried=tried)
    across = paths(rows, crossed, fitted, len(folds), spec)
    if cancelled():
        raise TrainingCancelled("training was cancelled; nothing was kept")
    progress(1.0, "trained")
    return Trained(
        model=model,
        report={**judged, "paths": across},
        content_sha256=content_sha256(model),
        n_bars=len(series),
        trained_from=from_ms(model.trained_from_ms),
        trained_to=from_ms(model.trained_to_ms),
    )


def _ensemble(fitted: Mapping[tuple[int, str], Member], fold: int, weights: Mapping[str, float]) -> Ensemble:
    """The members of one fold under the weights that were learned from all."""
    return Ensemble(members=tuple(fitted[fold, name] for name in weights), weights=tuple(weights.values()))


def _model(series: BarSeries, rows: Material, voice: Voice, answers: Answers, *, spec: TrainingSpec) -> TrainedModel:
    """Put together what a version keeps: of its record the year that later calibrations look back on."""
    trained_to_ms = series.open_ms[-1] + series.interval.ms
    everywhere = everything(rows)
    moves = rows.log_return if rows.trade is None else rows.trade.log_return
    return TrainedModel(
        symbol=spec.symbol,
        interval=spec.interval,
        horizon=spec.horizon,
        seed=spec.seed,
        trained_from_ms=series.open_ms[0],
        trained_to_ms=trained_to_ms,
        feature_names=NAMES,
        ensemble=voice.ensemble,
        record=answers.record(spec.horizon).since(trained_to_ms - WINDOW_MS),
        size=Size.fit(rows.x, np.abs(moves), rows.deviation, rows.weights(everywhere)),
        domain=Domain.of(rows.x, spec.horizon),
        medians=np.median(rows.x, axis=0),
        meta=voice.meta,
    )
