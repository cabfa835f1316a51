"""Sharpe, drawdown and bootstrap against published and hand-computed values."""

from __future__ import annotations

import numpy as np
import pytest

from engine.statistics.bootstrap import interval, resample
from engine.statistics.drawdown import drawdowns, longest_under_water, max_drawdown
from engine.statistics.sharpe import moments, probabilistic_sharpe, sharpe, sharpe_ratio


def test_the_ratio_is_annualised() -> None:
    returns = np.array([0.01, 0.03])
    assert sharpe_ratio(returns, 4) == pytest.approx(0.02 / (0.01 * np.sqrt(2)) * 2)
    assert np.isnan(sharpe_ratio(np.array([0.01]), 4))
    assert np.isnan(sharpe(np.full(9, 0.25), 4).ratio), "no spread, no ratio"


def test_published_probabilistic_sharpes() -> None:
    assert probabilistic_sharpe(0.458, 0, 24) == pytest.approx(0.98167, abs=1e-5)
    assert probabilistic_sharpe(0.458, 0, 24, -2.448, 10.164) == pytest.approx(0.91336, abs=1e-5)
    assert probabilistic_sharpe(1.14, 1, 250) == pytest.approx(0.957278, abs=1e-5)


def test_the_interval_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    covered = 0
    for _ in range(400):
        found = sharpe(rng.normal(0.1, 1, 250), 1)
        covered += found.low <= 0.1 <= found.high
    assert 0.92 <= covered / 400 <= 0.98


def test_moments_of_a_coin() -> None:
    assert moments(np.array([1.0, -1.0, 1.0, -1.0])) == (0.0, 1.0)
    assert moments(np.ones(5)) == (0.0, 3.0)


def test_drawdown_is_measured_from_the_running_peak() -> None:
    curve = np.array([100.0, 120, 90, 96, 130, 65])
    assert drawdowns(curve).tolist() == [0, 0, 0.25, 0.2, 0, 0.5]
    assert (max_drawdown(curve), longest_under_water(curve), max_drawdown(np.array([]))) == (0.5, 2, 0.0)


def test_blocks_run_on_and_wrap() -> None:
    rows = resample(1_000, 20, np.random.default_rng(1))
    steps = np.diff(rows) % 1_000
    assert rows.min() >= 0
    assert rows.max() < 1_000
    assert np.mean(steps != 1) == pytest.approx(1 / 20, abs=0.02)


def test_the_bootstrap_covers_the_mean_of_a_dependent_series() -> None:
    rng = np.random.default_rng(5)
    covered = 0
    for k in range(150):
        noise = rng.normal(0, 1, 600)
        series = np.convolve(noise, np.ones(5) / 5, mode="valid")
        low, high = interval(series, lambda x: float(x.mean()), block=20, n_resamples=200, seed=k)
        covered += low <= 0 <= high
    assert covered / 150 >= 0.87
    assert np.isnan(interval(np.array([]), lambda x: 0.0, block=5)[0])
