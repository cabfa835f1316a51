"""Column types refuse what they could only guess at."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeDecorator

from engine.adapters.database.types import DecimalText, EnumText, JsonText, UtcTime
from engine.domain.order import Side

DIALECT = sqlite.dialect()


def round_trip(column: TypeDecorator[Any], value: object) -> Any:
    return column.process_result_value(column.process_bind_param(value, DIALECT), DIALECT)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_every_decimal_comes_back(value: Decimal) -> None:
    assert round_trip(DecimalText(), value) == value


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2200, 1, 1), timezones=st.timezones()))  # noqa: DTZ001
def test_every_aware_moment_comes_back(value: datetime) -> None:
    assert round_trip(UtcTime(), value) == value.astimezone(UTC)


@given(st.lists(st.datetimes(timezones=st.just(UTC))))
def test_moments_sort_as_they_are_stored(moments: list[datetime]) -> None:
    column = UtcTime()
    assert sorted(moments, key=lambda at: column.process_bind_param(at, DIALECT) or 0) == sorted(moments)


@pytest.mark.parametrize("value", [0.1, 3, "3", Decimal("NaN"), Decimal("Infinity")])
def test_an_amount_that_is_no_finite_decimal_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="finite Decimal"):
        DecimalText().process_bind_param(value, DIALECT)


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(TypeError, match="no time zone"):
        UtcTime().process_bind_param(datetime(2025, 4, 1), DIALECT)  # noqa: DTZ001


def test_an_unknown_member_is_an_error_not_a_guess() -> None:
    column = EnumText(Side)
    assert round_trip(column, Side.BUY) is Side.BUY
    with pytest.raises(ValueError, match="LEFT"):
        column.process_result_value("LEFT", DIALECT)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_json_keeps_floats_to_the_last_bit(value: float) -> None:
    assert round_trip(JsonText(), {"x": [value]}) == {"x": [value]}


def test_json_refuses_what_not_every_reader_takes() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        JsonText().process_bind_param(float("nan"), DIALECT)
