"""From an operator's ticket to orders."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from engine.autotrader.session import Session
from engine.commands.tickets import PlaceOrder, Ticket
from engine.domain.account import Account
from engine.domain.errors import InvalidOrder
from engine.domain.guard import Guard
from engine.domain.interval import Interval
from engine.domain.order import ExitReason, Order, OrderStatus, OrderType, Purpose, Side, hashed_id
from engine.domain.quote import Quote
from engine.domain.sleeve import MANUAL, Sleeve, SleeveState


def manual_sleeve(account: Account, symbol: str, now: datetime) -> Sleeve:
    """The sleeve that owns the operator's own trades in `symbol`."""
    return Sleeve(
        sleeve_id=f"{account.account_id}-{MANUAL}-{symbol}", account_id=account.account_id, strategy=MANUAL,
        symbol=symbol, interval=Interval.H1, state=SleeveState.ACTIVE, created_at=now,
    )  # fmt: skip


def client_id(key: str) -> str:
    """The id of a command's order, made from the command's key: asked again, it is the same order."""
    return hashed_id("aa", f"by hand|{key}")


def entry_of(request: PlaceOrder, key: str, session: Session, sleeve: Sleeve, quote: Quote) -> Order:
    """The order that a ticket buys with; InvalidOrder where a price or quantity is off the grid or makes no sense."""
    instrument, limits = session.instruments[request.symbol], session.trader.cycle.terms.limits
    reference = request.price or quote.ask
    stop, target = request.stop_price, request.target_price
    for price in (request.price, stop, target):
        if price is not None:
            instrument.ticks(price)
    if stop is not None and stop >= reference:
        raise InvalidOrder(f"stop_price {stop:f} must lie below the price of the purchase ({reference:f})")
    if target is not None and target <= reference:
        raise InvalidOrder(f"target_price {target:f} must lie above the price of the purchase ({reference:f})")
    kind = OrderType.MARKET if request.type is Ticket.MARKET else OrderType.LIMIT
    order = _order(request, key, session, sleeve, quote)
    return replace(
        order, type=kind, price=request.price if kind is OrderType.LIMIT else None, stop_ratio=limits.stop_loss,
        target_ratio=limits.take_profit,
    )  # fmt: skip


def own_guard(request: PlaceOrder, key: str, order: Order) -> Guard | None:
    """The stop and target that a ticket's purchase brings itself; None where the limits set both."""
    if request.stop_price is None and request.target_price is None:
        return None
    return Guard(
        key=key, account_id=order.account_id, sleeve_id=order.sleeve_id, stop_price=request.stop_price,
        target_price=request.target_price, set_at=order.intent_at, entry_id=order.client_id,
    )  # fmt: skip


def sale_of(request: PlaceOrder, key: str, session: Session, sleeve: Sleeve, quote: Quote) -> Order:
    """The order that a ticket sells with at market."""
    return _order(request, key, session, sleeve, quote)


def _order(request: PlaceOrder, key: str, session: Session, sleeve: Sleeve, quote: Quote) -> Order:
    selling = request.side is Side.SELL
    quantity = request.quantity or Decimal(0)
    session.instruments[request.symbol].lots(quantity)
    return Order(
        client_id=client_id(key), account_id=session.account.account_id, sleeve_id=sleeve.sleeve_id,
        symbol=request.symbol, side=request.side, type=OrderType.MARKET,
        purpose=Purpose.EXIT if selling else Purpose.ENTRY, quantity=quantity, price=None, stop_price=None,
        list_id=None, bar_close_at=quote.as_of, intent_at=session.clock.now(), status=OrderStatus.INTENT,
        exit_reason=ExitReason.OPERATOR if selling else None,
    )  # fmt: skip
