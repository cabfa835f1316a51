"""What our key may do, and what a fill costs it."""

from __future__ import annotations

from decimal import Decimal

from engine.adapters.binance.errors import NotOffered
from engine.adapters.binance.fields import decimal, flag
from engine.adapters.binance.signed import SignedTransport
from engine.domain.money import plain
from engine.domain.venue import Commission, KeyRights


def key_rights(transport: SignedTransport) -> KeyRights | None:
    """Ask what the key may do; None where the venue does not tell (testnet, Binance.US). Weight 1."""
    try:
        body = transport.ask("/sapi/v1/account/apiRestrictions", weight=1)
    except NotOffered:
        return None
    where = "apiRestrictions"
    return KeyRights(
        trade=flag(body, "enableSpotAndMarginTrading", where),
        withdraw=flag(body, "enableWithdrawals", where),
        transfer=flag(body, "enableInternalTransfer", where) or flag(body, "permitsUniversalTransfer", where),
        ip_bound=flag(body, "ipRestrict", where),
    )


def commission(transport: SignedTransport, symbol: str) -> Commission:
    """Ask what a fill at once costs on this instrument. Weight 20."""
    body = transport.ask("/api/v3/account/commission", {"symbol": symbol}, weight=20)
    discount = body.get("discount") or {}
    bnb = bool(discount.get("enabledForAccount")) and bool(discount.get("enabledForSymbol"))
    # `discount` is what is left of the standard fee; the other two are never reduced.
    where = "account/commission"
    left = decimal(discount, "discount", where) if bnb else Decimal(1)

    def of(side: str) -> Decimal:
        def part(name: str) -> Decimal:
            rates = body.get(name)
            return decimal(rates, "taker", where) + decimal(rates, side, where) if rates else Decimal(0)

        return plain(part("standardCommission") * left + part("specialCommission") + part("taxCommission"))

    return Commission(symbol=symbol, buy_ratio=of("buyer"), sell_ratio=of("seller"), bnb=bnb)
