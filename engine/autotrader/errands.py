"""Errands: what several commands have done about orders, each in one committed step."""

from __future__ import annotations

from collections.abc import Iterable

from engine.autotrader.session import Session
from engine.domain.order import ExitReason, Order, Purpose
from engine.execution.protect import closing
from engine.risk.approve import approve_exit


def cancel_orders(session: Session, purpose: Purpose, cause: str, sleeve_id: str | None = None) -> int:
    """Cancel the open orders of one purpose, of one sleeve or of all; how many."""
    book, desk = session.trader.book, session.trader.cycle.desk
    draft = desk.draft()
    orders = [o for o in book.orders.values() if o.purpose is purpose and sleeve_id in (None, o.sleeve_id)]
    book.ask_cancel(orders, cause, draft)
    desk.commit(draft)
    desk.carry_out()
    return len(orders)


def sell_all(session: Session, sleeve_ids: Iterable[str], cause: str) -> list[Order]:
    """Sell what these sleeves hold, at market, after their protection is gone. Without a price now, the sale waits for
    the next one; a sale under way is not asked for twice."""
    book, desk = session.trader.book, session.trader.cycle.desk
    draft, orders = desk.draft(), []
    for sleeve_id in sleeve_ids:
        page = book.sleeve(sleeve_id)
        if page.holding is None or not page.lots or page.orders(Purpose.EXIT):
            continue
        quote = session.price(page.holding.symbol)
        moment = session.clock.now() if quote is None else quote.as_of
        book.ask_cancel(page.protection, cause, draft)
        order = closing(book, sleeve_id, ExitReason.OPERATOR, moment, session.clock.now())
        book.add(approve_exit(order), draft)
        orders.append(order)
    desk.commit(draft)
    session.trader.watch()
    return orders
