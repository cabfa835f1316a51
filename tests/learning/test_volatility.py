"""Volatility: exponentially weighted with a half-life of two weeks, the same live and in batch."""

from __future__ import annotations

import numpy as np
import pytest

from engine.domain.interval import Interval
from engine.learning.volatility import half_life, volatility
from tests.builders import bars_at
from tests.learning.markets import walk


def test_by_hand() -> None:
    series = bars_at("2025-01-01", [100, 101, 99])
    r = np.diff(np.log([100, 101, 99]))
    decay = 0.5 ** (1 / 336)
    expected = np.sqrt((decay * r[0] ** 2 + r[1] ** 2) / (decay + 1))
    assert volatility(series, 1)[2] == pytest.approx(expected, rel=1e-12)
    assert volatility(series, 4)[2] == pytest.approx(2 * expected, rel=1e-12)
    assert np.isnan(volatility(series, 1)[0])


def test_it_finds_the_deviation_of_a_walk() -> None:
    assert volatility(walk(4_000), 1)[-1] == pytest.approx(0.005, rel=0.1)


def test_the_half_life_is_two_weeks_whatever_the_interval() -> None:
    assert [half_life(i) for i in (Interval.H1, Interval.M15, Interval.D1)] == [336.0, 1344.0, 14.0]


def test_live_equals_batch_to_the_bit() -> None:
    series = walk(5_000, first_block=300)
    live = volatility(series.rows(0, 4_700), 24, first=4_699)
    assert live.tobytes() == volatility(series, 24)[4_699:4_700].tobytes()
