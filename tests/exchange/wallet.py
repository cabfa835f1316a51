"""One account's assets: what is free, and what is promised to resting orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal

from tests.exchange.fields import EIGHT
from tests.exchange.refusal import Refusal

ZERO = Decimal(0)


def insufficient() -> Refusal:
    return Refusal(-2010, "Account has insufficient balance for requested action.")


@dataclass(slots=True, eq=False)
class Reserve:
    """What one order, or both legs of an OCO together, keep locked."""

    asset: str
    left: Decimal = ZERO


@dataclass(slots=True)
class Wallet:
    free: dict[str, Decimal] = field(default_factory=dict)
    locked: dict[str, Decimal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for asset in self.free:
            self.locked.setdefault(asset, ZERO)

    def assets(self) -> list[str]:
        return list(self.free)

    def available(self, asset: str) -> Decimal:
        return self.free.get(asset, ZERO)

    def add(self, asset: str, amount: Decimal) -> None:
        self.free[asset] = self.available(asset) + amount
        self.locked.setdefault(asset, ZERO)

    def hold(self, reserve: Reserve, amount: Decimal) -> None:
        """Bring what is locked for `reserve` to `amount`, from or to what is free."""
        change = amount - reserve.left
        if change > self.available(reserve.asset):
            raise insufficient()
        self.add(reserve.asset, -change)
        self.locked[reserve.asset] += change
        reserve.left = amount

    def pay(self, reserve: Reserve, amount: Decimal) -> None:
        """Out of the reserve, and out of what is free where the reserve is too small."""
        part = min(amount, reserve.left)
        if amount - part > self.available(reserve.asset):
            raise insufficient()
        reserve.left -= part
        self.locked[reserve.asset] -= part
        self.add(reserve.asset, part - amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeRates:
    """Ratios of the notional. `in_bnb`: a quarter less, in BNB, as long as there is enough of it."""

    maker: Decimal = Decimal("0.001")
    taker: Decimal = Decimal("0.001")
    in_bnb: bool = False
    bnb_multiplier: Decimal = Decimal("0.75")


def fee(
    rates: FeeRates, wallet: Wallet, *, received: str, amount: Decimal, maker: bool, bnb_prices: Mapping[str, Decimal]
) -> tuple[Decimal, str]:
    """Commission and its asset. It leaves what was received, or BNB. The recorded ones are cut, not rounded."""
    rate = rates.maker if maker else rates.taker
    if rates.in_bnb and received in bnb_prices:
        in_bnb = (amount * rate * rates.bnb_multiplier / bnb_prices[received]).quantize(EIGHT, ROUND_DOWN)
        if in_bnb <= wallet.available("BNB"):
            return in_bnb, "BNB"
    return (amount * rate).quantize(EIGHT, ROUND_DOWN), received
