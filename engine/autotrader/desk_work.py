"""Commands about orders and positions, placed by hand."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal

from engine.autotrader.answer import Answer, Doer
from engine.autotrader.errands import cancel_orders, sell_all
from engine.autotrader.house import House
from engine.autotrader.session import Session
from engine.autotrader.tickets import client_ids, manual_sleeve, orders_of, view_of
from engine.commands import fields
from engine.commands.requests import PlaceOrder
from engine.domain.command import Command, CommandKind
from engine.domain.errors import ConfigurationError, InvalidOrder, OrderRejected, TradingHalted
from engine.domain.order import ApprovedOrder, Order, OrderStatus, Purpose, Side
from engine.domain.quote import Quote
from engine.risk.approve import Refusal, approve_manual


class DeskWork:
    """Each command sends at most what it was asked for, once: the client id is made from the command's key."""

    def __init__(self, house: House) -> None:
        self._house = house

    def doers(self) -> Mapping[CommandKind, Doer]:
        """Which method answers what."""
        return {
            CommandKind.PLACE_ORDER: self.place,
            CommandKind.CANCEL_ORDER: self.cancel,
            CommandKind.CANCEL_ALL: self.cancel_all,
            CommandKind.CLOSE_POSITION: self.close,
            CommandKind.FLATTEN: self.flatten,
        }

    def place(self, command: Command) -> Answer:
        """Place a ticket's order, or say which gate refuses it."""
        request = PlaceOrder.parse(command.payload)
        session = self._house.in_session()
        before = self._stored(session, client_ids(command.key))
        if before:  # a crash came between the order and its answer
            return self._told(session, before)
        if request.symbol not in session.instruments:
            raise ConfigurationError(f"symbol {request.symbol!r} is not on offer here; choose one of the list")
        quote = self._quote(session, request.symbol)
        sleeve = manual_sleeve(session.account, request.symbol, session.clock.now())
        self._house.ledger.put_sleeve(sleeve)
        session.seat(sleeve)
        limits = session.trader.cycle.terms.limits
        view = view_of(session, sleeve.sleeve_id, quote, self._house.ledger.halts(session.account.account_id))
        approved: list[ApprovedOrder] = []
        for order in orders_of(request, command.key, session, sleeve, quote):
            verdict = approve_manual(order, view, limits)
            if isinstance(verdict, Refusal):
                raise InvalidOrder(verdict.reason)
            approved.append(verdict)
        return self._carry_out(session, approved, command)

    def _carry_out(self, session: Session, approved: list[ApprovedOrder], command: Command) -> Answer:
        desk, book = session.trader.cycle.desk, session.trader.book
        draft = desk.draft()
        first = approved[0].order
        if first.side is Side.SELL:
            book.ask_cancel(book.sleeve(first.sleeve_id).protection, "replaced by the operator", draft)
        for one in approved:
            book.add(one, draft)
        try:
            desk.commit(draft)
        except TradingHalted:  # a halt came in between: nothing was written, so nothing may be sent
            for one in approved:
                book.forget(one.order)
            raise
        session.trader.watch()
        self._house.touch(command.key)
        return self._told(session, [a.order for a in approved])

    def _stored(self, session: Session, ids: Collection[str]) -> list[Order]:
        return [o for o in self._house.ledger.orders(session.account.account_id) if o.client_id in ids]

    def _told(self, session: Session, orders: list[Order]) -> Answer:
        """Say what the orders came to, from the ledger."""
        ids = {o.client_id for o in orders}
        rejected = [o for o in self._stored(session, ids) if o.status is OrderStatus.REJECTED]
        if rejected:
            raise OrderRejected(f"refused by the venue, nothing was executed: {rejected[0].note}")
        fills = [f for f in self._house.ledger.fills(session.account.account_id) if f.client_id in ids]
        result = {"client_ids": sorted(ids)}
        if fills:
            quantity = sum((f.quantity for f in fills), Decimal(0))
            verb = "Bought" if fills[0].side is Side.BUY else "Sold"
            return Answer(
                message=f"{verb} {quantity:f} {fills[0].symbol} at {fills[-1].price:f}.", result=result
            )  # fmt: skip
        return Answer(message="Order placed; it is listed under open orders.", result=result)

    def _quote(self, session: Session, symbol: str) -> Quote:
        quote = session.price(symbol)
        if quote is None:
            why = self._house.problem or "its source gave none"
            raise ConfigurationError(f"{symbol}: there is no price to trade at ({why}); try again in a moment")
        return quote

    def cancel(self, command: Command) -> Answer:
        """Cancel one open order, with the order that shares its list. A position that loses its stop gets it again."""
        session = self._house.in_session()
        book, desk = session.trader.book, session.trader.cycle.desk
        client_id = fields.text(command.payload, "client_id")
        order = book.orders.get(client_id)
        if order is None:
            raise ConfigurationError("that order is not open any more; look at the list again")
        if order.purpose in (Purpose.STOP, Purpose.TARGET):
            raise ConfigurationError(
                "this order guards a position, which must never be without a stop; close the position instead"
            )
        draft = desk.draft()
        book.ask_cancel([order], "asked by the operator", draft)
        desk.commit(draft)
        desk.carry_out()
        self._house.touch(command.key)
        words = f"{order.side} {order.quantity:f} {order.symbol}"
        stored = self._stored(session, [client_id])[0]
        if stored.status is OrderStatus.CANCELLED:
            return Answer(message=f"Cancelled: {words}.")
        if stored.status is OrderStatus.FILLED:
            return Answer(message=f"Too late: {words} was filled before the cancel arrived.")
        return Answer(message=f"The cancel of {words} is on its way; look at the list again.")

    def cancel_all(self, command: Command) -> Answer:
        """Cancel every open order that does not guard a position."""
        session = self._house.in_session()
        count = sum(cancel_orders(session, purpose, "cancel all") for purpose in (Purpose.ENTRY, Purpose.EXIT))
        self._house.touch(command.key)
        return Answer(message=f"{count} order{'s' * (count != 1)} cancelled. Stops of open positions stay.")

    def close(self, command: Command) -> Answer:
        """Sell everything that a sleeve holds, at market."""
        session = self._house.in_session()
        sleeve_id = fields.text(command.payload, "sleeve_id")
        if not session.trader.book.sleeve(sleeve_id).lots:
            raise ConfigurationError("that position is closed already; look at the list again")
        orders = sell_all(session, [sleeve_id], "closed by the operator")
        self._house.touch(command.key)
        return self._told(session, orders or session.trader.book.sleeve(sleeve_id).orders(Purpose.EXIT))

    def flatten(self, command: Command) -> Answer:
        """Cancel what is open and sell everything the engine holds, at market."""
        session = self._house.in_session()
        book = session.trader.book
        self.cancel_all(command)
        held = [s for s in sorted(book.portfolio.holdings) if book.sleeve(s).lots]
        sell_all(session, held, "flattened by the operator")
        left = [s for s in held if book.sleeve(s).lots]
        if left:
            return Answer(message=f"{len(held) - len(left)} closed; {len(left)} still wait for a price. See the list.")
        return Answer(message=f"Flat: {len(held)} position{'s' * (len(held) != 1)} closed, open orders cancelled.")
