"""What the risk gates say to a ticket before it is sent: the engine tells how things stand, the gates are asked here.

The same gates get the order afterwards; their word counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from decimal import Decimal

from engine.domain.account import Account
from engine.domain.decision import GateOutcome
from engine.domain.order import Order, OrderStatus, OrderType, Purpose, Side
from engine.queries.console import Console
from engine.queries.price import Price
from engine.queries.ticket import Ticket
from engine.risk.limits import RiskLimits
from engine.risk.manual import ManualView, manual_outcomes

TELLS = "manual"
"""Where in its status the engine tells the view."""
_TEXTS = {f.name for f in fields(ManualView) if f.name != "correlation" and "Decimal" in str(f.type)}
_FLOATS = {f.name for f in fields(ManualView) if "float" in str(f.type)}


def told(view: ManualView, symbol: str) -> Mapping[str, object]:
    """The view as JSON: numbers that JSON cannot hold exactly are written as text."""
    values = {f.name: getattr(view, f.name) for f in fields(view)}
    exact = {n: v if v is None else str(v) for n, v in values.items() if n in _TEXTS or n in _FLOATS}
    return {**values, **exact, "symbol": symbol}


def read_view(console: Console, symbol: str) -> ManualView | None:
    """What the engine told last about this instrument; None where it told nothing."""
    beat = console.board.heartbeat()
    row = beat.status.get(TELLS) if beat else None
    if not isinstance(row, Mapping) or row.get("symbol") != symbol:
        return None
    known = {f.name: row[f.name] for f in fields(ManualView) if f.name in row}
    known |= {n: Decimal(str(v)) for n, v in known.items() if n in _TEXTS and v is not None}
    known |= {n: float(str(v)) for n, v in known.items() if n in _FLOATS and v is not None}
    return ManualView(**known)


def read_limits(console: Console, account: Account) -> RiskLimits:
    """The limits in force: what was stored for the account, over the defaults."""
    stored = console.board.setting(f"limits:{account.account_id}")
    return RiskLimits.from_mapping(stored if isinstance(stored, dict) else {})


def gates_before(console: Console, account: Account, ticket: Ticket, price: Price) -> Sequence[GateOutcome] | None:
    """What each gate says to a purchase; None where there is none to ask yet, or the engine has not told its view."""
    view = read_view(console, ticket.symbol)
    if view is None or ticket.quantity is None or ticket.side is Side.SELL:
        return None
    seen = replace(
        view, price=price.ask, price_age=price.age.total_seconds(), good_for=price.good_for.total_seconds()
    )  # fmt: skip
    return manual_outcomes(_order(account, ticket, ticket.quantity, price), seen, read_limits(console, account))


def _order(account: Account, ticket: Ticket, quantity: Decimal, price: Price) -> Order:
    """The ticket as the gates look at it; it is never sent."""
    kind = OrderType.MARKET if ticket.kind == OrderType.MARKET else OrderType.LIMIT
    return Order(
        client_id="", account_id=account.account_id, sleeve_id="", symbol=ticket.symbol, side=ticket.side, type=kind,
        purpose=Purpose.ENTRY, quantity=quantity, price=ticket.price, stop_price=None, list_id=None,
        bar_close_at=price.as_of, intent_at=price.as_of, status=OrderStatus.INTENT,
    )  # fmt: skip
