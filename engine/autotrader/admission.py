"""Admission: what an account at an exchange must show before it is opened."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_UP, Decimal

from engine.autotrader.house import money
from engine.autotrader.session import Makers
from engine.domain.account import Account, AccountKind, Costs
from engine.domain.errors import ConfigurationError
from engine.domain.venue import KeyRights

FOR_THE_CANARY = Decimal(20)
"""Quote that stays outside a testnet account: its canary really buys and sells, every day."""
_PPM = Decimal("0.000001")
NOT_BOUND = "The key works from any address: bind it to this machine's at the exchange."


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What is allotted, what the exchange takes for a fill, and what the operator is warned of."""

    cash: Decimal
    costs: Costs
    warnings: tuple[str, ...] = ()


def admit(account: Account, makers: Makers, *, or_less: bool = False) -> Admission:
    """ConfigurationError where keys, rights or the balance do not do, VenueError where nobody answers. With `or_less`
    what is free will do."""
    if missing := makers.missing(account.kind):
        raise ConfigurationError(missing)
    venue = makers.venue(account)
    try:
        rights = venue.rights()
        refuse_rights(account.kind, rights)
        balance = venue.standing().balances.get(account.quote)
        fees = venue.commission(f"BTC{account.quote}")
    finally:
        venue.close()
    kept = FOR_THE_CANARY if account.kind is AccountKind.TESTNET else Decimal(0)
    free = max(Decimal(0), (balance.free if balance else Decimal(0)) - kept)
    cash = min(account.cash, free) if or_less and free else account.cash
    if free < cash:
        tail = f", less {kept} for trying orders" if kept else ""
        raise ConfigurationError(
            f"cash {money(account.cash)}: the exchange holds {money(free)} {account.quote} free{tail}; "
            "allot at most that"
        )  # fmt: skip
    fee_ratio = max(fees.buy_ratio, fees.sell_ratio).quantize(_PPM, ROUND_UP)
    warnings = (NOT_BOUND,) if rights is not None and not rights.ip_bound else ()
    return Admission(cash=cash, costs=replace(account.costs, fee_ratio=fee_ratio), warnings=warnings)


def refuse_rights(kind: AccountKind, rights: KeyRights | None) -> None:
    """ConfigurationError where a live account's key may do more than trade, or not even that."""
    if kind is AccountKind.LIVE and rights is not None and rights.refused:
        raise ConfigurationError(f"live account: {rights.refused}")
