"""A series gives the bars that were asked for, and never one that was not known yet."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.bar import BarSeries
from engine.domain.interval import Interval, from_ms, to_ms
from tests.builders import bars_at, utc

START = "2025-04-01"
GAPPY = bars_at(START, [float(100 + i) for i in range(60)], without=[3, 4, 5, 20, 41])
AROUND = st.builds(
    lambda hour, beside: from_ms(to_ms(utc(START)) + hour * Interval.H1.ms + beside),
    st.integers(-1, 61), st.sampled_from([-1, 0, 1]),
)  # fmt: skip


@given(at=AROUND)
def test_known_is_what_has_closed_and_nothing_else(at: datetime) -> None:
    known = GAPPY.closed_by(at)
    assert [bar.open_at for bar in known] == [b.open_at for b in GAPPY if b.open_at + Interval.H1.duration <= at]


@given(first=AROUND, last=AROUND)
def test_between_takes_the_start_and_leaves_the_end(first: datetime, last: datetime) -> None:
    assert list(GAPPY.between(first, last)) == [bar for bar in GAPPY if first <= bar.open_at < last]


def test_an_open_side_reaches_to_the_end() -> None:
    at = utc("2025-04-02")
    assert len(GAPPY.between(None, at)) + len(GAPPY.between(at, None)) == len(GAPPY) == 55
    assert list(GAPPY.between(None, None)) == list(GAPPY)


def test_a_gap_shows_in_the_times() -> None:
    assert GAPPY.open_ms[3] - GAPPY.open_ms[2] == 4 * Interval.H1.ms
    assert GAPPY.position(to_ms(utc("2025-04-01 04:00"))) == 3  # the first bar after the gap


def test_a_bar_is_its_row() -> None:
    bar = GAPPY.bar(-1)
    assert bar == list(GAPPY)[-1]
    assert (bar.open_at, bar.open, bar.high, bar.low, bar.close, bar.volume) == (
        utc("2025-04-03 11:00"), 158.0, 160.0, 157.0, 159.0, 1.0,
    )  # fmt: skip
    with pytest.raises(IndexError):
        GAPPY.bar(len(GAPPY))


def test_rows_are_a_copy() -> None:
    rows = GAPPY.rows(10, 12)
    rows.close[0] = 0.0
    assert GAPPY.close[10] > 0


def test_a_series_ends_at_its_last_close() -> None:
    assert GAPPY.last_close_at == utc("2025-04-03 12:00")
    empty = BarSeries.empty("BTCUSDT", Interval.H1)
    assert (empty.last_close_at, len(empty), list(empty.closed_by(utc(START)))) == (None, 0, [])
