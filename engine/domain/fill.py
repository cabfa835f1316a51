"""Fill: one execution against an order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from engine.domain.order import Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """`fill_id` is made of the venue's own, unique per account; a repeated one is ignored. `fee` is in `fee_asset`."""

    fill_id: str
    client_id: str
    account_id: str
    sleeve_id: str
    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal
    fee_asset: str
    filled_at: datetime
