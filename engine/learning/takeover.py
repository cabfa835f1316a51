"""Takeover: may a refit take the champion's place? It has the same recipe and newer data; it must do no harm.

A refit is not asked to be better: within one recipe newer data is reason enough. It is refused where something is
wrong with it (no newer bars, a suspected leak, a vote that says nothing, probabilities that cannot be taken at their
word) and where it is not shown to be as good: at the bars that both judged out of sample its Brier score may be worse
by no more than `MARGIN`, with 95 % confidence (Diebold-Mariano's variance, which counts overlapping horizons).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.domain.bar import BarSeries
from engine.domain.errors import UnusableSample
from engine.domain.interval import from_ms
from engine.domain.model import Check
from engine.learning.forecast import TrainedModel
from engine.learning.kernels.compiled import Column
from engine.learning.online import WINDOW_MS
from engine.statistics import scores
from engine.statistics.comparison import diebold_mariano
from engine.statistics.tails import normal_quantile

MARGIN = 0.001
"""Brier score per call: a gain that small takes a challenger most of a year to show."""
LEAST_BARS, LEAST_INDEPENDENT = 500, 30
"""Bars in common below which nothing is shown."""
_CALIBRATED = {True: 0.015, False: 0.03}
"""Calibration error that is allowed whatever the noise: at a horizon of one bar, and beyond."""
_SILENT = 1e-3
_ONE_SIDED = normal_quantile(0.95)


def takeover_checks(
    refit: TrainedModel, champion: TrainedModel, series: BarSeries, metrics: Mapping[str, object]
) -> tuple[Check, ...]:
    """Every check, in order. `series`: the bars that the refit learned from; `metrics`: its report.

    The champion's calls at bars after its training are its forecasts; both versions' calls before are out of fold.
    """
    said, theirs, up = _in_common(refit, champion, series)
    return (
        _newer(refit, champion),
        _no_leak(metrics),
        _speaks(said),
        _calibrated(said, up, refit),
        _not_inferior(said, theirs, up, refit),
    )


def _newer(refit: TrainedModel, champion: TrainedModel) -> Check:
    ours, theirs = from_ms(refit.trained_to_ms), from_ms(champion.trained_to_ms)
    return Check(
        name="newer data", passed=ours > theirs,
        detail=f"learned from bars up to {ours:%Y-%m-%d %H:%M} UTC; the champion's end at {theirs:%Y-%m-%d %H:%M}",
    )  # fmt: skip


def _no_leak(metrics: Mapping[str, object]) -> Check:
    suspected = metrics.get("leak_suspected") is True
    detail = "scores too good for a real market: a leak of the future is suspected" if suspected else "none suspected"
    return Check(name="no leak", passed=not suspected, detail=detail)


def _speaks(said: Column) -> Check:
    spread = float(np.std(said)) if len(said) else 0.0
    return Check(
        name="says something", passed=bool(np.isfinite(said).all()) and spread > _SILENT,
        detail=f"its probabilities vary by {spread:.4f}, more than {_SILENT:.3f} is needed",
    )  # fmt: skip


def _calibrated(said: Column, up: Column, refit: TrainedModel) -> Check:
    if len(said) < LEAST_BARS:
        return _too_few("calibrated", len(said), LEAST_BARS, refit)
    error = scores.ece(said, up)
    floor = scores.ece_noise_q95(said, seed=refit.seed, overlap=refit.horizon)
    limit = max(_CALIBRATED[refit.horizon == 1], 1.5 * floor)
    return Check(
        name="calibrated", passed=error <= limit,
        detail=f"calibration error {error:.4f}, at most {limit:.4f} (a perfect forecaster stays under {floor:.4f})",
    )  # fmt: skip


def _not_inferior(said: Column, theirs: Column, up: Column, refit: TrainedModel) -> Check:
    name, need = "not inferior", max(LEAST_BARS, LEAST_INDEPENDENT * refit.horizon)
    if len(said) < need:
        return _too_few(name, len(said), need, refit)
    worse = (said - up) ** 2 - (theirs - up) ** 2
    if not worse.any():
        return Check(name=name, passed=True, detail=f"says the same as the champion at {len(said):,} bars")
    try:
        found = diebold_mariano(worse, refit.horizon)
    except UnusableSample as error:
        return Check(name=name, passed=False, detail=str(error))
    high = found.mean + _ONE_SIDED * abs(found.mean / found.statistic) if found.statistic else MARGIN
    return Check(
        name=name, passed=high < MARGIN,
        detail=f"Brier score {1e3 * found.mean:+.2f} thousandths against the champion's at {len(said):,} bars that "
        f"both judged unseen; with 95 % confidence no worse than {1e3 * high:+.2f}, {1e3 * MARGIN:.0f} is allowed",
    )  # fmt: skip


def _too_few(name: str, n: int, need: int, refit: TrainedModel) -> Check:
    most = WINDOW_MS // refit.interval.ms
    told = f"{n:,} bars were judged unseen by both; {need:,} are needed"
    if most < need:
        told += f", and the year that a version keeps holds {most:,}: here a refit can be promoted by hand alone"
    return Check(name=name, passed=False, detail=told)


def _in_common(refit: TrainedModel, champion: TrainedModel, series: BarSeries) -> tuple[Column, Column, Column]:
    """Chances of a rise as refit and champion said them at the same bars, and what happened, each (n,)."""
    theirs = dict(zip(champion.record.close_ms.tolist(), champion.record.said.tolist(), strict=True))
    first = series.position(champion.trained_to_ms)
    if first < len(series):
        later = champion.forecast(series, first)
        known = ~np.isnan(later.probability_up)
        theirs |= dict(zip(later.as_of_ms[known].tolist(), later.probability_up[known].tolist(), strict=True))
    mine = refit.record
    rows = np.array([k for k, at in enumerate(mine.close_ms.tolist()) if at in theirs], dtype=np.int64)
    other = np.array([theirs[at] for at in mine.close_ms[rows].tolist()])
    return mine.said[rows], other, mine.up[rows]
