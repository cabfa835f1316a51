"""Drift: three looks at a version, from itself and its bars alone, so that a restart or another machine finds the same.

Features: each one's newest month (200 bars where it holds fewer) against the training rows, by the population
stability index beyond its floor of noise and by Kolmogorov-Smirnov with Holm's care; neighbours that remember one
another count once. Calibration: the error of what was said since training, against what a perfect forecaster's would
stay under 99 times in 100. Skill: ADWIN over hits and misses, out of fold and since. A lost edge of four points takes
weeks to see: the cost gate and the drawdown stop protect first.
"""

from __future__ import annotations

import math
from datetime import datetime

import numpy as np

from engine.domain.bar import BarSeries
from engine.domain.drift import Drift, DriftKind
from engine.domain.interval import from_ms
from engine.features.catalogue import NAMES, WARM_UP, window_matrix
from engine.features.window import anchored_from
from engine.learning.forecast import TrainedModel
from engine.learning.kernels.compiled import Column, Matrix
from engine.learning.lately import Seen
from engine.learning.record import Record
from engine.statistics import scores
from engine.statistics.adwin import adwin
from engine.statistics.blocks import block_length
from engine.statistics.shift import LARGE_SHIFT, holm, kolmogorov_smirnov, stability

RECENT_DAYS = 28
LEAST_CALLS, LEAST_INDEPENDENT = 200, 20
"""Calls since training below which calibration is not judged."""
_ALPHA = 0.01
_FLOOR = 0.99
_DAY_MS = 86_400_000


def look_for_drift(version_id: str, model: TrainedModel, window: BarSeries, at: datetime) -> tuple[Drift, ...]:
    """One look of each kind at `at`. `window`: the bars closed by then that features may look at."""
    record = Seen(bars=window).joined(model.record, model, model.trained_to_ms)
    return (
        _features(version_id, model, window, at),
        _calibration(version_id, record.since(model.trained_to_ms), at, model.seed),
        _skill(version_id, record, at, model.trained_to_ms),
    )


def _features(version_id: str, model: TrainedModel, window: BarSeries, at: datetime) -> Drift:
    recent = (_recent(window) - model.domain.mean) / model.domain.scale
    if len(recent) < LEAST_CALLS:
        return _unknown(version_id, DriftKind.FEATURES, at, f"{len(recent):,} bars; {LEAST_CALLS} are needed")
    days = (len(recent) * window.interval.ms) / _DAY_MS
    moved = moved_features(model.domain.rows, recent)
    named = ", ".join(f"{name} ({_told(psi)})" for name, psi in sorted(moved.items(), key=lambda m: -m[1])[:3])
    more = f" and {len(moved) - 3} more" if len(moved) > 3 else ""
    told = f"moved: {named}{more}" if moved else "none has moved beyond its noise"
    return Drift(
        version_id=version_id, at=at, kind=DriftKind.FEATURES, score=float(len(moved)), limit=0.0, drifted=bool(moved),
        detail=f"of {len(NAMES)} features, the last {days:.0f} days against training: {told}",
    )  # fmt: skip


def moved_features(reference: Matrix, recent: Matrix) -> dict[str, float]:
    """PSI of the features that moved, by name: large, above its floor of noise, and by Kolmogorov-Smirnov too. Infinite
    where one stands still that varied in training, or varies that stood still: no index tells how far that is."""
    psi: dict[str, float] = {}
    p_values: dict[str, float] = {}
    for k, name in enumerate(NAMES):
        old, new = reference[:, k], recent[:, k]
        stood, stands = np.ptp(old) == 0, np.ptp(new) == 0
        if stood or stands:
            if stood != stands:
                psi[name], p_values[name] = math.inf, 0.0
            continue
        overlap = block_length(new)
        found = stability(old, new, overlap=overlap)
        p_values[name] = kolmogorov_smirnov(old, new, overlap=overlap).p_value
        if found.psi > max(LARGE_SHIFT, found.noise_q95):
            psi[name] = found.psi
    adjusted = holm(p_values)
    return {name: value for name, value in psi.items() if adjusted[name] < _ALPHA}


def _told(psi: float) -> str:
    return f"PSI {psi:.2f}" if math.isfinite(psi) else "it stands still, or no longer does"


def _recent(window: BarSeries) -> Matrix:
    """Features of the last days, or of as many bars as are needed where these are fewer; whole rows only."""
    if not len(window):
        return np.empty((0, len(NAMES)))
    month = window.position(window.open_ms[-1] - RECENT_DAYS * _DAY_MS)
    first = max(0, min(month, len(window) - LEAST_CALLS))
    x = anchored_from(window, window_matrix, first, warm_up=WARM_UP)
    return np.ascontiguousarray(x[~np.isnan(x).any(axis=1)])


def _calibration(version_id: str, since: Record, at: datetime, seed: int) -> Drift:
    least = max(LEAST_CALLS, LEAST_INDEPENDENT * since.horizon)
    if len(since.said) < least:
        detail = f"{len(since.said):,} calls have matured since training; {least:,} are needed"
        return _unknown(version_id, DriftKind.CALIBRATION, at, detail)
    error = scores.ece(since.said, since.up)
    limit = float(np.quantile(scores.ece_noise(since.said, seed=seed, overlap=since.horizon), _FLOOR))
    return Drift(
        version_id=version_id, at=at, kind=DriftKind.CALIBRATION, score=error, limit=limit, drifted=error > limit,
        detail=f"calibration error {error:.4f} over {len(since.said):,} calls since training; a perfect forecaster "
        f"stays under {limit:.4f}",
    )  # fmt: skip


def _skill(version_id: str, record: Record, at: datetime, trained_to_ms: int) -> Drift:
    n = len(record.said)
    if n < LEAST_CALLS:
        return _unknown(version_id, DriftKind.SKILL, at, f"{n:,} matured calls; {LEAST_CALLS} are needed")
    misses: Column = (~record.right).astype(np.float64)
    found = adwin(misses, overlap=record.horizon)
    before = float(misses[: found.since].mean()) if found.since else found.mean
    late = len(found.changes) > 0 and record.close_ms[found.changes[-1]] > trained_to_ms
    worse = bool(late and found.mean > before)
    since = from_ms(int(record.close_ms[min(found.since, n - 1)]))
    told = f"{1 - found.mean:.1%} right since {since:%Y-%m-%d}, {1 - before:.1%} before" if late else "no change seen"
    return Drift(
        version_id=version_id, at=at, kind=DriftKind.SKILL, score=found.mean, limit=before, drifted=worse,
        detail=f"hits and misses of {n:,} calls: {told}",
    )  # fmt: skip


def _unknown(version_id: str, kind: DriftKind, at: datetime, detail: str) -> Drift:
    return Drift(version_id=version_id, at=at, kind=kind, score=None, limit=None, drifted=False, detail=detail)
