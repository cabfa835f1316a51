"""Calibration: claims shrink to what comes true; the interval widens with doubt."""

from __future__ import annotations

import numpy as np
import pytest

from engine.learning.calibration import Calibrator
from engine.learning.kernels.compiled import Column


def outcomes(true_logit: Column, seed: int = 0) -> Column:
    rng = np.random.default_rng(seed)
    return (rng.random(len(true_logit)) < 1 / (1 + np.exp(-true_logit))).astype(np.float64)


def logits(n: int, seed: int = 1) -> Column:
    return np.random.default_rng(seed).standard_normal(n) * 0.5


def chance(logit: Column) -> Column:
    return np.asarray(1 / (1 + np.exp(-logit)))


def test_before_any_outcome_half_of_the_claim_is_believed() -> None:
    low, mid, high = (Calibrator.prior().apply(np.array([p]))[0, 0] for p in (0.3, 0.5, 0.7))
    assert mid == 0.5
    assert 0.5 - low == pytest.approx(high - 0.5)
    assert np.log(high / (1 - high)) == pytest.approx(0.5 * np.log(0.7 / 0.3))


def test_with_many_outcomes_the_true_slope_is_found() -> None:
    z = logits(200_000)
    calibrator = Calibrator.fit(chance(z), outcomes(0.05 + 0.8 * z), 1)
    assert calibrator.a == pytest.approx(0.05, abs=0.02)
    assert calibrator.b == pytest.approx(0.8, abs=0.03)


def test_claims_that_run_against_the_truth_are_silenced_not_turned_round() -> None:
    z = logits(50_000)
    calibrator = Calibrator.fit(chance(z), outcomes(-z), 1)
    assert calibrator.b == 0.0
    assert np.ptp(calibrator.apply(np.array([0.2, 0.5, 0.9]))[:, 0]) == 0.0


def test_the_interval_holds_its_chance_and_widens_with_overlap_and_distance() -> None:
    z = logits(5_000)
    up = outcomes(0.7 * z)
    near = Calibrator.fit(chance(z), up, 1).apply(np.array([0.5, 0.75]))
    overlapping = Calibrator.fit(chance(z), up, 24).apply(np.array([0.5, 0.75]))
    assert (near[:, 1] < near[:, 0]).all()
    assert (near[:, 0] < near[:, 2]).all()
    width, wider = near[:, 2] - near[:, 1], overlapping[:, 2] - overlapping[:, 1]
    assert (wider > width).all()
    assert width[1] > width[0]


def test_nine_intervals_in_ten_hold_the_truth() -> None:
    """Truths drawn from the prior, as the interval supposes."""
    rng = np.random.default_rng(4)
    held = []
    for seed in range(200):
        a, b = rng.normal(0, 0.05), abs(rng.normal(0.5, 0.25))
        z = logits(1_500, seed)
        _, low, high = Calibrator.fit(chance(z), outcomes(a + b * z, seed + 999), 1).apply(np.array([0.62]))[0]
        held.append(low <= float(chance(np.array([a + b * np.log(0.62 / 0.38)]))[0]) <= high)
    assert 0.84 <= np.mean(held) <= 0.96


def test_a_row_alone_is_the_row_among_others_and_nan_stays_nan() -> None:
    calibrator = Calibrator.fit(chance(logits(500)), outcomes(logits(500)), 1)
    raw = np.append(chance(logits(100, 8)), np.nan)
    batch = calibrator.apply(raw)
    assert calibrator.apply(raw[42:43]).tobytes() == batch[42:43].tobytes()
    assert np.isnan(batch[-1]).all()


def test_restored_it_is_the_same() -> None:
    calibrator = Calibrator.fit(chance(logits(500)), outcomes(logits(500)), 3)
    assert Calibrator.restore(calibrator.arrays()) == calibrator
