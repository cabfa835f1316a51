"""Account: one pot of money with one ledger, fed by one source of prices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class AccountKind(StrEnum):
    """How orders of the account are filled."""

    PAPER = "PAPER"
    REPLAY = "REPLAY"
    TESTNET = "TESTNET"
    LIVE = "LIVE"

    @property
    def at_exchange(self) -> bool:
        """True where orders go to a real exchange, whose keys, balances and streams then matter."""
        return self in (AccountKind.TESTNET, AccountKind.LIVE)


class Source(StrEnum):
    """Where prices come from. SIMULATED is always labelled on screen; ARCHIVE and COINGECKO are for learning only;
    TESTNET has prices and rules of its own, which are nobody else's."""

    BINANCE = "BINANCE"
    TESTNET = "TESTNET"
    SIMULATED = "SIMULATED"
    ARCHIVE = "ARCHIVE"
    COINGECKO = "COINGECKO"


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What a fill costs: fee per side, half the spread, slippage; all ratios (0.001 = 10 bps).

    `impact`: coefficient of what an order's own size adds, at market (`engine.execution.impact`); 0 leaves it out. The
    gates reckon without it.
    """

    fee_ratio: Decimal = Decimal("0.001")
    half_spread_ratio: Decimal = Decimal("0.0001")
    slippage_ratio: Decimal = Decimal("0.0002")
    impact: Decimal = Decimal(0)

    @property
    def round_trip_ratio(self) -> Decimal:
        """Buying and selling again at an unchanged price."""
        return 2 * (self.fee_ratio + self.half_spread_ratio + self.slippage_ratio)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """`account_id` is short and stable; a reset opens a new account and keeps the old one's history."""

    account_id: str
    name: str
    kind: AccountKind
    source: Source
    quote: str
    cash: Decimal
    costs: Costs
    created_at: datetime
    closed_at: datetime | None = None
