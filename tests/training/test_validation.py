"""Validation: figures that know how many trials were made, what costs take, and when nothing can be said."""

from __future__ import annotations

import json

import numpy as np
import pytest

from engine.learning.kernels.compiled import Column
from engine.training.validation import figures
from tests.learning.fits import trained


def returns(mean: float, n: int = 1_000) -> Column:
    drawn = np.random.default_rng(7).standard_normal(n) * 0.01
    return np.asarray(drawn - drawn.mean() + mean)


def test_more_trials_make_each_worth_less() -> None:
    told = [figures(returns(0.0008), 365.0, trials, 0) for trials in (1, 10, 100)]
    chances = [float(str(one["dsr"])) for one in told if one is not None]
    assert chances[0] > chances[1] > chances[2]
    assert told[0] is not None
    assert chances[0] == told[0]["psr"], "one trial deflates nothing"


def test_a_loss_can_never_be_told_to_be_a_gain() -> None:
    told = figures(returns(-0.001), 365.0, 1, 0)
    assert told is not None
    assert told["least_years"] is None
    assert float(str(told["psr"])) < 0.5
    assert float(str(told["sharpe_low"])) < float(str(told["sharpe"])) < float(str(told["sharpe_high"]))


@pytest.mark.parametrize("values", [np.zeros(500), np.ones(10)])
def test_what_cannot_be_judged_is_none(values: Column) -> None:
    assert figures(values, 365.0, 1, 0) is None


def test_a_model_reports_them_before_and_after_costs() -> None:
    told = json.loads(json.dumps(trained().report["validation"], allow_nan=False))
    assert told["trials"] == 1
    assert told["net"]["sharpe"] < told["gross"]["sharpe"], "costs are taken off"
    assert 0 <= told["overfitting"]["pbo"] <= 1
    assert told["overfitting"]["ways"] == len(trained().model.ensemble.members) + 3
