"""Position: what a sleeve holds now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """`quantity` is all base coin held; `sellable` its whole lots, the rest is dust. `cost`: the quote spent on it."""

    account_id: str
    sleeve_id: str
    symbol: str
    quantity: Decimal
    sellable: Decimal
    cost: Decimal
    entry_price: Decimal
    opened_at: datetime
    stop_price: Decimal | None
    target_price: Decimal | None

    @property
    def covered(self) -> bool:
        """True where a stop is set for it."""
        return self.stop_price is not None
