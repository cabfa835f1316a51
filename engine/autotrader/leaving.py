"""Leaving: what must be so before an account at an exchange is left for another, or starts again."""

from __future__ import annotations

from engine.autotrader.errands import ask_cancels
from engine.autotrader.house import House
from engine.autotrader.outcomes import is_guard
from engine.domain.account import Account, AccountKind
from engine.domain.errors import ConfigurationError
from engine.domain.order import OrderStatus, Purpose
from engine.ports import Ledger

_RESTING = (OrderStatus.ACKNOWLEDGED, OrderStatus.WORKING)


def settle_before_leaving(house: House, wanted: Account | None) -> None:
    """Before the account in use is left for another: what waits to buy at its exchange is cancelled, for nobody
    would guard what fills later. While anything but resting stops and targets is open there, it is not left."""
    left = house.account_in_use()
    if left is None or left == wanted or not left.kind.at_exchange:
        return
    if house.session is not None:
        ask_cancels(house.session, "another account is used", Purpose.ENTRY)
    refuse_while_moving(house.ledger, left)


def refuse_while_moving(ledger: Ledger, left: Account) -> None:
    """ConfigurationError where anything but resting stops and targets is open at the account's exchange."""
    orders = ledger.orders(left.account_id, open_only=True) if left.kind.at_exchange else ()
    if moving := sorted({o.symbol for o in orders if not (is_guard(o) and o.status in _RESTING)}):
        raise ConfigurationError(
            f"account {left.name} has orders on their way ({', '.join(moving)}): the exchange has not confirmed "
            "what became of them, and nobody would guard what fills later. It stays in use; ask again in a moment"
        )


def clear_exchange(house: House, old: Account) -> None:
    """No order of the old account may stay behind; a live one must hold nothing either. What a testnet account
    held may be gone: the testnet forgets everything about once a month."""
    ledger, account_id = house.ledger, old.account_id
    if old.kind is AccountKind.LIVE and (ledger.positions(account_id) or ledger.orders(account_id, open_only=True)):
        raise ConfigurationError(f"account {old.name} still has positions or open orders; flatten it first")
    if open_orders := ledger.orders(account_id, open_only=True):
        session = house.in_session()
        if session.account.account_id != account_id or session.venue is None:
            raise ConfigurationError(f"account {old.name} has open orders; use it, then start it again")
        session.venue.cancel(open_orders)
