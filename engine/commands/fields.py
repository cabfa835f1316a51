"""Read one field of a payload: its type is checked here, and the error names field, value and way out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from engine.domain.errors import ConfigurationError
from engine.domain.interval import parse_time
from engine.domain.money import ATOM, exact

_MOST = 1_000_000_000
_PLACES = 12

E = TypeVar("E", bound=StrEnum)
Payload = Mapping[str, object]


def text(payload: Payload, name: str) -> str:
    """A text that is not empty."""
    value = payload.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ConfigurationError(f"{name} is missing; fill it in")
    return value.strip()


def texts(payload: Payload, name: str) -> tuple[str, ...]:
    """One text or more."""
    value = payload.get(name)
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or not items or not all(isinstance(i, str) and i for i in items):
        raise ConfigurationError(f"{name} {value!r} must be one text or more, e.g. BTCUSDT")
    return tuple(dict.fromkeys(str(i) for i in items))


def choice(payload: Payload, name: str, options: type[E]) -> E:
    """A member of a closed set."""
    value = payload.get(name)
    try:
        return options(str(value))
    except ValueError:
        raise ConfigurationError(f"{name} {value!r} is not one of {', '.join(options)}") from None


def decimal(payload: Payload, name: str) -> Decimal | None:
    """An exact number, or None where it is absent. A float in the payload is refused."""
    value = payload.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str | int | Decimal) or isinstance(value, bool):
        raise ConfigurationError(f"{name} {value!r} must be a number written as text, e.g. '0.05'")
    try:
        return handy(exact(value))
    except ConfigurationError as error:
        raise ConfigurationError(f"{name}: {error}") from None


def handy(number: Decimal) -> Decimal:
    """A number that every later sum can hold; ConfigurationError where it has too many digits."""
    if abs(number) >= _MOST or number != round(number, _PLACES):
        raise ConfigurationError(f"{number} is out of range; below {_MOST:,} with at most {_PLACES} decimal places")
    return number


def money(number: Decimal) -> Decimal:
    """An amount of money: whole atoms, so that the ledger can hold it exactly."""
    if handy(number) % ATOM:
        raise ConfigurationError(f"{number:f} has more than eight decimal places; no money is that small")
    return number


def positive(payload: Payload, name: str) -> Decimal:
    """A number above zero."""
    value = decimal(payload, name)
    if value is None or value <= 0:
        raise ConfigurationError(f"{name} {payload.get(name)!r} must be a number above zero")
    return value


def whole(payload: Payload, name: str, default: int) -> int:
    """A whole number, `default` where it is absent."""
    value = payload.get(name, default)
    digits = str(value).removeprefix("-")
    if isinstance(value, bool) or not (digits.isascii() and digits.isdigit() and len(digits) <= 18):
        raise ConfigurationError(f"{name} {value!r} must be a whole number")
    return int(str(value))


def flag(payload: Payload, name: str) -> bool:
    """True or false; absent is false."""
    value = payload.get(name, False)
    if not isinstance(value, bool):
        raise ConfigurationError(f"{name} {value!r} must be true or false")
    return value


def moment(payload: Payload, name: str) -> datetime | None:
    """A time in ISO 8601, UTC where it names no zone; None where it is absent."""
    value = payload.get(name)
    if value is None or value == "":
        return None
    try:
        return parse_time(str(value))
    except ValueError as error:
        raise ConfigurationError(f"{name}: {error}") from None


def mapping(payload: Payload, name: str) -> Payload:
    """A mapping; empty where it is absent."""
    value = payload.get(name) or {}
    if not isinstance(value, Mapping):
        raise ConfigurationError(f"{name} {value!r} must be a table of names and values")
    return value
