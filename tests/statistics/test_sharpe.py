"""Sharpe and drawdown against hand-computed values."""

from __future__ import annotations

import numpy as np
import pytest

from engine.statistics.drawdown import drawdowns, max_drawdown
from engine.statistics.sharpe import moments, sharpe


def test_the_ratio_is_annualised() -> None:
    returns = np.array([0.01, 0.03])
    assert sharpe(returns, 4).ratio == pytest.approx(0.02 / (0.01 * np.sqrt(2)) * 2)
    assert np.isnan(sharpe(np.array([0.01]), 4).ratio)
    assert np.isnan(sharpe(np.full(9, 0.25), 4).ratio), "no spread, no ratio"


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
    assert (max_drawdown(curve), max_drawdown(np.array([]))) == (0.5, 0.0)
