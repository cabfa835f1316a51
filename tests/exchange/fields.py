"""Numbers as the exchange writes them: decimals are strings, most of them with eight places."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

EIGHT = Decimal("0.00000001")


def decimal8(value: Decimal) -> str:
    """Eight places, cut off.

    >>> decimal8(Decimal("0.1"))
    '0.10000000'
    """
    return format(value.quantize(EIGHT, ROUND_DOWN), "f")


def percent(value: Decimal) -> str:
    """Three places, as in priceChangePercent."""
    return format(value.quantize(Decimal("0.001"), ROUND_HALF_EVEN), "f")
