"""Commands about orders and positions, placed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from engine.autotrader.answer import Answer, Doer
from engine.autotrader.house import House
from engine.autotrader.session import Session
from engine.autotrader.tickets import manual_sleeve, orders_of, view_of
from engine.commands import fields
from engine.commands.requests import PlaceOrder
from engine.domain.command import Command, CommandKind
from engine.domain.errors import ConfigurationError, InvalidOrder, OrderRejected
from engine.domain.order import ApprovedOrder, ExitReason, Order, OrderStatus, Purpose, Side
from engine.domain.quote import Quote
from engine.execution.protect import closing
from engine.risk.approve import Refusal, approve_exit, approve_manual


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
        desk.commit(draft)
        session.trader.watch()
        self._house.touch(command.key)
        return self._told(session, [a.order for a in approved])

    def _told(self, session: Session, orders: list[Order]) -> Answer:
        """Say what the orders came to, from the ledger."""
        ids = {o.client_id for o in orders}
        stored = [o for o in self._house.ledger.orders(session.account.account_id) if o.client_id in ids]
        rejected = [o for o in stored if o.status is OrderStatus.REJECTED]
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
        return Answer(message=f"Cancelled: {order.side} {order.quantity:f} {order.symbol}.")

    def cancel_all(self, command: Command) -> Answer:
        """Cancel every open order that does not guard a position."""
        session = self._house.in_session()
        book, desk = session.trader.book, session.trader.cycle.desk
        orders = [o for o in book.orders.values() if o.purpose in (Purpose.ENTRY, Purpose.EXIT)]
        draft = desk.draft()
        book.ask_cancel(orders, "cancel all", draft)
        desk.commit(draft)
        desk.carry_out()
        self._house.touch(command.key)
        return Answer(message=f"{len(orders)} order{'s' * (len(orders) != 1)} cancelled. Stops of open positions stay.")

    def close(self, command: Command) -> Answer:
        """Sell everything that a sleeve holds, at market."""
        session = self._house.in_session()
        sleeve_id = fields.text(command.payload, "sleeve_id")
        if not session.trader.book.sleeve(sleeve_id).lots:
            raise ConfigurationError("that position is closed already; look at the list again")
        orders = self._sell_all(session, [sleeve_id])
        self._house.touch(command.key)
        return self._told(session, orders)

    def flatten(self, command: Command) -> Answer:
        """Cancel what is open and sell everything the engine holds, at market."""
        session = self._house.in_session()
        book = session.trader.book
        self.cancel_all(command)
        held = [s for s in sorted(book.portfolio.holdings) if book.sleeve(s).lots]
        self._sell_all(session, held)
        left = [s for s in held if book.sleeve(s).lots]
        if left:
            return Answer(message=f"{len(held) - len(left)} closed; {len(left)} still wait for a price. See the list.")
        return Answer(message=f"Flat: {len(held)} position{'s' * (len(held) != 1)} closed, open orders cancelled.")

    def _sell_all(self, session: Session, sleeve_ids: list[str]) -> list[Order]:
        book, desk = session.trader.book, session.trader.cycle.desk
        draft = desk.draft()
        orders = []
        for sleeve_id in sleeve_ids:
            holding = book.sleeve(sleeve_id).holding
            if holding is None or book.sleeve(sleeve_id).orders(Purpose.EXIT):
                continue
            moment = self._quote(session, holding.symbol).as_of
            book.ask_cancel(book.sleeve(sleeve_id).protection, "closed by the operator", draft)
            order = closing(book, sleeve_id, ExitReason.OPERATOR, moment, session.clock.now())
            book.add(approve_exit(order), draft)
            orders.append(order)
        desk.commit(draft)
        session.trader.watch()
        return orders
