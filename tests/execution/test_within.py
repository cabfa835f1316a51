"""Which came first inside a bar, by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from engine.domain.bar import BarSeries
from engine.domain.interval import Interval, to_ms
from engine.execution.matching import NOT_TOUCHED, STOPPED, TARGETED
from engine.execution.within import BY_FINER, BY_RULE, PLAIN, finer_rows, settled
from tests.builders import bars_at, instrument, utc

HOUR = to_ms(utc("2025-01-01"))
QUIET, UP, DOWN, BOTH = (100, 102, 98), (100, 111, 99), (100, 101, 89), (100, 112, 88)
"""(open, high, low) of quarters, against a stop at 90 and a target at 110."""


def quarters(*bars: tuple[float, float, float], without: Sequence[int] = (), start: str = "2025-01-01") -> BarSeries:
    series = bars_at(start, [100.0] * len(bars), interval=Interval.M15)
    for i, (opened, high, low) in enumerate(bars):
        series.open[i], series.high[i], series.low[i] = opened, high, low
    kept = [i for i in range(len(bars)) if i not in without]
    parts = [series.rows(i, i + 1) for i in kept]
    joined = parts[0]
    for part in parts[1:]:
        for name in ("open_ms", "open", "high", "low", "close", "volume"):
            getattr(joined, name).extend(getattr(part, name))
    return joined


def decided(finer: BarSeries | None, *, high: int = 112, low: int = 88, place: int = 0) -> tuple[int, int, int]:
    rows = finer_rows(finer, instrument(tick="1"), place)
    return settled(100, high, low, 90, 110, rows, 0, HOUR, HOUR + Interval.H1.ms)


@pytest.mark.parametrize(
    ("bars", "expected"),
    [
        ((QUIET, UP, DOWN, QUIET), (TARGETED, 110, BY_FINER)),
        ((QUIET, DOWN, UP, QUIET), (STOPPED, 90, BY_FINER)),
        (((100, 102, 98), (85, 86, 84), UP, QUIET), (STOPPED, 85, BY_FINER)),  # a gap fills at the finer open
        (((100, 102, 98), (115, 116, 113), DOWN, QUIET), (TARGETED, 110, BY_FINER)),  # no gap pays a limit more
        ((QUIET, BOTH, UP, QUIET), (STOPPED, 90, BY_RULE)),  # the finer bar does not know either
        ((QUIET, QUIET, QUIET, QUIET), (STOPPED, 90, BY_RULE)),  # they do not show what the bar shows
    ],
)
def test_finer_bars_say_what_came_first(
    bars: tuple[tuple[float, float, float], ...], expected: tuple[int, int, int]
) -> None:
    assert decided(quarters(*bars)) == expected


def test_without_them_the_stop_comes_first() -> None:
    assert decided(None) == (STOPPED, 90, BY_RULE)
    elsewhere = quarters(UP, DOWN, QUIET, QUIET, start="2025-01-01 01:00")
    assert decided(elsewhere) == (STOPPED, 90, BY_RULE)
    assert decided(quarters(UP, DOWN, QUIET, QUIET), place=1) == (STOPPED, 90, BY_RULE)


def test_a_gap_before_the_first_touch_leaves_it_open() -> None:
    assert decided(quarters(QUIET, UP, DOWN, QUIET, without=[0])) == (STOPPED, 90, BY_RULE)
    assert decided(quarters(QUIET, UP, DOWN, QUIET, without=[3])) == (TARGETED, 110, BY_FINER)


def test_the_next_hours_bars_say_nothing_about_this_one() -> None:
    five = quarters(QUIET, QUIET, QUIET, QUIET, UP)
    assert decided(five) == (STOPPED, 90, BY_RULE)


def test_a_bar_that_reaches_one_of_them_needs_no_finer_ones() -> None:
    finer = quarters(UP, DOWN, QUIET, QUIET)
    assert decided(finer, low=95) == (TARGETED, 110, PLAIN)
    assert decided(finer, high=105) == (STOPPED, 90, PLAIN)
    assert decided(finer, high=105, low=95) == (NOT_TOUCHED, 0, PLAIN)
