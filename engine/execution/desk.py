"""Desk: carries out what the book has committed to, and nothing else.

It looks at the open orders and positions, not at what just happened, so after a kill it simply goes on. What may have
left is looked up and never sent again; asked-for cancels are asked again; an uncovered position is protected.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from engine.domain.errors import OrderOutcomeUnknown, RateLimited, VenueError, VenueUnavailable
from engine.domain.halt import HaltKind
from engine.domain.order import Order, OrderStatus, Purpose
from engine.execution.book import Book
from engine.execution.calm import Calm
from engine.execution.cover import UNCOVERED, Cover
from engine.execution.draft import StepDraft
from engine.execution.machine import SEND_WINDOW, Late, Moot, NoAnswer, NotFound, Resume, Send
from engine.execution.uncovered import Uncovered
from engine.execution.volley import lists_of
from engine.ports import Broker, Clock, Lease, Ledger, Notifier, OrderReport

_MOST_ROUNDS = 500  # one order or list a round; more means that something loops
_MOST_FAILURES = 3  # so many, and nothing that went well: the venue is away, not one order
_IN_DOUBT = (OrderStatus.SENT, OrderStatus.UNKNOWN, OrderStatus.CANCELLING)


class Desk:
    """Drives the book's orders at the broker. What is due at one moment leaves together, each order's intent committed
    before; the answers are committed together before anything follows from them."""

    def __init__(
        self, book: Book, broker: Broker, ledger: Ledger, *,
        clock: Clock, notifier: Notifier, lease: Callable[[], Lease],
    ) -> None:  # fmt: skip
        self._book = book
        self._broker = broker
        self._ledger = ledger
        self._clock = clock
        self._calm = Calm(notifier, clock)
        self._lease = lease
        self.cover = Cover(book, strict=not broker.not_found_is_proof)
        self._missed: dict[str, datetime] = {}
        self._untraced: set[str] = set()
        self._failures: dict[str, int] = {}
        self._set_aside: set[str] = set()
        self._uncovered = Uncovered(book)
        self._answering = True
        self._went_well, self._vain = False, 0

    @property
    def broker(self) -> Broker:
        """Where the orders go."""
        return self._broker

    @property
    def in_doubt(self) -> bool:
        """True while nobody knows what became of an order."""
        return any(o.status in _IN_DOUBT for o in self._book.orders.values())

    def draft(self) -> StepDraft:
        """An empty draft as of now."""
        return StepDraft(account_id=self._book.account.account_id, at=self._clock.now())

    def commit(self, draft: StepDraft) -> None:
        """Write a draft, if there is anything in it, and tell the operator what it says and halts."""
        if not draft.empty:
            known = {h.cause for h in self._ledger.halts(draft.account_id)} if draft.halts else set()
            self._ledger.commit(draft.step(), self._lease())
            for halt in draft.halts:
                if halt.cause not in known:
                    verb = "halted" if halt.kind is HaltKind.HALT else "paused"
                    self._calm.tell("error", f"{verb} ({halt.cause}): {halt.detail}")
        for level, text in draft.words:
            self._calm.tell(level, text)
        draft.words.clear()

    def tell(self, level: str, text: str) -> None:
        """Tell the operator; the same words not again within a minute."""
        self._calm.tell(level, text)

    def take_in(self, draft: StepDraft) -> None:
        """Fold in what the venue has to tell since the last time; a venue that is away tells nothing yet."""
        try:
            reports = self._broker.poll()
        except (VenueError, OrderOutcomeUnknown) as error:
            self._calm.tell("warning", f"no news of orders: {error}")
            return
        self._book.absorb(reports, draft)
        self.cover.mend(draft, self._clock.now())

    def collect(self) -> bool:
        """Take in the venue's news in a step of its own; True where there was any."""
        draft = self.draft()
        self.take_in(draft)
        news = not draft.empty
        self.commit(draft)
        return news

    def watch_cover(self) -> None:
        """Halt, and tell, where a position has been bare for too long."""
        draft = self.draft()
        bare = self._uncovered.look(
            draft.at, answering=self._answering, untraced=self._untraced, dust=self.cover.dust
        )  # fmt: skip
        halted = bare and any(h.cause == UNCOVERED for h in self._ledger.halts(draft.account_id))
        for words in bare:
            if halted:  # for another position: this one is told all the same
                draft.words.append(("error", words))
            draft.halt(UNCOVERED, words)
        self.commit(draft)

    def resolve(self) -> None:
        """After a start: what a process before this one may have sent is in doubt, and looked up; at a real venue every
        open order is. VenueError where the venue does not answer: then nothing new may be decided."""
        draft = self.draft()
        for order in list(self._book.orders.values()):
            self._book.take(order, Resume(), "found after a restart", draft)
        self.commit(draft)
        for order in list(self._book.orders.values()):
            if order.status in _IN_DOUBT or not self._broker.not_found_is_proof:
                self.look_up(order)

    def go_on(self) -> None:
        """Between closes: look up, take in and carry out what can be. A venue that is away is asked again next time."""
        for order in [o for o in self._book.orders.values() if o.status in _IN_DOUBT]:
            try:
                self.look_up(order)
            except VenueError as error:
                self._calm.tell("warning", f"orders are not looked up: {error}")
        self.collect()
        self.carry_out()

    def carry_out(self) -> None:
        """Do everything that is due. An order that fails is left for the next time and holds up no other; where nothing
        goes well the venue is away, and the round ends."""
        self._set_aside.clear()
        self._went_well, self._vain = False, 0
        for _ in range(_MOST_ROUNDS):
            if not self._round():
                return

    def _round(self) -> bool:
        """All cancels, or all that may be sent now; True where there may be more to do."""
        orders = [o for o in self._book.orders.values() if o.client_id not in self._set_aside]
        cancelling = [
            o for o in orders if o.status is OrderStatus.CANCELLING and o.client_id not in self._untraced
        ]  # fmt: skip
        if cancelling:
            return self._withdraw(self._due(cancelling))
        sendable = [o for o in orders if o.status is OrderStatus.INTENT and self._may_go(o)]
        if sendable:
            return self._volley(self._due(sendable))
        draft = self.draft()
        more = self.cover.next(draft, self._untraced)
        self.commit(draft)
        return more

    def _due(self, orders: Sequence[Order]) -> list[list[Order]]:
        """The lists that leave together now; one, while the venue may be away."""
        lists = lists_of(orders, self._turn)
        return lists if self._answering else lists[:1]

    def _turn(self, order: Order) -> int:
        """What has failed often lets others go first."""
        return self._failures.get(order.client_id, 0)

    def _try(self, act: Callable[[Sequence[Order]], bool], orders: Sequence[Order]) -> bool:
        """False where the venue is away; True otherwise, with what brought nothing set aside until the next time."""
        try:
            if not act(orders):
                self._set_aside.update(o.client_id for o in orders)
        except VenueError as error:
            return self._failed(orders, error)
        self._well(orders)
        return True

    def _well(self, orders: Sequence[Order]) -> None:
        self._went_well = self._answering = True
        for order in orders:
            self._failures.pop(order.client_id, None)

    def _failed(self, orders: Sequence[Order], error: VenueError) -> bool:
        """Nothing of them left: they are set aside until the next time. False where the venue is away."""
        self._calm.tell("warning", f"orders wait: {error}")
        ids = [o.client_id for o in orders]
        self._set_aside.update(ids)
        self._failures.update({i: self._failures.get(i, 0) + 1 for i in ids})
        self._vain += 1
        self._answering = False
        return not isinstance(error, RateLimited) and (self._went_well or self._vain < _MOST_FAILURES)

    def _may_go(self, order: Order) -> bool:
        """An exit waits until the protection it replaces is gone, and no other sale of the sleeve is in doubt: the
        coins can be promised once only."""
        page = self._book.sleeve(order.sleeve_id)
        others = [o for o in page.orders(Purpose.EXIT) if o.status is not OrderStatus.INTENT]
        waits = others or not all(o.client_id in self._untraced for o in page.protection)
        return order.purpose is not Purpose.EXIT or not waits

    def _is_moot(self, orders: Sequence[Order]) -> bool:
        """True where more would be sold than is held by now: a stop or target that nobody knew of was faster. Other
        coins of the account are another sleeve's, or the operator's own."""
        if any(o.purpose is Purpose.ENTRY for o in orders):
            return False
        return any(o.quantity > self._book.sleeve(o.sleeve_id).quantity for o in orders)

    def _withdraw(self, lists: Sequence[Sequence[Order]]) -> bool:
        """Cancel, then write down what came of it; where no answer came it is looked up. False where the venue is
        away."""
        draft, silent, answered = self.draft(), list[Sequence[Order]](), list[Sequence[Order]]()
        failed: list[tuple[Sequence[Order], VenueError]] = []
        reports: list[OrderReport] = []
        for orders, outcome in zip(lists, self._broker.cancel_all(lists), strict=False):
            if isinstance(outcome, VenueError):
                failed.append((orders, outcome))
            elif isinstance(outcome, OrderOutcomeUnknown):
                self._calm.tell("warning", f"cancel without an answer, looking it up: {outcome}")
                silent.append(orders)
            else:
                reports += outcome
                answered.append(orders)
        self._settle(reports, draft)
        for orders in answered:
            self._well(orders)
            if not self._brought(orders, reports, draft):
                self._set_aside.update(o.client_id for o in orders)
        going_on = [self._failed(orders, error) for orders, error in failed]
        self._answering = bool(answered)
        return all(going_on) and all(self._try(self._look_after, orders) for orders in silent)

    def _brought(self, orders: Sequence[Order], reports: Sequence[OrderReport], draft: StepDraft) -> bool:
        """True where a cancel that was answered tells something new of the orders it was for."""
        ids, told = {o.client_id for o in orders}, {r.client_id for r in reports}
        gone = {o.client_id for o in orders if o.client_id not in told and draft.at - o.intent_at > SEND_WINDOW}
        new = gone - self._untraced
        self._untraced |= gone  # not open there, and it cannot arrive any more: whatever it was, it guards nothing
        return bool(new) or any(u.order.client_id in ids for u in draft.updates)

    def _look_after(self, orders: Sequence[Order]) -> bool:
        return sum(self.look_up(order) for order in orders) > 0

    def _volley(self, lists: Sequence[Sequence[Order]]) -> bool:
        """Send, then write down what came of it. What may not go any more is dealt with first, all of it at once: what
        follows it is then decided at one moment, and leaves together."""
        now = self._clock.now()
        moot = [orders for orders in lists if self._is_moot(orders)]
        # Off either way: a clock that was set back leaves intents in the future, and no venue takes those.
        late = [orders for orders in lists if any(abs(now - o.intent_at) > SEND_WINDOW for o in orders)]
        entering = [orders for orders in late if any(o.purpose is Purpose.ENTRY for o in orders)]
        for act, due in ((self._drop, moot), (self._give_way, entering or late)):
            if due:
                return self._try(act, [o for orders in due for o in orders])
        draft, answered = self.draft(), False
        failed: list[tuple[Sequence[Order], VenueError]] = []
        reports: list[OrderReport] = []
        for orders, outcome in zip(lists, self._broker.place_all(lists), strict=False):
            if isinstance(outcome, VenueError):
                failed.append((orders, outcome))
                continue
            reports += self._sent(orders, outcome, draft)
            self._well(orders)
            answered = True
        self._settle(reports, draft)
        going_on = [self._failed(orders, error) for orders, error in failed]
        self._answering = answered
        return all(going_on)

    def _sent(
        self, orders: Sequence[Order], outcome: Sequence[OrderReport] | OrderOutcomeUnknown, draft: StepDraft
    ) -> Sequence[OrderReport]:
        """They left; what the venue says of them, if it says anything."""
        for order in orders:
            self._book.take(order, Send(), "sent", draft)
            if isinstance(outcome, OrderOutcomeUnknown):
                self._book.take(order, NoAnswer(), f"no answer: {outcome}", draft)
        return () if isinstance(outcome, OrderOutcomeUnknown) else outcome

    def _drop(self, orders: Sequence[Order]) -> bool:
        """What they were to sell is sold already."""
        draft = self.draft()
        for order in orders:
            self._book.take(order, Moot(), "sold already", draft)
        self._settle([], draft)
        return True

    def _give_way(self, orders: Sequence[Order]) -> bool:
        """Too late to send (law 3). What guards or closes positions is followed by new orders in the same step, once
        the venue answers at all, which one question tells: while it is away one late intent waits in place of many."""
        draft = self.draft()
        if all(o.purpose is not Purpose.ENTRY for o in orders):
            try:
                report = self._broker.find(orders[0])
            except OrderOutcomeUnknown as error:
                raise VenueUnavailable(str(error)) from error
            self._book.absorb([] if report is None else [report], draft)
        for order in orders:
            self._book.take(order, Late(), "too late to send", draft)
        self._settle([], draft)
        return True

    def look_up(self, order: Order) -> bool:
        """Ask the venue by our id; True where that changed what we know."""
        try:
            report = self._broker.find(order)
        except OrderOutcomeUnknown as error:  # a question without an answer: nothing happened
            self._answering = False
            raise VenueUnavailable(str(error)) from error
        draft = self.draft()
        if report is not None:
            self._missed.pop(order.client_id, None)
            self._untraced.discard(order.client_id)
            self._settle([report], draft)
            return bool(draft.updates)
        first_at = self._missed.setdefault(order.client_id, draft.at)
        proof = self._broker.not_found_is_proof
        event = NotFound(at=draft.at, first_at=first_at, proof=proof)
        self._book.take(order, event, "not found at the venue", draft)
        self._settle([], draft)
        return bool(draft.updates)

    def _settle(self, reports: Sequence[OrderReport], draft: StepDraft) -> None:
        """Fold in, mend, write."""
        self._book.absorb(reports, draft)
        self.cover.mend(draft, self._clock.now())
        self.commit(draft)
        for update in draft.updates:
            if update.order.status.terminal:
                self._missed.pop(update.order.client_id, None)
                self._untraced.discard(update.order.client_id)
