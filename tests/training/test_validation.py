"""Validation: figures that know how many trials were made, what costs take, and when nothing can be said."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from engine.domain.account import Source
from engine.domain.trial import ALONE, TrialKind, Tried
from engine.learning.kernels.compiled import Column
from engine.learning.yardstick import Figures, Revised, figures, words
from engine.training.tried import trial_of
from engine.training.validation import intervals
from tests.builders import utc
from tests.learning.fits import planted_bars, spec, trained


def returns(mean: float, n: int = 1_000) -> Column:
    drawn = np.random.default_rng(7).standard_normal(n) * 0.01
    return np.asarray(drawn - drawn.mean() + mean)


def test_more_trials_make_each_worth_less_and_say_so() -> None:
    some = [Tried(count=count) for count in (1, 10, 100)]
    told = [figures(returns(0.0008), 365.0, tried, 0) for tried in some]
    one, ten, hundred = (found for found in told if found is not None)
    assert one.dsr == one.psr, "one trial deflates nothing"
    assert one.dsr > ten.dsr > hundred.dsr
    assert one.best_by_luck == 0 < ten.best_by_luck < hundred.best_by_luck
    assert "100 recipes were tried on BTCUSDT so far" in words("BTCUSDT", hundred, some[2])
    assert f"{hundred.best_by_luck:.2f} by luck" in words("BTCUSDT", hundred, some[2])
    assert "1 recipe was tried" in words("BTCUSDT", None, ALONE)


def test_trials_that_differ_much_deflate_more_and_alike_ones_never_less_than_luck() -> None:
    plain, alike, wild = (
        figures(returns(0.0008), 365.0, Tried(count=20, ratios=ratios), 0)
        for ratios in ((), (1.0, 1.0, 1.01), (-3.0, 0.5, 3.0))
    )
    assert plain is not None
    assert alike is not None
    assert wild is not None
    assert plain.dsr == alike.dsr > wild.dsr


def test_a_loss_can_never_be_told_to_be_a_gain() -> None:
    told = figures(returns(-0.001), 365.0, ALONE, 0)
    assert told is not None
    assert told.least_years is None
    assert "No length of record" in words("BTCUSDT", told, ALONE)
    assert told.psr < 0.5
    assert told.sharpe_low < told.sharpe < told.sharpe_high


def test_the_forms_of_2025_stand_beside_those_of_2012() -> None:
    """The fund of the papers: monthly returns with a long left tail, where the two forms disagree most."""
    fund = Figures(
        n=24, sharpe=0.0, sharpe_low=0.0, sharpe_high=0.0, psr=0.913, dsr=0.913, best_by_luck=0.0, least_years=None,
        years=2.0, sharpe_per_period=0.036 / 0.079, skew=-2.448, kurtosis=10.164,
    )  # fmt: skip
    told = Revised.of(fund, ALONE)
    assert told.psr == pytest.approx(0.9872, abs=5e-5)
    assert told.dsr == pytest.approx(told.psr), "one trial deflates nothing"
    assert told.least_years == pytest.approx(13.029 / 12, abs=1e-4)
    assert 0.05 < told.power < Revised.of(replace(fund, n=240, years=20.0), ALONE).power < 1
    ten = Tried(count=10)
    assert Revised.of(fund, ten).dsr < told.dsr
    assert "definitions of 2025, beside these of 2012: 99% above zero, 1.1 years" in words("BTCUSDT", fund, ALONE)
    assert "above luck, 99% above zero" in words("BTCUSDT", fund, ten)


@pytest.mark.parametrize("values", [np.zeros(500), np.ones(10)])
def test_what_cannot_be_judged_is_none(values: Column) -> None:
    assert figures(values, 365.0, ALONE, 0) is None


def test_a_model_reports_them_before_and_after_costs() -> None:
    told = json.loads(json.dumps(trained().report["validation"], allow_nan=False))
    assert told["trials"] == 1
    assert told["net"]["sharpe"] < told["gross"]["sharpe"], "costs are taken off"
    assert 0 <= told["overfitting"]["pbo"] <= 1
    assert told["overfitting"]["ways"] == len(trained().model.ensemble.members) + 3
    assert told["words"].startswith("1 recipe was tried on BTCUSDT so far: ")
    assert told["periods_per_year"] == pytest.approx(8_766, rel=0.01)


def test_scores_have_intervals_and_strong_calls_what_became_of_them() -> None:
    told, scores = trained().report["validation"], trained().report["out_of_sample"]
    assert isinstance(told, dict)
    assert isinstance(scores, dict)
    for name in ("accuracy", "auc"):
        low, high = told["intervals"][name]
        assert low < scores[name] < high
        assert 0.02 < high - low < 0.08, "some 2,700 calls"
    strong = told["strongest"]
    assert strong["n"] == scores["n"] // 10
    assert strong["realised"] == pytest.approx(scores["top_decile_accuracy"])
    assert 0.5 < strong["stated"] < 0.6


def test_overlapping_horizons_widen_intervals() -> None:
    drawn = np.random.default_rng(3).standard_normal(2_000)
    p, up = np.full(2_000, 0.6), (np.convolve(drawn, np.ones(24))[:2_000] > 0).astype(np.float64)
    one, day = (intervals(p, up, horizon)["accuracy"] for horizon in (1, 24))
    assert isinstance(one, list)
    assert isinstance(day, list)
    assert day[1] - day[0] > 0.1
    assert one[1] - one[0] > 4 * 1.96 * 0.5 / np.sqrt(2_000) * 0.5, "the memory is found without being told"
    assert intervals(np.full(20, 0.6), np.ones(20), 1) == {"accuracy": None, "auc": None}


def test_a_training_is_a_trial_and_its_refit_is_the_same_one() -> None:
    wanted = spec(planted_bars())
    trial = trial_of(trained(), wanted, source=Source.ARCHIVE, name="Morning", at=utc("2025-04-01"))
    told = trained().report["validation"]
    assert isinstance(told, dict)
    assert trial.annual_sharpe == pytest.approx(told["net"]["sharpe"])
    assert (trial.kind, trial.symbol, trial.n_periods) == (TrialKind.TRAINING, "BTCUSDT", told["net"]["n"])
    assert trained().trained_from < trial.scored_from < trial.scored_to <= trained().trained_to
    assert trial.recipe_sha256 == wanted.recipe_sha256
    others = [replace(wanted, seed=9), replace(wanted, horizon=2), replace(wanted, members=("linear",))]
    assert len({wanted.recipe_sha256, *(other.recipe_sha256 for other in others)}) == 4
