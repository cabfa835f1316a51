"""Crossings of our averages are TA-Lib's, to the bit, in every anchored window."""

from __future__ import annotations

import numpy as np
import pytest
import talib
from numpy.typing import NDArray

from engine.domain.bar import BarSeries
from engine.features.window import BLOCK, anchored
from engine.strategy.averages import crossings
from engine.strategy.rules import RULES
from tests.builders import bars_at

Floats = NDArray[np.float64]


def ta_lib(close: Floats, fast: int, slow: int) -> Floats:
    quick, calm = talib.SMA(close, fast), talib.SMA(close, slow)
    gap = quick - calm
    before = np.concatenate(([np.nan], gap[:-1]))
    up, down = (gap > 0) & (before <= 0), (gap < 0) & (before >= 0)
    return np.asarray(up.astype(float) - down.astype(float))


def of_one_window(close: Floats, fast: int, slow: int) -> list[int]:
    return [int(row) for row in crossings(close, np.arange(len(close)), 0, 10**9, fast, slow)]


@pytest.mark.parametrize("seed", range(20))
def test_crossings_are_those_of_ta_lib(seed: int) -> None:
    rng = np.random.default_rng(seed)
    close = np.exp(np.cumsum(rng.normal(0, 0.02, 3000))) * float(rng.choice([1e-6, 1, 1e4]))
    if seed % 3 == 0:
        close = np.rint(close * 100) / 100  # ties
    fast, slow = sorted(int(n) for n in rng.choice(np.arange(2, 300), 2, replace=False))
    assert of_one_window(close, fast, slow) == ta_lib(close, fast, slow).tolist()


def walk(n: int, without: list[int]) -> BarSeries:
    """Bars that begin in the middle of a block, with gaps, one of them longer than two blocks."""
    closes = 100 * np.exp(np.cumsum(np.random.default_rng(5).normal(0, 0.01, n)))
    return bars_at("2025-01-01", np.round(closes, 2).tolist(), without=without)


@pytest.mark.parametrize(("fast", "slow"), [(2, 3), (20, 50), (700, BLOCK - 1)])
def test_windows_walked_in_place_are_the_anchored_ones(fast: int, slow: int) -> None:
    series = walk(7 * BLOCK, [*range(900, 1000), *range(2 * BLOCK, 4 * BLOCK + 100), 5 * BLOCK])
    rule = RULES["sma_cross"]
    told = anchored(series, lambda window: ta_lib(np.asarray(window.close), fast, slow))
    chosen = {"fast": float(fast), "slow": float(slow)}
    assert np.count_nonzero(told) > (1 if slow > BLOCK // 2 else 50)
    for first in (0, 1, slow, 1_947, 1_948, 2_500, len(series) - 1):
        assert rule.signals(series, chosen, first).tolist() == told[first:].tolist()


def test_fewer_bars_than_the_average_needs_say_nothing() -> None:
    assert of_one_window(np.array([1.0, 2.0, 9.0]), 2, 4) == [0, 0, 0]
    assert of_one_window(np.ones(0), 2, 4) == []
