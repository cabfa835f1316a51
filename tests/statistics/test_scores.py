"""Scores against the published vectors (learning.md 2) and hand-computed cases."""

import numpy as np
import pytest

from engine.statistics.scores import (
    accuracy,
    auc,
    brier,
    ece,
    ece_noise,
    ece_noise_q95,
    log_loss,
    log_loss_skill,
    log_losses,
)

P = np.array([0.1, 0.3, 0.35, 0.6, 0.62, 0.8])
Y = np.array([0.0, 0, 1, 1, 0, 1])


def test_published_vector() -> None:
    assert brier(P, Y) == pytest.approx(0.184483, abs=5e-7)
    assert log_loss(P, Y) == pytest.approx(0.535568, abs=5e-7)
    assert ece(P, Y, bins=3) == pytest.approx(0.311667, abs=5e-7)


def test_accuracy_counts_the_side_of_one_half() -> None:
    assert accuracy(P, Y) == 4 / 6
    assert accuracy(np.array([0.5]), np.array([1.0])) == 1.0


def test_auc_counts_ties_half() -> None:
    assert auc(P, Y) == 7 / 9
    assert auc(np.array([0.5, 0.5]), np.array([0.0, 1.0])) == 0.5
    assert np.isnan(auc(P, np.ones(6)))


def test_skill_is_zero_for_the_base_rate_itself() -> None:
    base = np.full(6, 0.5)
    assert log_loss_skill(base, Y, base) == 0.0
    assert log_loss_skill(P, Y, base) == pytest.approx(1 - 0.535568 / np.log(2), abs=1e-6)


def test_a_base_rate_that_is_off_makes_no_skill_of_one_half() -> None:
    coin = np.full(len(Y), 0.5)
    assert log_loss_skill(coin, Y, np.full(len(Y), 0.7)) == pytest.approx(0.0)


def test_the_noise_floor_is_the_published_one() -> None:
    p = np.random.default_rng(1).uniform(0.45, 0.55, 2190)
    assert ece_noise_q95(p, n_sims=300, seed=2) == pytest.approx(0.039, abs=0.003)


def test_overlapping_labels_raise_the_noise_floor() -> None:
    p = np.random.default_rng(1).uniform(0.45, 0.55, 8760)
    assert ece_noise_q95(p, n_sims=200, seed=2, overlap=24) == pytest.approx(0.049, abs=0.008)


def test_the_noise_floor_is_the_seed_s_alone() -> None:
    assert ece_noise_q95(P, n_sims=50, seed=7) == ece_noise_q95(P, n_sims=50, seed=7)


def test_holes_and_unequal_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="NaN"):
        brier(np.array([np.nan]), np.array([1.0]))
    with pytest.raises(ValueError, match="shape"):
        brier(P, Y[:3])


def test_nothing_scores_nan() -> None:
    nothing = np.array([])
    assert all(np.isnan(f(nothing, nothing)) for f in (accuracy, auc, brier, log_loss, ece))


@pytest.mark.parametrize(("n", "mean"), [(365, 0.066), (1_000, 0.040), (2_190, 0.027), (8_760, 0.0137)])
def test_the_mean_of_the_noise_is_the_published_one(n: int, mean: float) -> None:
    p = np.random.default_rng(3).uniform(0.45, 0.55, n)
    assert ece_noise(p, n_sims=200, seed=1).mean() == pytest.approx(mean, rel=0.06)


def test_noise_and_losses_of_nothing_are_none() -> None:
    assert len(ece_noise(np.array([]))) == 0
    assert np.isnan(ece_noise_q95(np.array([])))


def test_losses_per_row_make_up_the_mean() -> None:
    assert log_losses(P, Y).mean() == log_loss(P, Y)
    assert log_losses(np.array([0.0]), np.array([1.0]))[0] == pytest.approx(-np.log(1e-15))
