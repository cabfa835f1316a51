"""Column types that lose nothing: decimals and UTC moments mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import BigInteger, Dialect, Text
from sqlalchemy.types import TypeDecorator

E = TypeVar("E", bound=StrEnum)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


class DecimalText(TypeDecorator[Decimal]):
    """An exact decimal as its digits (`Numeric` on SQLite is a REAL and loses some). Does not sort: order in Python."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write every digit, never an exponent."""
        if value is None:
            return None
        if not isinstance(value, Decimal) or not value.is_finite():
            raise TypeError(f"{value!r} is not a finite Decimal; amounts are stored exactly")
        return format(value, "f")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        """Read them back."""
        return None if value is None else Decimal(value)


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC moment as whole microseconds since 1970: it sorts, and keeps its zone."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Refuse a naive datetime: nobody knows which moment it means."""
        return None if value is None else to_us(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Always aware, always UTC."""
        return None if value is None else from_us(value)


class EnumText(TypeDecorator[E]):
    """A member of a closed set as its value; an unknown value in the database is an error, not a guess."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: type[E]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: E | None, dialect: Dialect) -> str | None:
        """Take members and their values alike."""
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> E | None:
        """The member."""
        return None if value is None else self.kind(value)


class JsonText(TypeDecorator[Any]):
    """JSON as compact text, floats to the last bit; NaN is refused, since not every reader takes it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """None becomes NULL."""
        return None if value is None else _ENCODER.encode(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """The value that was stored (tuples come back as lists)."""
        return None if value is None else json.loads(value)


def to_us(at: datetime) -> int:
    """Microseconds since 1970 UTC.

    >>> to_us(datetime(2025, 4, 1, tzinfo=UTC))
    1743465600000000
    """
    if at.tzinfo is None:
        raise TypeError(f"{at} has no time zone; times are aware UTC")
    return (at - _EPOCH) // _MICROSECOND


def from_us(us: int) -> datetime:
    """The aware UTC datetime of `us`."""
    return _EPOCH + timedelta(microseconds=us)
