"""From an operator's ticket to orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from engine.autotrader.session import Session
from engine.commands.requests import PlaceOrder, Ticket
from engine.domain.account import Account
from engine.domain.errors import InvalidOrder
from engine.domain.halt import Halt
from engine.domain.interval import Interval
from engine.domain.money import from_atoms
from engine.domain.order import ExitReason, Order, OrderStatus, OrderType, Purpose, Side, hashed_id
from engine.domain.quote import Quote
from engine.domain.sleeve import MANUAL, Sleeve, SleeveState
from engine.risk.approve import ManualView


def manual_sleeve(account: Account, symbol: str, now: datetime) -> Sleeve:
    """The sleeve that owns the operator's own trades in `symbol`."""
    return Sleeve(
        sleeve_id=f"{account.account_id}-{MANUAL}-{symbol}", account_id=account.account_id, strategy=MANUAL,
        symbol=symbol, interval=Interval.H1, state=SleeveState.ACTIVE, created_at=now,
    )  # fmt: skip


def view_of(session: Session, sleeve_id: str, quote: Quote, halts: Sequence[Halt]) -> ManualView:
    """The account as a manual order meets it."""
    book = session.trader.book
    now = session.trader.cycle.value(session.clock.now())
    promised = sum((_promised(o, session, quote) for o in book.orders.values()), Decimal(0))
    leaving = sum((o.quantity - o.filled_quantity for o in book.sleeve(sleeve_id).orders(Purpose.EXIT)), Decimal(0))
    return ManualView(
        cash=from_atoms(book.portfolio.cash) - promised,
        equity=now.equity,
        exposure=now.exposure + promised,
        price=quote.ask,
        held=book.sleeve(sleeve_id).quantity - leaving,
        min_notional=book.instruments[quote.symbol].min_notional,
        halted_by=halts[0].cause if halts else None,
    )


def _promised(order: Order, session: Session, quote: Quote) -> Decimal:
    """What an open buy may still cost, in quote: at its limit, else at the newest price."""
    if order.side is Side.SELL:
        return Decimal(0)
    newest = quote if order.symbol == quote.symbol else session.price(order.symbol)
    price = order.price or (newest.ask if newest is not None else Decimal(0))
    return (order.quantity - order.filled_quantity) * price


def client_ids(key: str) -> tuple[str, str]:
    """Ids of a ticket's order and of the second leg of its OCO, made from its command's key."""
    return hashed_id("am", key), hashed_id("at", key)


def orders_of(request: PlaceOrder, key: str, session: Session, sleeve: Sleeve, quote: Quote) -> list[Order]:
    """The ticket's order, or both legs of its OCO; InvalidOrder where a price or quantity is off the grid.

    A sale at a limit keeps the position's stop beside it: it becomes an OCO with the stop that rests now.
    """
    instrument = session.instruments[request.symbol]
    instrument.lots(request.quantity)
    for price in (request.price, request.stop_price):
        if price is not None:
            instrument.ticks(price)
    order = _order(request, key, session, sleeve, quote)
    if request.side is Side.BUY:
        limits = session.trader.cycle.terms.limits
        kind = OrderType.MARKET if request.type is Ticket.MARKET else OrderType.LIMIT
        price = request.price if kind is OrderType.LIMIT else None
        return [replace(order, type=kind, price=price, stop_ratio=limits.stop_loss, target_ratio=limits.take_profit)]
    if request.type is Ticket.MARKET:
        return [order]
    stop_price = request.stop_price or session.trader.book.sleeve(sleeve.sleeve_id).protection_prices[0]
    held = session.trader.book.sleeve(sleeve.sleeve_id).quantity
    if request.quantity != held:
        raise InvalidOrder(f"quantity {request.quantity:f} must be {held:f}: a stop guards the whole position")
    if stop_price is None:
        raise InvalidOrder("stop_price is missing: the position has no stop yet; place an OCO")
    if not (stop_price < quote.bid and (request.price is None or request.price > quote.bid)):
        raise InvalidOrder(f"the stop must lie below the price now ({quote.bid:f}) and the limit above it")
    stop = replace(
        order, type=OrderType.STOP, purpose=Purpose.STOP, stop_price=stop_price, exit_reason=ExitReason.STOP
    )
    if request.type is Ticket.STOP:
        return [stop]
    list_id = hashed_id("al", key)
    target = replace(
        order, client_id=client_ids(key)[1], type=OrderType.LIMIT, purpose=Purpose.TARGET, price=request.price,
        exit_reason=ExitReason.TARGET, list_id=list_id,
    )  # fmt: skip
    return [replace(stop, list_id=list_id), target]


def _order(request: PlaceOrder, key: str, session: Session, sleeve: Sleeve, quote: Quote) -> Order:
    selling = request.side is Side.SELL
    return Order(
        client_id=client_ids(key)[0], account_id=session.account.account_id, sleeve_id=sleeve.sleeve_id,
        symbol=request.symbol, side=request.side, type=OrderType.MARKET,
        purpose=Purpose.EXIT if selling else Purpose.ENTRY, quantity=request.quantity, price=None, stop_price=None,
        list_id=None, bar_close_at=quote.as_of, intent_at=session.clock.now(), status=OrderStatus.INTENT,
        exit_reason=ExitReason.OPERATOR if selling else None,
    )  # fmt: skip
