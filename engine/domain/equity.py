"""Equity: what the account is worth at a moment, and how far below its peak."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class EquityMark:
    """Marked at a bar close. `day_start` is the last equity before 00:00 UTC; `external_flow` deposits less withdrawals
    since the mark before, kept out of profit: peak and day start are scaled with it."""

    account_id: str
    at: datetime
    equity: Decimal
    cash: Decimal
    exposure: Decimal
    peak: Decimal
    day_start: Decimal
    drawdown: Decimal
    external_flow: Decimal = Decimal(0)
