"""Errands: what several commands have done about orders, each in one committed step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from engine.autotrader.session import Session
from engine.domain.order import ExitReason, Order, Purpose, hashed_id
from engine.execution.protect import closing
from engine.risk.approve import approve_exit


def ask_cancels(session: Session, cause: str, *purposes: Purpose, sleeve_id: str | None = None) -> list[Order]:
    """Cancel the open orders of these purposes, of one sleeve or of all; which ones. A cancel that was asked for before
    and is not confirmed yet is asked for again."""
    book, desk = session.trader.book, session.trader.cycle.desk
    draft = desk.draft()
    orders = [o for o in book.orders.values() if o.purpose in purposes and sleeve_id in (None, o.sleeve_id)]
    book.ask_cancel(orders, cause, draft)
    desk.commit(draft)
    desk.carry_out()
    return orders


def closing_id(key: str, sleeve_id: str) -> str:
    """The id of a sale that a command asked for, made from the command's key."""
    return hashed_id("aa", f"by hand|{key}|{sleeve_id}")


def sell_all(session: Session, sleeve_ids: Iterable[str], cause: str, key: str) -> list[Order]:
    """Sell what these sleeves hold, at market, after their protection is gone. Without a price now, the sale waits for
    the next one; a sale under way is not asked for twice."""
    book, desk = session.trader.book, session.trader.cycle.desk
    draft, orders = desk.draft(), []
    for sleeve_id in sleeve_ids:
        page = book.sleeve(sleeve_id)
        leaving = sum((o.quantity - o.filled_quantity for o in page.orders(Purpose.EXIT)), Decimal(0))
        if page.holding is None or page.quantity <= leaving:
            continue
        quote = session.price(page.holding.symbol)
        moment = session.clock.now() if quote is None else quote.as_of
        book.ask_cancel(page.protection, cause, draft)
        order = closing(book, sleeve_id, ExitReason.OPERATOR, moment, session.clock.now())
        order = replace(order, client_id=closing_id(key, sleeve_id), quantity=page.quantity - leaving)
        book.add(approve_exit(order), draft)
        orders.append(order)
    desk.commit(draft)
    session.trader.watch()
    return orders
