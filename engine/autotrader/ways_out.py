"""Commands that lead out of risk: cancel, close, flatten. They act on what they can and say what is left."""

from __future__ import annotations

from collections.abc import Mapping

from engine.autotrader.answer import Answer, Doer
from engine.autotrader.errands import ask_cancels, sell_all
from engine.autotrader.house import House
from engine.autotrader.naming import owner_name
from engine.autotrader.outcomes import cancels, is_guard, stored, told
from engine.autotrader.session import Session
from engine.commands import fields
from engine.domain.command import Command, CommandKind
from engine.domain.errors import ConfigurationError
from engine.domain.order import Purpose


class WaysOut:
    """None of them is refused as stale; pressed again, each goes on where it stood."""

    def __init__(self, house: House) -> None:
        self._house = house

    def doers(self) -> Mapping[CommandKind, Doer]:
        """Which method answers what."""
        return {
            CommandKind.CANCEL_ORDER: self.cancel,
            CommandKind.CANCEL_ALL: self.cancel_all,
            CommandKind.CLOSE_POSITION: self.close,
            CommandKind.FLATTEN: self.flatten,
        }

    def _answered(self, command: Command, answer: Answer) -> Answer:
        self._house.touch(command.key)
        return answer

    def cancel(self, command: Command) -> Answer:
        """Cancel one open order, with the order that shares its list. A position that loses its stop gets it again."""
        session = self._house.in_session()
        book, desk = session.trader.book, session.trader.cycle.desk
        wanted = fields.text(command.payload, "client_id")
        order = book.orders.get(wanted)
        if order is None:
            raise ConfigurationError("that order is not open any more; look at the list again")
        if is_guard(order):
            raise ConfigurationError(
                "this order guards a position, which must never be without a stop; "
                "move the stop or close the position instead"
            )
        draft = desk.draft()
        book.ask_cancel([order], "asked by the operator", draft)
        desk.commit(draft)
        desk.carry_out()
        words = f"{order.side} {order.quantity:f} {order.symbol}"
        [now] = stored(self._house.ledger, session.account.account_id, [wanted])
        tail = {
            "CANCELLED": f"Cancelled: {words}.", "EXPIRED": f"Cancelled: {words}.",
            "FILLED": f"Too late: {words} was filled before the cancel arrived.",
        }  # fmt: skip
        on_its_way = f"The cancel of {words} is on its way; look at the list again."
        return self._answered(command, Answer(message=tail.get(now.status, on_its_way)))

    def cancel_all(self, command: Command) -> Answer:
        """Cancel every open order that does not guard a position. What the venue does not confirm is told as left."""
        return self._answered(command, Answer(message=f"{self._cancel_all()}. Stops of open positions stay."))

    def _cancel_all(self) -> str:
        session = self._house.in_session()
        asked = ask_cancels(session, "cancel all", Purpose.ENTRY, Purpose.EXIT)
        return cancels(stored(self._house.ledger, session.account.account_id, [o.client_id for o in asked]))

    def close(self, command: Command) -> Answer:
        """Sell everything that a sleeve holds, at market."""
        session = self._house.in_session()
        sleeve_id = fields.text(command.payload, "sleeve_id")
        page = session.trader.book.sleeve(sleeve_id)
        if not page.lots:
            raise ConfigurationError("that position is closed already; look at the list again")
        orders = sell_all(session, [sleeve_id], "closed by the operator", command.key)
        ids = {o.client_id for o in orders or page.orders(Purpose.EXIT)}
        return self._answered(command, told(self._house.ledger, session.account.account_id, ids))

    def flatten(self, command: Command) -> Answer:
        """Cancel what is open and sell everything the engine holds, at market; pressed again, it goes on."""
        session = self._house.in_session()
        book = session.trader.book
        buys = ask_cancels(session, "flattened by the operator", Purpose.ENTRY)
        held = [s for s in sorted(book.portfolio.holdings) if book.sleeve(s).lots]
        sell_all(session, held, "flattened by the operator", command.key)
        left = [s for s in held if book.sleeve(s).lots]
        unsure = [o for o in buys if o.client_id in book.orders]
        self._house.touch(command.key)
        if not left and not unsure:
            return Answer(message=f"Flat: {len(held)} position{'s' * (len(held) != 1)} closed, open orders cancelled.")
        return Answer(message=self._unfinished(session, len(held) - len(left), left, len(unsure)))

    def _unfinished(self, session: Session, closed: int, left: list[str], unsure: int) -> str:
        """What flattening has not brought about yet, by name."""
        parts = [f"{closed} closed"]
        if left:
            parts.append(f"{len(left)} still wait for a price or the exchange: {self._named(session, left)}")
        if unsure:
            parts.append(f"{unsure} order{'s' * (unsure != 1)} not confirmed as cancelled")
        return "; ".join(parts) + ". The engine goes on; press again to ask at once, and see the list."

    def _named(self, session: Session, sleeve_ids: list[str]) -> str:
        book = session.trader.book
        holdings = ((s, book.sleeve(s).holding) for s in sleeve_ids)
        return ", ".join(f"{h.symbol} ({owner_name(self._house, s)})" for s, h in holdings if h is not None)
