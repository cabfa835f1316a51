"""Model reports, backtest results, checks, and what bars to learn from."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.domain.interval import Interval
from engine.domain.job import JobKind, JobState
from engine.queries.checks import run_checks
from engine.queries.market import best_choice, gaps, read_coverage
from engine.queries.models import calibrated, figures
from engine.queries.predictions import confidence_sentence
from engine.queries.results import read_result
from tests.pages.jobs import backtest_request, backtest_result, job
from tests.pages.scene import NOW, Scene
from tests.pages.trained import METRICS, predict


def test_every_figure_carries_its_honesty() -> None:
    shown = {f.name: f for f in figures(METRICS)}
    assert shown["Accuracy"].value == "54.1 %"
    assert "8,736" in shown["Accuracy"].honesty
    assert "0.0196" in shown["Calibration error"].honesty


def test_an_empty_report_shows_dashes() -> None:
    assert {f.value for f in figures({})} == {"—"}
    assert calibrated({}) is None


def test_a_calibration_error_is_judged_by_its_noise_floor() -> None:
    assert calibrated(METRICS) is True
    assert calibrated({"out_of_sample": {"ece": 0.03, "ece_noise_q95": 0.02}}) is False


def test_without_bands_the_sentence_says_so() -> None:
    assert "is not in its report" in confidence_sentence(predict(NOW, 100.0, 3), {})


@pytest.mark.parametrize(("says", "labelled"), [({"in_sample": True}, True), ({"in_sample": False}, False), ({}, True)])
def test_what_is_in_sample_is_what_the_run_found_else_what_was_asked(says: dict[str, bool], labelled: bool) -> None:
    request = backtest_request("model:m1.1", NOW) | {"options": {"in_sample": True}}
    told = {name: value for name, value in backtest_result(NOW, 1.0).items() if name != "in_sample"} | says
    result = read_result(job(JobKind.BACKTEST, JobState.DONE, NOW, request=request, result=told))
    assert result is not None
    assert result.in_sample is labelled
    assert result.report is not None


def test_a_job_that_is_not_done_has_no_result() -> None:
    assert read_result(job(JobKind.BACKTEST, JobState.RUNNING, NOW)) is None


def test_checks_say_what_to_do(full: Scene, empty: Scene) -> None:
    assert all(check.ok and not check.advice for check in run_checks(full))
    full.clock.at += timedelta(minutes=1)
    engine = run_checks(full)[0]
    assert not engine.ok
    assert "make run" in engine.advice
    data = next(check for check in run_checks(empty) if check.name == "Market data")
    assert (data.ok, data.found) == (False, "no bar seen yet")


def test_gaps_are_found_where_they_are(full: Scene) -> None:
    (hole,) = gaps(full.bars.read("SIMULATED", "BTCUSDT", Interval.H1))
    assert hole.n_bars == 3
    assert hole.last_open_at - hole.first_open_at == timedelta(hours=2)


def test_a_newcomer_learns_from_the_longest_hourly_series(full: Scene) -> None:
    best = best_choice(read_coverage(full))
    assert best is not None
    assert (best.symbol, best.interval) == ("BTCUSDT", Interval.H1)
    assert best_choice([]) is None
