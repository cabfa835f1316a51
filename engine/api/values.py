"""Values on the wire: decimals as exact strings, times as ISO 8601 UTC, absence as null."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum

from engine.domain.interval import iso
from engine.domain.money import plain

Json = str | int | float | bool | list["Json"] | dict[str, "Json"] | None


def to_json(value: object) -> Json:
    """Turn a domain value into JSON.

    >>> to_json({"cash": Decimal("10.50"), "at": None, "odd": float("nan")})
    {'cash': '10.5', 'at': None, 'odd': None}
    """
    if isinstance(value, Enum):
        return to_json(value.value)
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return str(plain(value))
    return _time_or_many(value)


def _time_or_many(value: object) -> Json:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, Iterable):
        return [to_json(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no form on the wire")
