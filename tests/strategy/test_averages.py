"""Our averages are TA-Lib's, to the bit."""

from __future__ import annotations

import numpy as np
import pytest
import talib

from engine.strategy.averages import crossings, sma


@pytest.mark.parametrize("seed", range(20))
def test_averages_and_crossings_are_those_of_ta_lib(seed: int) -> None:
    rng = np.random.default_rng(seed)
    close = np.exp(np.cumsum(rng.normal(0, 0.02, 3000))) * float(rng.choice([1e-6, 1, 1e4]))
    if seed % 3 == 0:
        close = np.rint(close * 100) / 100  # ties
    fast, slow = sorted(int(n) for n in rng.choice(np.arange(2, 300), 2, replace=False))
    quick, calm = talib.SMA(close, fast), talib.SMA(close, slow)
    assert np.array_equal(sma(close, fast), quick, equal_nan=True)
    gap = quick - calm
    before = np.concatenate(([np.nan], gap[:-1]))
    up, down = (gap > 0) & (before <= 0), (gap < 0) & (before >= 0)
    assert np.array_equal(crossings(close, fast, slow), up.astype(float) - down.astype(float))


def test_fewer_bars_than_the_average_needs_say_nothing() -> None:
    assert np.isnan(sma(np.ones(3), 4)).all()
    assert sma(np.ones(0), 4).shape == (0,)
