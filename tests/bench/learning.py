"""What learning costs beside a plain loop of the same scikit-learn estimators: fit, predict and nothing around it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from engine.domain.bar import BarSeries
from engine.domain.trial import ALONE
from engine.learning.labels import known_before
from engine.learning.members import boosting, forest, linear, network, polynomial
from engine.learning.members.member import Lesson
from engine.learning.online import DAY_MS
from engine.training.fit import fit
from engine.training.folds import Fold, everything, walk_forward
from engine.training.lessons import FINAL, fit_all, tasks
from engine.training.material import Material, material
from engine.training.spec import TrainingSpec
from engine.training.validation import validation
from engine.training.walk import walk
from tests.bench.market import bars
from tests.bench.timing import Measured, measured

_WEEKS = 53


def learning() -> Iterator[Measured]:
    """A whole training, and one row of the whole ensemble. Times are of the processor, one thread."""
    series = bars(timedelta(days=1095))
    spec = TrainingSpec(symbol=series.symbol, interval=series.interval, horizon=24, real_market=False)
    fit(series.rows(0, 4_000), spec, workers=1)  # compilers and imports
    rows = material(series, spec)
    trained = []
    plain = _seconds(lambda: _plain(rows, [*walk_forward(rows), _final(rows)], spec))
    whole = _seconds(lambda: trained.append(fit(series, spec, workers=1)))
    yield _line(f"plain loop: {len(series):,} bars x {rows.x.shape[1]}, 5 members, 5 folds and all", plain)
    yield _line(f"training: the same, calibrated, judged: {whole / plain:.2f} x plain", whole)
    ensemble, row = trained[0].model.ensemble, np.ascontiguousarray(rows.x[-1:])
    yield measured("prediction: one row, whole ensemble", lambda: ensemble.probability_up(row), calls=3_000)


def weekly() -> Iterator[Measured]:
    """FreqAI's job: a year of hours, trained anew each of 53 weeks on the last 30 or 90 days."""
    series = bars(timedelta(days=365 + 120 + 90))
    usual = TrainingSpec(symbol=series.symbol, interval=series.interval, horizon=1, real_market=False)
    fit(series.rows(0, 4_000), usual, workers=1)
    for members in (("forest",), usual.members):
        spec = replace(usual, members=members)
        for days in (30, 90):
            rows = material(series, spec)
            folds = _weeks(rows, days)
            plain = _seconds(lambda: _plain(rows, folds, spec))  # noqa: B023
            whole = _seconds(lambda: _whole(series, days, spec))  # noqa: B023
            name = f"{_WEEKS} weeks, {days} days, {'all members' if len(members) > 1 else members[0]}"
            yield _line(f"plain loop: {name}, per week", plain / _WEEKS)
            yield _line(f"whole loop: {name}: {whole / plain:.2f} x plain", whole / _WEEKS)


def _whole(series: BarSeries, days: int, spec: TrainingSpec) -> None:
    """Features, fits, votes, weights, calibration each week, scores and what trading would have earned."""
    rows = material(series, spec)
    folds = _weeks(rows, days)
    work = [task for task in tasks(folds, np.arange(1), spec) if task.fold != FINAL]
    fitted = fit_all(work, rows, workers=1, progress=lambda share, message: None, cancelled=lambda: False)
    walked = walk(rows, folds, fitted, spec.members, spec.horizon)
    validation(rows, walked, walked.answers(rows), spec, ALONE)


def _weeks(rows: Material, days: int) -> list[Fold]:
    last = int(rows.close_ms[-1])
    edges = np.searchsorted(rows.close_ms, last - 7 * DAY_MS * np.arange(_WEEKS, -1, -1))
    folds = []
    for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        at = int(rows.close_ms[start])
        first = int(np.searchsorted(rows.close_ms, at - days * DAY_MS))
        folds.append(Fold(teach=known_before(rows.known_ms, np.arange(first, start), at), judge=np.arange(start, end)))
    return folds


def _final(rows: Material) -> Fold:
    return Fold(teach=everything(rows), judge=np.arange(1))


def _plain(rows: Material, folds: Sequence[Fold], spec: TrainingSpec) -> None:
    """Fit each estimator with the member's settings and ask it about the rows that judge."""
    for fold in folds:
        x, y, weight = rows.x[fold.teach], rows.up[fold.teach], rows.weights(fold.teach)
        lesson = Lesson(x=x, y=y, weight=weight, seed=1, overlap=spec.horizon)
        for name in spec.members:
            _ESTIMATORS[name](lesson, rows.x[fold.judge])


def _linear(lesson: Lesson, x: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> None:
    model = make_pipeline(StandardScaler(), LogisticRegression(C=linear._C, max_iter=300, tol=1e-6))
    model.fit(lesson.x, lesson.y, logisticregression__sample_weight=lesson.weight / lesson.overlap).predict_proba(x)


def _polynomial(lesson: Lesson, x: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> None:
    pca = PCA(n_components=polynomial._COMPONENTS, svd_solver="covariance_eigh")
    last = LogisticRegression(C=polynomial._C, max_iter=300, tol=1e-6)
    products = PolynomialFeatures(2, include_bias=False)
    model = make_pipeline(StandardScaler(), pca, products, StandardScaler(), last)
    model.fit(lesson.x, lesson.y, logisticregression__sample_weight=lesson.weight / lesson.overlap).predict_proba(x)


def _forest(lesson: Lesson, x: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> None:
    model = forest.classifier(1, forest.leaf_rows(len(lesson.y), lesson.overlap))
    model.fit(lesson.x, lesson.y, sample_weight=lesson.weight).predict_proba(x)


def _boosting(lesson: Lesson, x: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> None:
    boosting.classifier(1, lesson.overlap).fit(lesson.x, lesson.y).predict_proba(x)


def _network(lesson: Lesson, x: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> None:
    network.fit(lesson).probability_up(np.ascontiguousarray(x))  # MLPClassifier's epochs, as many as the member takes


_ESTIMATORS: dict[str, Callable[[Lesson, np.ndarray[tuple[int, ...], np.dtype[np.float64]]], None]] = {
    "linear": _linear, "polynomial": _polynomial, "forest": _forest, "boosting": _boosting, "network": _network,
}  # fmt: skip


def _seconds(call: Callable[[], object]) -> float:
    began = time.process_time()
    call()
    return time.process_time() - began


def _line(name: str, seconds: float) -> Measured:
    return Measured(name=name, first=seconds, median=seconds, p99=seconds, n=1)
