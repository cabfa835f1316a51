"""Bars stand on the UTC grid; times are aware, and written in one way only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.interval import Interval, from_ms, iso, parse_time, to_ms
from tests.builders import utc

DAY_MS = 86_400_000
INTERVALS = st.sampled_from(Interval)
MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # bounds


@pytest.mark.parametrize("interval", Interval)
def test_every_interval_divides_the_day(interval: Interval) -> None:
    assert DAY_MS % interval.ms == 0
    assert interval.duration == timedelta(milliseconds=interval.ms)
    assert interval.bars_per_year * interval.ms == 365 * DAY_MS


def test_an_interval_is_as_long_as_its_name_says() -> None:
    assert [i.ms // 60_000 for i in Interval] == [1, 5, 15, 30, 60, 120, 240, 360, 480, 720, 1440]


@given(interval=INTERVALS, at=MOMENTS)
def test_a_moment_lies_in_the_bar_that_floor_names(interval: Interval, at: datetime) -> None:
    opened = interval.floor(at)
    assert opened <= at < opened + interval.duration
    assert to_ms(opened) % interval.ms == 0


def test_a_close_is_the_open_of_the_next_bar() -> None:
    assert Interval.H4.floor(utc("2025-04-01 08:00")) == utc("2025-04-01 08:00")
    assert Interval.H4.floor(utc("2025-04-01 11:59")) == utc("2025-04-01 08:00")


@given(ms=st.integers(0, 7_258_118_400_000))
def test_milliseconds_come_back(ms: int) -> None:
    assert to_ms(from_ms(ms)) == ms
    assert from_ms(ms).tzinfo is UTC


@given(ms=st.integers(0, 4_133_980_799_999))
def test_what_is_written_is_read_again(ms: int) -> None:
    assert parse_time(iso(from_ms(ms))) == from_ms(ms)


def test_a_time_has_one_text() -> None:
    noon = datetime(2025, 4, 1, 14, tzinfo=timezone(timedelta(hours=2)))
    assert iso(noon) == "2025-04-01T12:00:00Z"
    assert iso(utc("2025-04-01 12:00:00.250")) == "2025-04-01T12:00:00.250Z"


@pytest.mark.parametrize("text", ["2025-04-01T12:00Z", "2025-04-01 12:00", "2025-04-01T14:00+02:00"])
def test_times_are_utc_unless_they_name_a_zone(text: str) -> None:
    assert parse_time(text) == utc("2025-04-01 12:00")


def test_a_naive_time_and_a_wrong_one_are_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        to_ms(datetime(2025, 4, 1))  # noqa: DTZ001  # the point
    with pytest.raises(ValueError, match="'yesterday' is not an ISO 8601 time"):
        parse_time("yesterday")


@pytest.mark.parametrize(
    "text", ["0001-01-01", "0001-01-01T00:00+05:00", "9999-12-31T23:00-05:00", "1969-12-31", "2101-01-01"]
)
def test_a_time_that_no_bar_has_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"'{text.replace('+', '.')}' (lies outside the years 1970 to 2100|is not an)"):
        parse_time(text)
