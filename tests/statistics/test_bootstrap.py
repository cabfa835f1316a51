"""Stationary bootstrap: block lengths as the published code has them, intervals that hold as often as they say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.errors import UnusableSample
from engine.statistics.blocks import block_length, memory, resampled_variance
from engine.statistics.bootstrap import MEAN, SHARPE, interval, positions, resampled
from engine.statistics.sample import Floats


def autoregressive(n: int, phi: float, seed: int) -> Floats:
    noise = np.random.default_rng(seed).standard_normal(n)
    out, last = np.empty(n), 0.0
    for i in range(n):
        last = phi * last + noise[i]
        out[i] = last
    return out


@pytest.mark.parametrize(
    ("n", "phi", "seed", "length"),
    [
        (200, 0.0, 1, 7.580252716992034), (500, 0.5, 2, 6.813862709909765), (1000, 0.9, 3, 34.04895077027973),
        (2000, -0.5, 4, 19.759120594668534), (300, 0.99, 5, 27.615497697824157), (16, 0.3, 6, 1.1836311442599767),
    ],
)  # fmt: skip
def test_block_lengths_are_those_of_arch(n: int, phi: float, seed: int, length: float) -> None:
    """arch 8.0.0, optimal_block_length, column stationary."""
    assert block_length(autoregressive(n, phi, seed)) == pytest.approx(length, rel=1e-9)


@given(st.integers(16, 400), st.integers(0, 999), st.floats(0.001, 1e6), st.floats(-1e3, 1e3))
def test_a_block_length_knows_no_units(n: int, seed: int, scale: float, shift: float) -> None:
    values = autoregressive(n, 0.4, seed)
    length = block_length(values)
    assert 1 <= length <= math.ceil(min(3 * math.sqrt(n), n / 3))
    assert block_length(values * scale + shift) == pytest.approx(length, rel=1e-6)


def test_the_flat_top_variance_is_the_long_run_one() -> None:
    found = np.mean([memory(autoregressive(2000, 0.5, seed)).variance for seed in range(40)])
    assert found == pytest.approx(4.0, rel=0.06)


def test_resamples_vary_as_the_formula_says() -> None:
    values = autoregressive(300, 0.6, 8)
    drawn = resampled(values, MEAN, 12.0, n_resamples=4000, seed=1)
    assert 300 * drawn.var() == pytest.approx(resampled_variance(values, 12.0), rel=0.08)


def test_blocks_are_as_long_as_asked_and_wrap_round() -> None:
    rows = next(positions(1000, 20.0, n_resamples=200, seed=3))
    follows = (rows[:, 1:] - rows[:, :-1]) % 1000 == 1
    assert 1 / (1 - follows.mean()) == pytest.approx(20, rel=0.05)
    assert rows.min() == 0
    assert rows.max() == 999
    counts = np.bincount(rows.ravel(), minlength=1000)
    assert counts.min() > 100, "every value is drawn about as often"


@pytest.mark.parametrize(("figure", "phi", "truth"), [(MEAN, 0.5, 0.3), (SHARPE, 0.0, 0.3)])
def test_nineteen_intervals_in_twenty_hold_the_truth(figure: object, phi: float, truth: float) -> None:
    held = []
    for seed in range(200):
        values = autoregressive(1100, phi, seed + 50)[100:] + truth
        found = interval(values, figure, n_resamples=200, seed=seed)  # type: ignore[arg-type]
        assert found.low < found.value < found.high
        held.append(found.low <= truth <= found.high)
    assert 0.90 <= np.mean(held) <= 0.98


def test_memory_widens_the_interval() -> None:
    values = autoregressive(800, 0.8, 4)
    remembered = interval(values)
    shuffled = interval(np.random.default_rng(1).permutation(values))
    assert remembered.value == pytest.approx(shuffled.value)
    assert remembered.high - remembered.low > 2 * (shuffled.high - shuffled.low)


def test_the_seed_alone_decides() -> None:
    values = autoregressive(100, 0.2, 1)
    assert interval(values, SHARPE, seed=4) == interval(values, SHARPE, seed=4)
    assert interval(values, SHARPE, seed=4) != interval(values, SHARPE, seed=5)


@given(st.integers(0, 500), st.floats(0.001, 1000), st.floats(-100, 100))
def test_the_interval_of_a_mean_moves_and_stretches_with_it(seed: int, scale: float, shift: float) -> None:
    values = autoregressive(60, 0.3, seed)
    plain, moved = interval(values, n_resamples=50), interval(values * scale + shift, n_resamples=50, block=None)
    assert moved.low == pytest.approx(plain.low * scale + shift, rel=1e-5, abs=1e-5 * scale)
    assert moved.high == pytest.approx(plain.high * scale + shift, rel=1e-5, abs=1e-5 * scale)


def test_what_cannot_be_resampled_says_why() -> None:
    with pytest.raises(UnusableSample, match="at least 16"):
        interval(np.arange(15.0))
    with pytest.raises(UnusableSample, match="nothing varies"):
        block_length(np.ones(40))
    with pytest.raises(UnusableSample, match="block length is 0"):
        interval(np.arange(40.0), block=0.5)
    with pytest.raises(UnusableSample, match="level is 95"):
        interval(np.arange(40.0), level=95)
    with pytest.raises(UnusableSample, match="no finite"):
        interval([*np.arange(40.0), np.inf])


def test_what_resamples_lose_beyond_a_block_is_put_back() -> None:
    values = autoregressive(600, 0.8, 5)
    found = interval(values, n_resamples=300, seed=2)
    drawn = resampled(values, MEAN, found.block, n_resamples=300, seed=2)
    low, high = np.quantile(drawn, [0.025, 0.975])
    told = memory(values)
    stretch = math.sqrt(told.variance / resampled_variance(values, told.block))
    assert stretch > 1.01
    assert found.low - found.value == pytest.approx(stretch * (low - found.value))
    assert found.high - found.value == pytest.approx(stretch * (high - found.value))


def test_the_influence_of_a_value_is_what_weighing_it_a_little_more_does() -> None:
    values = autoregressive(50, 0.2, 6) + 0.4

    def ratio(weight: Floats) -> float:
        mean = float(np.average(values, weights=weight))
        return mean / math.sqrt(float(np.average((values - mean) ** 2, weights=weight)))

    slopes = np.empty(50)
    for i in range(50):
        weight = np.ones(50)
        weight[i] += 1e-6
        slopes[i] = (ratio(weight) - ratio(np.ones(50))) / 1e-6
    np.testing.assert_allclose(SHARPE.influence(values) / 50, slopes, atol=1e-5)
