"""Desk: carries out what the book has committed to, and nothing else.

It looks at the open orders and positions, not at what just happened, so after a kill it simply goes on: committed
intents are looked up before they are sent, asked-for cancels are asked again, an uncovered position is protected.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from engine.domain.errors import OrderOutcomeUnknown, VenueError, VenueUnavailable
from engine.domain.halt import Halt, HaltKind
from engine.domain.order import ExitReason, Order, OrderStatus, Purpose
from engine.execution.book import Book
from engine.execution.draft import StepDraft
from engine.execution.machine import SEND_WINDOW, Effect, NoAnswer, NotFound, Resume, Send, step
from engine.execution.protect import closing, protection_for
from engine.ports import Broker, Clock, Lease, Ledger, Notifier
from engine.risk.approve import approve_exit

RELIEF = timedelta(minutes=1)
"""How long a position that the venue lets us neither protect nor close is left alone before it is tried again."""
_MOST_ROUNDS = 500  # one order or list a round; more means that something loops
_ORDER_OF_SENDING = {Purpose.EXIT: 0, Purpose.STOP: 1, Purpose.TARGET: 1, Purpose.ENTRY: 2}


class Desk:
    """Drives the book's orders at the broker. Every answer is committed before the next request leaves."""

    def __init__(
        self, book: Book, broker: Broker, ledger: Ledger, *,
        clock: Clock, notifier: Notifier, lease: Callable[[], Lease],
    ) -> None:  # fmt: skip
        self._book = book
        self._broker = broker
        self._ledger = ledger
        self._clock = clock
        self._notifier = notifier
        self._lease = lease
        self._beyond_help: dict[str, datetime] = {}
        self._unanswered: set[str] = set()

    def draft(self) -> StepDraft:
        """An empty draft as of now."""
        return StepDraft(account_id=self._book.account.account_id, at=self._clock.now())

    def commit(self, draft: StepDraft) -> None:
        """Write a draft, if there is anything in it."""
        if not draft.empty:
            self._ledger.commit(draft.step(), self._lease())

    def take_in(self, draft: StepDraft) -> None:
        """Fold in what the venue has to tell since the last time; a venue that is away tells nothing yet."""
        try:
            reports = self._broker.poll()
        except (VenueError, OrderOutcomeUnknown) as error:
            self._notifier.tell("warning", f"no news of orders: {error}")
            return
        self._book.absorb(reports, draft)

    def collect(self) -> None:
        """Take in the venue's news in a step of its own."""
        draft = self.draft()
        self.take_in(draft)
        self.commit(draft)

    def resolve(self, *, new_too: bool = True) -> None:
        """Look up every order whose outcome is not certain; `new_too`: intents as well, which a process before this one
        may have sent. VenueError where the venue does not answer: then nothing new may be decided."""
        for client_id in list(self._book.orders):
            order = self._book.orders.get(client_id)
            if order is None or (order.status is OrderStatus.INTENT and not new_too):
                continue
            if Effect.LOOK_UP in step(order, Resume())[1]:
                self._look_up(order)

    def go_on(self) -> None:
        """Between closes: look up, take in and carry out what can be. A venue that is away is asked again next time."""
        try:
            self.resolve(new_too=False)
        except VenueError as error:
            self._notifier.tell("warning", f"orders are not looked up: {error}")
        self.collect()
        self.carry_out()

    def carry_out(self) -> None:
        """Do everything that is due. A venue that cannot be reached ends the round; the next call takes it up again."""
        self._unanswered.clear()
        try:
            for _ in range(_MOST_ROUNDS):
                if not self._round():
                    return
        except VenueError as error:
            self._notifier.tell("warning", f"orders wait: {error}")

    def _round(self) -> bool:
        """One order or list, the most urgent first; True where there may be more to do. An order about which the venue
        could not say more yet is left for the next time, and holds up no other."""
        orders = [o for o in self._book.orders.values() if o.client_id not in self._unanswered]
        cancelling = [o for o in orders if o.status is OrderStatus.CANCELLING]
        if cancelling:
            return self._try(self._cancel, _first_list(cancelling))
        intents = [o for o in orders if o.status is OrderStatus.INTENT and self._may_go(o)]
        if intents:
            return self._try(self._place, _first_list(sorted(intents, key=lambda o: _ORDER_OF_SENDING[o.purpose])))
        return self._protect()

    def _try(self, act: Callable[[Sequence[Order]], bool], orders: Sequence[Order]) -> bool:
        if not act(orders):
            self._unanswered.update(o.client_id for o in orders)
        return True

    def _may_go(self, order: Order) -> bool:
        """An exit waits until the protection it replaces is gone: the coins can be promised once only."""
        return order.purpose is not Purpose.EXIT or not self._book.sleeve(order.sleeve_id).protection

    def _cancel(self, orders: Sequence[Order]) -> bool:
        draft = self.draft()
        try:
            reports = self._broker.cancel(orders)
        except OrderOutcomeUnknown as error:
            self._notifier.tell("warning", f"cancel without an answer, looking it up: {error}")
            return self._look_up_all(orders)
        self._book.absorb(reports, draft)
        self.commit(draft)
        return bool(draft.updates)

    def _place(self, orders: Sequence[Order]) -> bool:
        """Send, then write down what came of it. A VenueError means that nothing left: the intents stay as they are."""
        if any(self._clock.now() - o.intent_at > SEND_WINDOW for o in orders):
            return self._look_up_all(orders)  # too late to send: law 3
        draft = self.draft()
        try:
            reports = self._broker.place(orders)
        except OrderOutcomeUnknown as error:
            for order in orders:
                self._book.take(order, Send(), "sent", draft)
                self._book.take(order, NoAnswer(), f"no answer: {error}", draft)
        else:
            for order in orders:
                self._book.take(order, Send(), "sent", draft)
            self._book.absorb(reports, draft)
        self._mend_rejected(draft)
        self.commit(draft)
        return True

    def _look_up_all(self, orders: Sequence[Order]) -> bool:
        return sum(self._look_up(order) for order in orders) > 0

    def _look_up(self, order: Order) -> bool:
        """Ask the venue by our id; True where that changed what we know."""
        draft = self.draft()
        try:
            report = self._broker.find(order)
        except OrderOutcomeUnknown as error:  # a question without an answer: nothing happened
            raise VenueUnavailable(str(error)) from error
        if report is not None:
            self._book.absorb([report], draft)
        elif Effect.PLACE not in step(order, NotFound(at=self._clock.now()))[1]:
            self._book.take(order, NotFound(at=self._clock.now()), "not found at the venue", draft)
        self.commit(draft)
        return bool(draft.updates)

    def _mend_rejected(self, draft: StepDraft) -> None:
        """A refused stop leaves a position bare: close it at market and tell the operator (law 4)."""
        for update in list(draft.updates):
            order = update.order
            if order.status is not OrderStatus.REJECTED:
                continue
            self._notifier.tell("error", f"{order.symbol} {order.purpose.value.lower()} order refused: {order.note}")
            if order.purpose is Purpose.EXIT and order.exit_reason is ExitReason.STOP:
                self._give_up(order, draft)
            elif order.purpose is Purpose.STOP and self._book.sleeve(order.sleeve_id).lots:
                exit_order = closing(self._book, order.sleeve_id, ExitReason.STOP, order.bar_close_at, draft.at)
                self._book.add(approve_exit(exit_order), draft)

    def _give_up(self, order: Order, draft: StepDraft) -> None:
        """The venue took neither the stop nor the sale: no new risk until the operator has looked (law 9)."""
        self._beyond_help[order.sleeve_id] = draft.at + RELIEF
        detail = f"{order.symbol} is held without a stop: the venue refused stop and sale ({order.note})"
        draft.halts.append(
            Halt(
                account_id=order.account_id, kind=HaltKind.HALT, cause="uncovered", detail=detail, raised_at=draft.at
            )
        )  # fmt: skip

    def _protect(self) -> bool:
        """Bring the first position whose stop does not cover it under a stop; False where all are covered."""
        for sleeve_id in sorted(self._book.portfolio.holdings):
            if self._left_alone(sleeve_id) or self._book.sleeve(sleeve_id).orders(Purpose.EXIT):
                continue
            draft = self.draft()
            if self._cover(sleeve_id, draft):
                self.commit(draft)
                return True
        return False

    def _left_alone(self, sleeve_id: str) -> bool:
        until = self._beyond_help.get(sleeve_id)
        if until is not None and (self._clock.now() >= until or not self._book.sleeve(sleeve_id).lots):
            del self._beyond_help[sleeve_id]
        return sleeve_id in self._beyond_help

    def _cover(self, sleeve_id: str, draft: StepDraft) -> bool:
        held = self._book.sleeve(sleeve_id).quantity
        resting = self._book.sleeve(sleeve_id).protection
        stops = sum(o.quantity for o in resting if o.purpose is Purpose.STOP)
        if not held or stops == held:
            return False
        if resting:
            self._book.ask_cancel(resting, "quantity changed", draft)
            return bool(draft.updates)
        orders = protection_for(self._book, sleeve_id, draft.at)
        for order in orders:
            self._book.add(approve_exit(order), draft)
        return bool(orders)


def _first_list(orders: Sequence[Order]) -> list[Order]:
    """The first order, with those that share its list."""
    first = orders[0]
    return [o for o in orders if o is first or (first.list_id is not None and o.list_id == first.list_id)]
