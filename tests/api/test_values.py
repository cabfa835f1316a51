"""What a value looks like on the wire."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import IntEnum, StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as some

from engine.api.values import to_json


class Colour(StrEnum):
    RED = "red"


class Size(IntEnum):
    SMALL = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    price: Decimal
    at: datetime
    colours: tuple[Colour, ...]
    note: str | None = None


def test_a_dataclass_becomes_an_object() -> None:
    paris = timezone(timedelta(hours=2))
    thing = Thing(price=Decimal("1.2300"), at=datetime(2025, 4, 1, 2, tzinfo=paris), colours=(Colour.RED,))

    assert to_json(thing) == {"price": "1.23", "at": "2025-04-01T00:00:00Z", "colours": ["red"], "note": None}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (Decimal("1E+3"), "1000"),
        (Decimal("0E-8"), "0"),
        (Decimal("0.00000001"), "1E-8"),
        (float("inf"), None),
        (timedelta(minutes=1), 60.0),
        (Size.SMALL, 1),
        (True, True),
        ({1: {2}}, {"1": [2]}),
    ],
)
def test_each_kind(value: object, told: object) -> None:
    assert to_json(value) == told


def test_what_has_no_form_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no form on the wire"):
        to_json(object())


@given(some.decimals(allow_nan=False, allow_infinity=False, places=8, min_value=-(10**12), max_value=10**12))
def test_a_decimal_survives_the_wire_exactly(amount: Decimal) -> None:
    assert Decimal(json.loads(json.dumps(to_json(amount)))) == amount


def test_times_are_utc() -> None:
    assert to_json(datetime(2025, 4, 1, 12, 0, 0, 5000, tzinfo=UTC)) == "2025-04-01T12:00:00.005Z"
