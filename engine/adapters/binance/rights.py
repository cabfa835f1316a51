"""What our key may do, and what a fill costs it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engine.adapters.binance.errors import NotOffered
from engine.adapters.binance.signed import SignedTransport
from engine.domain.errors import MarketDataError
from engine.domain.money import exact, plain
from engine.domain.venue import Commission, KeyRights


def key_rights(transport: SignedTransport) -> KeyRights | None:
    """Ask what the key may do; None where the venue does not tell (testnet, Binance.US). Weight 1."""
    try:
        body = transport.ask("/sapi/v1/account/apiRestrictions", weight=1)
    except NotOffered:
        return None
    return KeyRights(
        trade=_flag(body, "enableSpotAndMarginTrading"),
        withdraw=_flag(body, "enableWithdrawals"),
        transfer=_flag(body, "enableInternalTransfer") or _flag(body, "permitsUniversalTransfer"),
        ip_bound=_flag(body, "ipRestrict"),
    )


def commission(transport: SignedTransport, symbol: str) -> Commission:
    """Ask what a fill at once costs on this instrument. Weight 20."""
    body = transport.ask("/api/v3/account/commission", {"symbol": symbol}, weight=20)
    discount = body.get("discount") or {}
    bnb = bool(discount.get("enabledForAccount")) and bool(discount.get("enabledForSymbol"))
    # `discount` is what is left of the standard fee; the other two are never reduced.
    left = _ratio(discount, "discount") if bnb else Decimal(1)

    def of(side: str) -> Decimal:
        parts = [body.get(name) or {} for name in ("standardCommission", "specialCommission", "taxCommission")]
        standard, special, tax = (_ratio(p, "taker") + _ratio(p, side) if p else Decimal(0) for p in parts)
        return plain(standard * left + special + tax)

    return Commission(symbol=symbol, buy_ratio=of("buyer"), sell_ratio=of("seller"), bnb=bnb)


def _flag(body: Mapping[str, Any], name: str) -> bool:
    """A right that is not told counts as unreadable, never as absent."""
    value = body.get(name)
    if not isinstance(value, bool):
        raise MarketDataError(f"apiRestrictions: {name} is {value!r}; Binance documents true or false")
    return value


def _ratio(body: Mapping[str, Any], name: str) -> Decimal:
    value = body.get(name)
    if not isinstance(value, str):
        raise MarketDataError(f"account/commission: {name} is {value!r}; Binance documents a decimal in a string")
    return exact(value)
