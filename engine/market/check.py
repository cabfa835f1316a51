"""Raw columns become a `BarSeries` here or nowhere. The rules, each told in one line that names label and row:

==============================  ==========================================================
what is found                   what happens
==============================  ==========================================================
no rows, columns of odd length  refused
time off the UTC grid           refused
time in the future              refused
price NaN, infinite, <= 0       refused
volume NaN, infinite, < 0       refused
high < low                      refused
open or close outside low-high  refused
two bars of one time, equal     the later row is dropped, told
two bars of one time, unequal   refused
rows not in order of time       sorted, told
a last bar not closed at `now`  dropped, told
bars missing in between         kept as a gap, counted
another step than the interval  refused (bars of 1d in a file called 1h are no gaps)
==============================  ==========================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from engine.domain.bar import BarSeries
from engine.domain.errors import InvalidBar
from engine.domain.interval import Interval, from_ms, iso, to_ms
from engine.market.columns import FIELDS, Floats, Times, to_series
from engine.market.gaps import count_missing

Rows = NDArray[np.intp]
_LAST_MS = 4_102_444_800_000
"""2100-01-01: a time beyond it was read in the wrong unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawBars:
    """Columns as a file or a venue gave them: nothing is promised about them yet.

    `label` names the source in messages, `first_row` is what a person calls the first row there (a CSV with a
    header starts at line 2). `open_ms` has shape (n_rows,), int64; `values` holds the columns of FIELDS.
    """

    label: str
    symbol: str
    interval: Interval
    open_ms: Times
    values: tuple[Floats, Floats, Floats, Floats, Floats]
    first_row: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedBars:
    """Bars that passed, with one line for each repair and the count of bars missing between first and last."""

    series: BarSeries
    notes: tuple[str, ...]
    missing: int


def check_bars(raw: RawBars, now: datetime) -> CheckedBars:
    """Check `raw` by the rules above; InvalidBar names label, row and rule.

    `now` decides which bar is still forming: one that opens at or before `now` and closes after it.
    """
    _check_shape(raw)
    _check_times(raw, to_ms(now))
    closed = raw.open_ms + raw.interval.ms <= to_ms(now)
    _check_values(raw, closed)
    notes: list[str] = []
    if not closed.all():
        notes.append(f"{_where(raw, ~closed)}: bar {_at(raw, ~closed)} has not closed yet; dropped")
    rows = _unique_rows(raw, _sorted_rows(raw, np.flatnonzero(closed), notes), notes)
    if not len(rows):
        raise InvalidBar(f"{raw.label}: has no closed bar; give a file with bars that have ended")
    _check_step(raw, raw.open_ms[rows])
    series = to_series(raw.symbol, raw.interval, raw.open_ms[rows], [column[rows] for column in raw.values])
    return CheckedBars(series=series, notes=tuple(notes), missing=count_missing(series))


def _check_shape(raw: RawBars) -> None:
    if any(len(column) != len(raw.open_ms) for column in raw.values):
        raise InvalidBar(f"{raw.label}: its columns differ in length; the file is damaged")
    if not len(raw.open_ms):
        raise InvalidBar(f"{raw.label}: has no rows; give a file with bars")


def _check_times(raw: RawBars, now_ms: int) -> None:
    strange = (raw.open_ms <= 0) | (raw.open_ms > _LAST_MS)
    if strange.any():
        time = int(raw.open_ms[strange.argmax()])
        raise InvalidBar(f"{_where(raw, strange)}: time {time} ms is not between 1970 and 2100; correct the file")
    off = raw.open_ms % raw.interval.ms != 0
    if off.any():
        raise InvalidBar(
            f"{_where(raw, off)}: {_at(raw, off)} is off the UTC grid of {raw.interval}; "
            "give the opens of bars, or name the file after its interval"
        )
    future = raw.open_ms > now_ms
    if future.any():
        raise InvalidBar(f"{_where(raw, future)}: {_at(raw, future)} lies in the future; correct the times")


def _check_values(raw: RawBars, closed: NDArray[np.bool_]) -> None:
    low, high = raw.values[2], raw.values[1]
    with np.errstate(invalid="ignore"):
        for name, column in zip(FIELDS[:4], raw.values[:4], strict=True):
            _refuse(raw, closed & ~(np.isfinite(column) & (column > 0)), f"{name} must be a price above zero", column)
        volume = raw.values[4]
        _refuse(raw, closed & ~(np.isfinite(volume) & (volume >= 0)), "volume must be zero or more", volume)
        _refuse(raw, closed & (high < low), f"high is below low {_first(low, closed & (high < low))}", high)
        for name, column in (("open", raw.values[0]), ("close", raw.values[3])):
            outside = closed & ((column < low) | (column > high))
            span = f"low {_first(low, outside)} to high {_first(high, outside)}"
            _refuse(raw, outside, f"{name} lies outside {span}", column)


def _refuse(raw: RawBars, bad: NDArray[np.bool_], rule: str, column: Floats) -> None:
    if bad.any():
        raise InvalidBar(f"{_where(raw, bad)}: {rule}, not {_first(column, bad)}; correct or remove the row")


def _sorted_rows(raw: RawBars, rows: Rows, notes: list[str]) -> Rows:
    opens = raw.open_ms[rows]
    falls = np.diff(opens) < 0
    if not falls.any():
        return rows
    notes.append(f"{raw.label}, row {raw.first_row + int(rows[falls.argmax() + 1])}: rows were not in order; sorted")
    ordered: Rows = rows[np.argsort(opens, kind="stable")]
    return ordered


def _unique_rows(raw: RawBars, rows: Rows, notes: list[str]) -> Rows:
    again = np.concatenate([[False], np.diff(raw.open_ms[rows]) == 0])
    if not again.any():
        return rows
    second = np.flatnonzero(again)
    unequal = np.zeros(len(second), dtype=bool)
    for column in raw.values:
        unequal |= column[rows[second]] != column[rows[second - 1]]
    if unequal.any():
        i = second[unequal.argmax()]
        one, other = sorted((raw.first_row + int(rows[i - 1]), raw.first_row + int(rows[i])))
        raise InvalidBar(
            f"{raw.label}, row {other}: another bar {iso(from_ms(int(raw.open_ms[rows[i]])))} than in row {one}; "
            "remove the wrong one"
        )
    row = raw.first_row + int(rows[second].min())
    notes.append(f"{raw.label}, row {row}: {len(second)} repeated {_plural(len(second), 'bar')}; dropped")
    kept: Rows = rows[~again]
    return kept


def _check_step(raw: RawBars, opens: Times) -> None:
    """Refuse a file whose usual step is not the interval: it holds bars of another length."""
    if len(opens) < 3:
        return
    steps, counts = np.unique(np.diff(opens), return_counts=True)
    usual = int(steps[counts.argmax()])
    if usual != raw.interval.ms:
        raise InvalidBar(
            f"{raw.label}: its bars are {usual // 60_000} minutes apart, not {raw.interval}; "
            "name the file after its interval"
        )


def _where(raw: RawBars, bad: NDArray[np.bool_]) -> str:
    return f"{raw.label}, row {raw.first_row + int(bad.argmax())}"


def _at(raw: RawBars, bad: NDArray[np.bool_]) -> str:
    return iso(from_ms(int(raw.open_ms[bad.argmax()])))


def _first(column: Floats, bad: NDArray[np.bool_]) -> float:
    return float(column[bad.argmax()])


def _plural(count: int, noun: str) -> str:
    return noun if count == 1 else f"{noun}s"
