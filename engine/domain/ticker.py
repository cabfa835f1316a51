"""Ticker: what happened to an instrument in the last 24 hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticker:
    """A rolling day up to `as_of`. `change_ratio` is last / open - 1, as a fraction."""

    symbol: str
    last: Decimal
    open: Decimal
    high: Decimal
    low: Decimal
    change_ratio: Decimal
    base_volume: Decimal
    quote_volume: Decimal
    as_of: datetime
