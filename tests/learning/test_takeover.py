"""A refit takes over where it does no harm, and says why where it may not."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from engine.domain.model import Check
from engine.learning.forecast import TrainedModel
from engine.learning.takeover import takeover_checks
from engine.training.fit import fit
from engine.training.spec import Trained
from tests.learning.fits import N_BARS, long_bars, spec

WEEK = 168


@cache
def fitted(n: int) -> Trained:
    """One recipe, of two quick members, on the first n bars."""
    series = long_bars().rows(0, n)
    return fit(series, replace(spec(series), members=("linear", "polynomial")), workers=1)


def champion() -> Trained:
    return fitted(N_BARS)


def refit() -> Trained:
    return fitted(N_BARS + WEEK)


def judged(newer: TrainedModel, older: TrainedModel, **metrics: object) -> dict[str, Check]:
    found = takeover_checks(newer, older, long_bars().rows(0, N_BARS + WEEK), {**refit().report, **metrics})
    return {check.name: check for check in found}


def test_a_refit_a_week_later_takes_over() -> None:
    found = judged(refit().model, champion().model)
    assert all(check.passed for check in found.values()), found
    assert list(found) == ["newer data", "no leak", "says something", "calibrated", "not inferior"]
    assert "bars that both judged unseen" in found["not inferior"].detail


def test_older_data_do_not() -> None:
    found = judged(champion().model, refit().model)
    assert not found["newer data"].passed


def test_the_same_data_do_not() -> None:
    found = judged(refit().model, refit().model)
    assert not found["newer data"].passed
    assert found["not inferior"].passed
    assert "says the same" in found["not inferior"].detail


def test_a_suspected_leak_does_not() -> None:
    assert not judged(refit().model, champion().model, leak_suspected=True)["no leak"].passed


def speaking(said: np.ndarray) -> TrainedModel:
    """The refit, had it said that."""
    model = refit().model
    return replace(model, record=replace(model.record, said=said))


@pytest.mark.parametrize(
    ("change", "fails"),
    [
        (lambda p: np.full(len(p), 0.5), "says something"),
        (lambda p: 1 - p, "not inferior"),
        (lambda p: 0.5 + 4 * (p - 0.5), "calibrated"),
        (lambda p: 0.5 + np.random.default_rng(1).normal(0, 0.05, len(p)), "not inferior"),
    ],
)
def test_what_is_wrong_is_named(change: object, fails: str) -> None:
    assert callable(change)
    found = judged(speaking(change(refit().model.record.said)), champion().model)
    assert not found[fails].passed, found


def test_too_few_bars_in_common_show_nothing() -> None:
    model = champion().model
    new = replace(model, record=model.record.since(model.trained_to_ms - 300 * 3_600_000))
    found = judged(replace(refit().model, record=refit().model.record.since(model.trained_to_ms)), new)
    assert not found["not inferior"].passed
    assert "are needed" in found["not inferior"].detail


def test_a_year_that_holds_too_few_says_that_only_the_operator_can_promote() -> None:
    older = champion().model
    newer = replace(refit().model, horizon=300)  # 30 times that is more than a year of hours
    found = judged(newer, older)["not inferior"]
    assert not found.passed
    assert "9,000 are needed, and the year that a version keeps holds 8,760: here a refit can be" in found.detail
    assert "promoted by hand" not in judged(replace(newer, horizon=200), older)["not inferior"].detail
