"""Gaps are where the grid has no bar."""

from __future__ import annotations

from engine.domain.bar import BarSeries
from engine.domain.interval import Interval
from engine.market.gaps import Gap, count_missing, find_gaps
from tests.builders import bars_at, utc


def test_each_stretch_without_bars_is_one_gap() -> None:
    series = bars_at("2025-01-01", range(1, 9), without=[1, 4, 5])
    assert find_gaps(series) == (
        Gap(start=utc("2025-01-01 01:00"), end=utc("2025-01-01 02:00"), missing=1),
        Gap(start=utc("2025-01-01 04:00"), end=utc("2025-01-01 06:00"), missing=2),
    )
    assert count_missing(series) == 3


def test_a_whole_series_and_an_empty_one_have_none() -> None:
    for series in (bars_at("2025-01-01", [1, 2, 3]), BarSeries.empty("BTCUSDT", Interval.H1)):
        assert find_gaps(series) == ()
        assert count_missing(series) == 0
