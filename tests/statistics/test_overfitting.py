"""Overfitting: the published case, one by hand, and what noise, a planted trial and equal trials must give."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.errors import UnusableSample
from engine.statistics.overfitting import Metric, overfitting
from tests.statistics.r_normal import rnorm

HAND = [[-2, 2, 1], [-1, -3, 1], [-1, 3, -1], [1, -2, 0], [-3, 2, -3], [2, 2, 0], [2, 1, 3], [2, 3, -3]]


def test_by_hand() -> None:
    found = overfitting(np.array(HAND) / 100, 4, metric=Metric.MEAN)
    assert found.probability == pytest.approx(1 / 3)
    assert found.loss == pytest.approx(1 / 6)
    assert np.median(found.logits) == pytest.approx(math.log(3))


def test_r_draws_what_r_draws() -> None:
    np.testing.assert_allclose(rnorm(42, 3), [1.37095845, -0.56469817, 0.36312841], atol=5e-9)


def test_the_published_case_of_the_r_package() -> None:
    """CRAN's pbo, vignette: 100 trials of 2,400 days, all moved to mean zero and one volatility."""
    m = rnorm(765, 240_000).reshape(100, 2400).T
    m = m / m.std(axis=0, ddof=1) / math.sqrt(252)
    m = m - m.mean(axis=0)
    found = overfitting(m, 8, risk_free=0.03 / 252)
    assert len(found.logits) == 70
    assert found.probability == 1.0
    assert found.loss == 1.0
    assert found.slope == pytest.approx(np.polyfit(found.in_sample, found.out_of_sample, 1)[0])
    assert found.slope == pytest.approx(-0.998, abs=1e-3)
    # R prints the intercept of in-sample on out-of-sample under the name of slope.
    assert np.polyfit(found.out_of_sample, found.in_sample, 1)[1] == pytest.approx(-0.0030456, abs=5e-8)
    adjusted = 1 - (1 - np.corrcoef(found.in_sample, found.out_of_sample)[0, 1] ** 2) * 69 / 68
    assert adjusted == pytest.approx(0.97, abs=0.005)


def test_noise_comes_to_one_half_not_to_zero() -> None:
    rng = np.random.default_rng(1)
    found = [overfitting(rng.standard_normal((256, 20)), 8).probability for _ in range(200)]
    assert 0.40 <= np.mean(found) <= 0.55


def test_a_planted_trial_is_no_overfitting() -> None:
    returns = np.random.default_rng(2).standard_normal((1000, 50))
    returns[:, 7] += 0.3
    assert overfitting(returns, 16).probability <= 0.05


def test_trials_that_earned_the_same_are_nothing_but_overfitting() -> None:
    rng = np.random.default_rng(3)
    for _ in range(10):
        returns = rng.standard_normal((200, 9))
        assert overfitting(returns - returns.mean(axis=0), 8, metric=Metric.MEAN).probability == 1.0


@given(st.integers(0, 10_000), st.integers(2, 6), st.sampled_from([2, 4, 6]), st.sampled_from(list(Metric)))
def test_it_agrees_with_the_definition(seed: int, trials: int, blocks: int, metric: Metric) -> None:
    returns = np.random.default_rng(seed).standard_normal((blocks * 5 + seed % blocks, trials)) + 0.2
    found = overfitting(returns, blocks, metric=metric)
    kept = returns[len(returns) % blocks :]
    parts = kept.reshape(blocks, -1, trials)
    for k, picked in enumerate(_halves(blocks)):
        here = parts[picked].reshape(-1, trials)
        there = parts[[b for b in range(blocks) if b not in picked]].reshape(-1, trials)
        inside, outside = _metric(here, metric), _metric(there, metric)
        best = int(inside.argmax())
        rank = 1 + int((outside < outside[best]).sum())
        assert found.in_sample[k] == pytest.approx(inside[best])
        assert found.out_of_sample[k] == pytest.approx(outside[best])
        assert found.logits[k] == pytest.approx(math.log(rank / (trials + 1 - rank)))


def _halves(blocks: int) -> list[list[int]]:
    chosen = [[b for b in range(blocks) if mask >> b & 1] for mask in range(2**blocks)]
    return sorted(c for c in chosen if len(c) == blocks // 2)


def _metric(rows: np.ndarray, metric: Metric) -> np.ndarray:
    mean = rows.mean(axis=0)
    return np.asarray(mean if metric is Metric.MEAN else mean / rows.std(axis=0, ddof=1))


def test_what_cannot_be_judged_says_why() -> None:
    whole = np.random.default_rng(1).standard_normal((64, 3))
    with pytest.raises(UnusableSample, match="even number"):
        overfitting(whole, 5)
    with pytest.raises(UnusableSample, match="at least 64"):
        overfitting(whole[:40], 16)
    with pytest.raises(UnusableSample, match="at least 2"):
        overfitting(whole[:, :1], 4)
    still = whole.copy()
    still[:, 1] = 0.5
    with pytest.raises(UnusableSample, match="stand still"):
        overfitting(still, 4)
    with pytest.raises(UnusableSample, match="no finite"):
        overfitting(np.where(whole > 2, np.nan, whole), 4)


def test_trials_that_are_the_same_share_their_rank() -> None:
    column = np.random.default_rng(5).standard_normal((80, 1))
    found = overfitting(np.repeat(column, 5, axis=1), 4)
    assert found.logits == pytest.approx(0)
    assert found.probability == 1.0
