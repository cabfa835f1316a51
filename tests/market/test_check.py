"""Every rule of check.py, told as a person would meet it, and then by arbitrary rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.errors import InvalidBar
from engine.domain.interval import Interval, to_ms
from engine.market.check import CheckedBars, RawBars, check_bars
from tests.builders import utc

NOW = utc("2025-01-02")
START = to_ms(utc("2025-01-01"))
HOUR = Interval.H1.ms

Row = tuple[int, float, float, float, float, float]
GOOD: list[Row] = [(START + i * HOUR, 10.0 + i, 12.0 + i, 9.0 + i, 11.0 + i, 3.0) for i in range(4)]


def raw(rows: list[Row], first_row: int = 2) -> RawBars:
    columns = list(zip(*rows, strict=True)) if rows else [()] * 6
    o, h, low, c, v = (np.array(column, dtype=np.float64) for column in columns[1:])
    return RawBars(
        label="BTCUSDT-1h.csv", symbol="BTCUSDT", interval=Interval.H1,
        open_ms=np.array(columns[0], dtype=np.int64), values=(o, h, low, c, v), first_row=first_row,
    )  # fmt: skip


def check(rows: list[Row]) -> CheckedBars:
    return check_bars(raw(rows), NOW)


def test_good_rows_pass_as_they_are() -> None:
    checked = check(GOOD)
    assert list(checked.series.close) == [11, 12, 13, 14]
    assert (checked.notes, checked.missing) == ((), 0)


def test_a_row_that_is_repeated_is_dropped_and_told() -> None:
    checked = check([*GOOD[:2], GOOD[1], *GOOD[2:]])
    assert len(checked.series) == 4
    assert checked.notes == ("BTCUSDT-1h.csv, row 4: 1 repeated bar; dropped",)


def test_two_different_bars_of_one_time_are_refused() -> None:
    other = (*GOOD[1][:5], 99.0)
    with pytest.raises(InvalidBar, match=r"BTCUSDT-1h\.csv, row 6: another bar 2025-01-01T01:00:00Z than in row 3"):
        check([*GOOD, other])


def test_rows_newest_first_are_sorted_and_told() -> None:
    checked = check(GOOD[::-1])
    assert list(checked.series.open_ms) == [row[0] for row in GOOD]
    assert checked.notes == ("BTCUSDT-1h.csv, row 3: rows were not in order; sorted",)


def test_a_gap_is_kept_and_counted() -> None:
    rows = [(START + i * HOUR, *GOOD[0][1:]) for i in (0, 1, 2, 5, 6)]
    checked = check(rows)
    assert (len(checked.series), checked.missing, checked.notes) == (5, 2, ())


def test_the_bar_that_still_forms_is_dropped_and_told() -> None:
    rows = [(START + i * HOUR, *GOOD[0][1:]) for i in range(22, 25)]
    checked = check_bars(raw(rows), utc("2025-01-02 00:30"))
    assert len(checked.series) == 2
    assert checked.notes == ("BTCUSDT-1h.csv, row 4: bar 2025-01-02T00:00:00Z has not closed yet; dropped",)


def test_a_bar_that_closes_at_this_moment_has_closed() -> None:
    checked = check_bars(raw(GOOD), utc("2025-01-01 04:00"))
    assert (len(checked.series), checked.notes) == (4, ())


def test_the_bar_that_still_forms_may_be_nonsense() -> None:
    rows: list[Row] = [(START + 23 * HOUR, *GOOD[0][1:]), (START + 24 * HOUR, 0, 0, 0, 0, 0)]
    assert len(check_bars(raw(rows), utc("2025-01-02 00:30")).series) == 1


def _with(column: int, value: float) -> Callable[[], list[Row]]:
    def rows() -> list[Row]:
        changed = list(GOOD[2])
        changed[column] = value
        return [*GOOD[:2], (int(changed[0]), *changed[1:]), GOOD[3]]  # type: ignore[list-item]

    return rows


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (_with(0, START + 2 * HOUR + 1), "2025-01-01T02:00:00.001Z is off the UTC grid of 1h"),
        (_with(0, START + 48 * HOUR), "2025-01-03T00:00:00Z lies in the future"),
        (_with(0, -HOUR), "time -3600000 ms is not between 1970 and 2100"),
        (_with(1, float("nan")), "open must be a price above zero, not nan"),
        (_with(2, float("inf")), "high must be a price above zero, not inf"),
        (_with(3, 0.0), "low must be a price above zero, not 0.0"),
        (_with(4, -5.0), "close must be a price above zero, not -5.0"),
        (_with(5, -1.0), "volume must be zero or more, not -1.0"),
        (_with(5, float("nan")), "volume must be zero or more, not nan"),
        (_with(2, 10.0), "high is below low 11.0, not 10.0"),
        (_with(1, 14.5), "open lies outside low 11.0 to high 14.0, not 14.5"),
        (_with(4, 10.5), "close lies outside low 11.0 to high 14.0, not 10.5"),
    ],
)
def test_a_bad_row_is_refused_by_label_row_and_rule(rows: Callable[[], list[Row]], message: str) -> None:
    with pytest.raises(InvalidBar) as caught:
        check(rows())
    assert str(caught.value).startswith(f"BTCUSDT-1h.csv, row 4: {message}")
    assert "\n" not in str(caught.value)


def test_no_rows_and_no_closed_rows_are_refused() -> None:
    with pytest.raises(InvalidBar, match="has no rows"):
        check([])
    with pytest.raises(InvalidBar, match="has no closed bar"):
        check_bars(raw(GOOD[:1]), utc("2025-01-01 00:30"))


def test_bars_of_a_day_in_a_file_called_1h_are_not_taken_for_gaps() -> None:
    rows = [(START - i * 24 * HOUR, *GOOD[0][1:]) for i in range(5, 0, -1)]
    with pytest.raises(InvalidBar, match="1440 minutes apart, not 1h"):
        check(rows)


_ROWS = st.lists(
    st.tuples(
        st.one_of(st.integers(-1, 30).map(lambda i: START + i * HOUR), st.integers(0, 2 * START)),
        *[st.floats(allow_nan=True, width=32) | st.sampled_from([1.0, 2.0, 3.0])] * 5,
    ),
    max_size=12,
)


@given(_ROWS)
def test_whatever_comes_in_goes_out_in_order_on_the_grid_or_is_refused(rows: list[Row]) -> None:
    try:
        checked = check(rows)
    except InvalidBar:
        return
    _assert_sound(checked, rows)


@given(st.permutations([*GOOD, *GOOD, (START + 9 * HOUR, *GOOD[0][1:])]))
def test_order_and_repetition_never_change_the_result(rows: list[Row]) -> None:
    checked = check(rows)
    assert checked.series == check([*GOOD, (START + 9 * HOUR, *GOOD[0][1:])]).series
    assert checked.missing == 5


def _assert_sound(checked: CheckedBars, rows: list[Row]) -> None:
    opens = list(checked.series.open_ms)
    assert opens == sorted(set(opens))
    assert all(at % HOUR == 0 and at + HOUR <= to_ms(NOW) for at in opens)
    for bar in checked.series:
        assert 0 < bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high < float("inf")
        assert bar.volume >= 0
        assert (to_ms(bar.open_at), bar.open, bar.high, bar.low, bar.close, bar.volume) in rows
