"""Crossings of our averages are TA-Lib's, to the bit."""

from __future__ import annotations

import numpy as np
import pytest
import talib

from engine.strategy.averages import crossings


@pytest.mark.parametrize("seed", range(20))
def test_crossings_are_those_of_ta_lib(seed: int) -> None:
    rng = np.random.default_rng(seed)
    close = np.exp(np.cumsum(rng.normal(0, 0.02, 3000))) * float(rng.choice([1e-6, 1, 1e4]))
    if seed % 3 == 0:
        close = np.rint(close * 100) / 100  # ties
    fast, slow = sorted(int(n) for n in rng.choice(np.arange(2, 300), 2, replace=False))
    quick, calm = talib.SMA(close, fast), talib.SMA(close, slow)
    gap = quick - calm
    before = np.concatenate(([np.nan], gap[:-1]))
    up, down = (gap > 0) & (before <= 0), (gap < 0) & (before >= 0)
    assert np.array_equal(crossings(close, fast, slow), up.astype(float) - down.astype(float))


def test_fewer_bars_than_the_average_needs_say_nothing() -> None:
    assert crossings(np.array([1.0, 2.0, 9.0]), 2, 4).tolist() == [0.0, 0.0, 0.0]
    assert crossings(np.ones(0), 2, 4).shape == (0,)
