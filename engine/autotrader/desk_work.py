"""Commands of the trade page: tickets, and stops that move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.autotrader.answer import Answer, Doer, Recall
from engine.autotrader.errands import closing_id
from engine.autotrader.guarding import guard_words, guarded, moved, set_guard
from engine.autotrader.house import House
from engine.autotrader.manual_view import view_of
from engine.autotrader.outcomes import stored, told
from engine.autotrader.session import Session
from engine.autotrader.tickets import client_id, entry_of, manual_sleeve, own_guard, sale_of
from engine.autotrader.ways_out import WaysOut
from engine.commands.tickets import MoveStop, PlaceOrder
from engine.domain.command import Command, CommandKind
from engine.domain.errors import ConfigurationError, InvalidOrder, TradingHalted
from engine.domain.guard import Guard
from engine.domain.order import ApprovedOrder, Order, Side
from engine.domain.quote import Quote
from engine.domain.sleeve import Sleeve
from engine.risk.approve import Refusal, approve_manual


class DeskWork:
    """Each command does at most what it was asked for, once: the client id is made from the command's key."""

    def __init__(self, house: House) -> None:
        self._house = house

    def doers(self) -> Mapping[CommandKind, Doer]:
        """Which method answers what."""
        return {
            CommandKind.PLACE_ORDER: self.place,
            CommandKind.MOVE_STOP: self.move_stop,
            **WaysOut(self._house).doers(),
        }

    def recalls(self) -> Mapping[CommandKind, Recall]:
        """Which method knows what came of a command whose answer was lost."""
        kinds = (CommandKind.PLACE_ORDER, CommandKind.CLOSE_POSITION, CommandKind.MOVE_STOP, CommandKind.FLATTEN)
        return dict.fromkeys(kinds, self.recall)

    def recall(self, command: Command) -> Answer | None:
        """What a command has done before its answer was lost, by the ids made from its key; None where nothing."""
        account = self._house.account_in_use()
        if account is None:
            return None
        ledger, account_id = self._house.ledger, account.account_id
        sleeves = [s.sleeve_id for s in ledger.sleeves(account_id)]
        ids = {client_id(command.key), *(closing_id(command.key, sleeve_id) for sleeve_id in sleeves)}
        known = stored(ledger, account_id, ids)
        if known:
            return told(ledger, account_id, {o.client_id for o in known})
        guard = next((g for g in ledger.guards(account_id) if g.key == command.key), None)
        return None if guard is None or self._house.session is None else guard_words(self._session(), guard.sleeve_id)

    def _session(self) -> Session:
        return self._house.in_session()

    def place(self, command: Command) -> Answer:
        """Place a ticket's order, or say which gate refuses it."""
        request = PlaceOrder.parse(command.payload)
        session = self._session()
        before = self.recall(command)
        if before is not None:  # a crash came between the order and its answer
            return before
        if request.symbol not in session.instruments:
            raise ConfigurationError(f"symbol {request.symbol!r} is not on offer here; choose one of the list")
        sleeve, quote = self._sleeve(session, request), self._quote(session, request.symbol)
        if request.guards:
            prices = guarded(request, session, sleeve.sleeve_id)
            return self._answered(command, set_guard(session, sleeve.sleeve_id, prices, quote, command.key))
        make = entry_of if request.side is Side.BUY else sale_of
        order = make(request, command.key, session, sleeve, quote)
        view = view_of(session, sleeve.sleeve_id, quote, self._house.ledger.halts(session.account.account_id))
        verdict = approve_manual(order, view, session.trader.cycle.terms.limits)
        if isinstance(verdict, Refusal):
            raise InvalidOrder(verdict.reason)
        return self._carry_out(session, verdict, own_guard(request, command.key, order), command)

    def _sleeve(self, session: Session, request: PlaceOrder) -> Sleeve:
        """The sleeve that a ticket names, else the operator's own; ConfigurationError where it trades another."""
        if request.sleeve_id is not None and request.side is Side.SELL:
            known = self._house.ledger.sleeves(session.account.account_id)
            found = next((s for s in known if s.sleeve_id == request.sleeve_id), None)
            if found is None or found.symbol != request.symbol:
                raise ConfigurationError(f"no such position in {request.symbol} is held here; choose one of the list")
            return found
        sleeve = manual_sleeve(session.account, request.symbol, session.clock.now())
        self._house.ledger.put_sleeve(sleeve)
        session.seat(sleeve)
        return sleeve

    def _carry_out(self, session: Session, approved: ApprovedOrder, guard: Guard | None, command: Command) -> Answer:
        desk, book, order = session.trader.cycle.desk, session.trader.book, approved.order
        draft = desk.draft()
        if order.side is Side.SELL:
            book.ask_cancel(book.sleeve(order.sleeve_id).protection, "replaced by the operator", draft)
        book.add(approved, draft)
        if guard is not None:
            book.set_guard(guard, draft)
        try:
            desk.commit(draft)
        except TradingHalted:  # a halt came in between: nothing was written, so nothing may be sent
            book.forget(order)
            raise
        session.trader.watch()
        answer = told(self._house.ledger, session.account.account_id, {order.client_id})
        return self._answered(command, answer if order.side is Side.SELL else _with_guard(session, order, answer))

    def _answered(self, command: Command, answer: Answer) -> Answer:
        self._house.touch(command.key)
        return answer

    def _quote(self, session: Session, symbol: str) -> Quote:
        quote = session.price(symbol)
        if quote is None:
            why = self._house.problem or "its source gave none"
            raise ConfigurationError(f"{symbol}: there is no price to trade at ({why}); try again in a moment")
        return quote

    def move_stop(self, command: Command) -> Answer:
        """Move the stop of what a sleeve holds; its target stays where it is."""
        request, session = MoveStop.parse(command.payload), self._session()
        holding = session.trader.book.sleeve(request.sleeve_id).holding
        if holding is None or not session.trader.book.sleeve(request.sleeve_id).lots:
            raise ConfigurationError("that position is closed already; look at the list again")
        quote = self._quote(session, holding.symbol)
        prices = moved(request, session)
        return self._answered(command, set_guard(session, request.sleeve_id, prices, quote, command.key))


def _with_guard(session: Session, order: Order, answer: Answer) -> Answer:
    """A purchase that filled says where its stop rests."""
    page = session.trader.book.sleeve(order.sleeve_id)
    if order.client_id in session.trader.book.orders or not page.lots:
        return answer
    return replace(answer, message=f"{answer.message} {guard_words(session, order.sleeve_id).message}")
