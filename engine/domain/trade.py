"""Trade: a closed round trip."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from engine.domain.order import ExitReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """Bought, sold, and what remained. `entry_price`/`exit_price` are quantity-weighted; `fees` and `profit` in quote,
    fees taken in the base coin valued at their fill's price; `profit` is FIFO and net of all costs."""

    account_id: str
    sleeve_id: str
    symbol: str
    quantity: Decimal
    opened_at: datetime
    closed_at: datetime
    entry_price: Decimal
    exit_price: Decimal
    fees: Decimal
    profit: Decimal
    exit_reason: ExitReason
