"""Fills told in few words."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import count

from engine.domain.account import Account, AccountKind, Costs, Source
from engine.domain.fill import Fill
from engine.domain.order import Side
from tests.builders import utc

_numbers = count(1)
ACCOUNT = Account(
    account_id="paper", name="Paper", kind=AccountKind.PAPER, source=Source.ARCHIVE, quote="USDT", cash=Decimal(10_000),
    costs=Costs(), created_at=utc("2025-01-01"),
)  # fmt: skip


def fill(side: Side, quantity: str, price: str, fee: str = "0", *, hour: int = 0, asset: str | None = None) -> Fill:
    """A fill of sleeve `s` on BTCUSDT, `hour` hours into 2025; the fee in the coin that Binance would take it from."""
    n = next(_numbers)
    return Fill(
        fill_id=f"f{n}", client_id=f"aa{n}", account_id="paper", sleeve_id="s", symbol="BTCUSDT", side=side,
        quantity=Decimal(quantity), price=Decimal(price), fee=Decimal(fee),
        fee_asset=asset or ("BTC" if side is Side.BUY else "USDT"),
        filled_at=utc("2025-01-01") + timedelta(hours=hour),
    )  # fmt: skip


def buy(quantity: str, price: str, fee: str = "0", *, hour: int = 0, asset: str | None = None) -> Fill:
    """A buy."""
    return fill(Side.BUY, quantity, price, fee, hour=hour, asset=asset)


def sell(quantity: str, price: str, fee: str = "0", *, hour: int = 0, asset: str | None = None) -> Fill:
    """A sale."""
    return fill(Side.SELL, quantity, price, fee, hour=hour, asset=asset)
