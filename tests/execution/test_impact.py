"""Square-root impact against numbers worked out by hand."""

from __future__ import annotations

from array import array
from dataclasses import replace
from math import sqrt

import numpy as np
import pytest

from engine.domain.bar import BarSeries
from engine.execution.impact import STILL, WINDOW, flow_at, flows, impact_ppm
from tests.builders import bars_at, utc

UNIT = 10**8


@pytest.mark.parametrize(
    ("coefficient", "sigma", "traded", "worth", "expected"),
    [
        (1.0, 0.02, 1_000_000.0, 10_000, 2_000),  # a hundredth of what is traded: a tenth of sigma
        (0.5, 0.02, 1_000_000.0, 40_000, 2_000),
        (1.0, 0.02, 1_000_000.0, 10_001, 2_001),  # rounded up
        (1.0, 0.02, 100.0, 400, 20_000),  # more than all that is traded counts as all of it
        (1.0, 0.02, 0.0, 1, 20_000),
        (100.0, 0.02, 0.0, 1, 1_000_000),  # never more than the price
        (0.0, 0.02, 100.0, 100, 0),
        (1.0, 0.0, 100.0, 100, 0),
    ],
)
def test_impact_is_sigma_times_the_root_of_the_share(
    coefficient: float, sigma: float, traded: float, worth: int, expected: int
) -> None:
    assert impact_ppm(coefficient, sigma, traded, worth * UNIT) == expected


def with_volume(series: BarSeries, *volume: float) -> BarSeries:
    return replace(series, volume=array("d", volume))


def test_sigma_and_what_is_traded_are_of_the_bars_before_the_fill() -> None:
    series = with_volume(bars_at("2025-01-01", [100, 110, 99, 99]), 1, 2, 3, 1_000)
    sigma, traded = flow_at(series, utc("2025-01-01 03:00"))  # the fourth bar is the one that begins then
    assert sigma == pytest.approx(sqrt((0.1**2 + 0.1**2) / 2), rel=1e-12)
    assert traded == pytest.approx((100 + 220 + 297) / 3, rel=1e-12)
    assert flow_at(series, utc("2025-01-01 03:59")) == (sigma, traded)
    assert flow_at(series, utc("2025-01-01 04:00"))[1] > 20_000


def test_only_the_window_counts_and_one_bar_says_nothing() -> None:
    n = WINDOW + 10
    early = with_volume(bars_at("2025-01-01", [100.0] * 10 + [200.0] * WINDOW), *[9.0] * 10, *[1.0] * WINDOW)
    assert flow_at(early, utc("2025-01-02 10:00")) == (0.0, 200.0)
    assert flow_at(early, utc("2025-01-01 01:00")) == STILL
    alone = bars_at("2025-01-01", [100.0] * n, without=range(1, n - 1))
    assert flow_at(alone, utc("2025-01-02 10:00")) == STILL


def test_a_window_says_what_the_whole_series_says() -> None:
    """To the last bit, through gaps, from any row on."""
    dice = np.random.default_rng(3)
    closes = np.round(100 * np.exp(np.cumsum(dice.normal(0, 0.02, 200))), 2)
    series = bars_at("2025-01-01", closes.tolist(), without=[5, 6, *range(60, 100), 150])
    series = with_volume(series, *dice.exponential(50, len(series)))
    told = flows(series, 30)
    for row in range(30, len(series)):
        window = series.rows(max(0, row - 30), row)
        assert flow_at(window, series.bar(row).open_at) == (told[row - 30, 0], told[row - 30, 1])
