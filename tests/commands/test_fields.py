"""Fields of a payload: each is read as what it must be, or refused by its name, its value and the way out."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.commands import fields
from engine.domain.errors import ConfigurationError
from engine.domain.order import Side
from tests.builders import utc

Read = Callable[[fields.Payload, str], object]


def whole(payload: fields.Payload, name: str) -> int:
    return fields.whole(payload, name, 7)


def side(payload: fields.Payload, name: str) -> Side:
    return fields.choice(payload, name, Side)


GOOD: list[tuple[Read, object, object]] = [
    (fields.text, " BTCUSDT ", "BTCUSDT"),
    (fields.texts, "A", ("A",)),
    (fields.texts, ["A", "B", "A"], ("A", "B")),
    (fields.decimal, "0.050", Decimal("0.050")),
    (fields.decimal, 3, Decimal(3)),
    (fields.decimal, "", None),
    (fields.decimal, None, None),
    (fields.positive, "1e-8", Decimal("0.00000001")),
    (whole, None, None),
    (whole, "12", 12),
    (whole, -3, -3),
    (fields.flag, True, True),
    (fields.moment, "2025-04-01", utc("2025-04-01")),
    (fields.moment, "2025-04-01T02:00+02:00", utc("2025-04-01")),
    (fields.moment, "", None),
    (fields.mapping, {"a": 1}, {"a": 1}),
    (fields.mapping, None, {}),
    (side, "BUY", Side.BUY),
]


@pytest.mark.parametrize(("read", "value", "expected"), GOOD, ids=repr)
def test_a_good_value_is_read(read: Read, value: object, expected: object) -> None:
    if read is whole and value is None:
        assert whole({}, "field") == 7
    else:
        assert read({"field": value}, "field") == expected


BAD: list[tuple[Read, object]] = [
    (fields.text, None), (fields.text, "  "), (fields.text, 5), (fields.texts, []), (fields.texts, [""]),
    (fields.texts, {"a": 1}), (fields.decimal, 0.1), (fields.decimal, True), (fields.decimal, "ten"),
    (fields.decimal, "inf"), (fields.decimal, "sNaN"), (fields.decimal, "1e9"), (fields.decimal, "1e-13"),
    (fields.decimal, "9" * 40), (fields.positive, "0"), (fields.positive, "-1"), (fields.positive, None),
    (whole, "²"), (whole, "1.0"), (whole, "--1"), (whole, True), (whole, ""), (whole, "9" * 5000),
    (fields.flag, "true"), (fields.flag, 1), (fields.moment, "tomorrow"), (fields.moment, 5),
    (fields.mapping, [1]), (side, "buy"), (side, None),
]  # fmt: skip


@pytest.mark.parametrize(("read", "value"), BAD, ids=lambda v: repr(v)[:40])
def test_a_bad_value_is_refused_by_its_name(read: Read, value: object) -> None:
    with pytest.raises(ConfigurationError, match="field"):
        read({"field": value}, "field")


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


_READS: list[Read] = [
    fields.text, fields.texts, fields.decimal, fields.positive, whole, fields.flag, fields.moment, fields.mapping, side,
]  # fmt: skip


@given(_json, st.sampled_from(_READS))
def test_whatever_a_page_sends_is_read_or_refused_never_a_fault(value: object, read: Read) -> None:
    words = "field"
    try:
        read({"field": value}, "field")
    except ConfigurationError as refused:
        words = str(refused)
    assert "field" in words
