"""Stops and targets set by hand: the old ones are cancelled, and once that is sure the desk places the new ones."""

from __future__ import annotations

from decimal import Decimal

from engine.autotrader.answer import Answer
from engine.autotrader.session import Session
from engine.commands.tickets import MoveStop, PlaceOrder, Ticket
from engine.domain.errors import ConfigurationError, InvalidOrder
from engine.domain.guard import Guard
from engine.domain.order import Purpose
from engine.domain.quote import Quote
from engine.execution.protect import wanted_prices
from engine.queries.words import exactly

Prices = tuple[Decimal, Decimal | None]
"""Stop and target."""


def moved(request: MoveStop, session: Session) -> Prices:
    """Where stop and target lie once the stop has moved: the target stays."""
    return request.stop_price, wanted_prices(session.trader.book, request.sleeve_id)[1]


def guarded(request: PlaceOrder, session: Session, sleeve_id: str) -> Prices:
    """Where a ticket wants stop and target: a limit or target keeps the stop that there is, a stop stands alone."""
    held = session.trader.book.sleeve(sleeve_id).quantity
    if request.quantity not in (None, held):
        raise InvalidOrder(
            f"quantity {request.quantity:f} must be {exactly(held)}: stop and target guard the whole position; "
            "a part of it can be sold at market"
        )
    if request.type is Ticket.STOP:
        assert request.stop_price is not None, "parsed so"
        return request.stop_price, None
    stop = request.stop_price or wanted_prices(session.trader.book, sleeve_id)[0]
    if stop is None:
        raise InvalidOrder("stop_price is missing: the position has no stop yet; place an OCO")
    return stop, request.price


def set_guard(session: Session, sleeve_id: str, prices: Prices, quote: Quote, key: str) -> Answer:
    """Bring stop and target of what a sleeve holds to these prices, in one committed step."""
    _check(session, sleeve_id, prices, quote)
    book, desk = session.trader.book, session.trader.cycle.desk
    if book.sleeve(sleeve_id).protection_prices == prices:
        return guard_words(session, sleeve_id)
    draft = desk.draft()
    guard = Guard(
        key=key, account_id=session.account.account_id, sleeve_id=sleeve_id, stop_price=prices[0],
        target_price=prices[1], set_at=session.clock.now(),
    )  # fmt: skip
    book.set_guard(guard, draft)
    book.ask_cancel(book.sleeve(sleeve_id).protection, "moved by the operator", draft)
    desk.commit(draft)
    session.trader.watch()
    return guard_words(session, sleeve_id)


def guard_words(session: Session, sleeve_id: str) -> Answer:
    """What has come of a guard by now."""
    page = session.trader.book.sleeve(sleeve_id)
    if page.holding is None or not page.lots:
        return Answer(message="The position was closed before its stop moved; no stop is needed any more.")
    symbol, wanted = page.holding.symbol, wanted_prices(session.trader.book, sleeve_id)
    lie = f"{symbol}: {_words(*wanted)}"
    if page.protection_prices == wanted:
        return Answer(message=f"{lie}.", result={"sleeve_id": sleeve_id})
    return Answer(message=f"{lie} is on its way: the exchange has yet to confirm that the old one is gone.")


def _words(stop: Decimal | None, target: Decimal | None) -> str:
    tail = "no target" if target is None else f"the target at {exactly(target)}"
    return ("no stop" if stop is None else f"the stop at {exactly(stop)}") + f", {tail}"


def _check(session: Session, sleeve_id: str, prices: Prices, quote: Quote) -> None:
    page, instrument = session.trader.book.sleeve(sleeve_id), session.instruments[quote.symbol]
    stop, target = prices
    if not page.lots:
        raise ConfigurationError("nothing is held there any more; look at the list again")
    if page.orders(Purpose.EXIT):
        raise InvalidOrder(f"{quote.symbol}: a sale of this position is under way; it needs no other stop")
    for price in prices:
        if price is not None:
            instrument.ticks(price)
    if stop >= quote.bid:
        raise InvalidOrder(
            f"a stop at {exactly(stop)} would sell at once: it must lie below the price now ({exactly(quote.bid)}); "
            "to sell now, close the position"
        )
    if target is not None and target <= quote.bid:
        raise InvalidOrder(
            f"a sale at {exactly(target)} would fill at once: it must lie above the price now ({exactly(quote.bid)}); "
            "to sell now, close the position or sell at market"
        )
