"""Fields of Binance's answers, read as documented or refused by name: a guess here would be money elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engine.domain.errors import MarketDataError
from engine.domain.money import exact, plain

Body = Mapping[str, Any]


def text(body: Body, key: str, where: str) -> str:
    """A text that is not empty."""
    value = body.get(key)
    if not isinstance(value, str) or not value:
        raise MarketDataError(f"{where}: {key} is {value!r}; Binance documents a text")
    return value


def whole(body: Body, key: str, where: str) -> int:
    """An integer: an id or a time."""
    value = body.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        raise MarketDataError(f"{where}: {key} is {value!r}; Binance documents an integer")
    return value


def decimal(body: Body, key: str, where: str) -> Decimal:
    """A decimal in a string, exactly, without trailing zeros."""
    value = body.get(key)
    if not isinstance(value, str):
        raise MarketDataError(f"{where}: {key} is {value!r}; Binance documents a decimal in a string")
    return plain(exact(value))


def flag(body: Body, key: str, where: str) -> bool:
    """True or false."""
    value = body.get(key)
    if not isinstance(value, bool):
        raise MarketDataError(f"{where}: {key} is {value!r}; Binance documents true or false")
    return value
