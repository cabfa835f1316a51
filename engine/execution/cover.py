"""Cover: law 4. Which orders bring every position under its stop, looking at what is held and what rests.

It asks for cancels and adds intents to a draft; the desk commits and sends them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from engine.domain.guard import Guard
from engine.domain.order import ExitReason, Order, OrderStatus, Purpose
from engine.execution.book import Book
from engine.execution.draft import StepDraft
from engine.execution.machine import SEND_WINDOW
from engine.execution.protect import closing, protection_for, wanted_prices
from engine.execution.sleeve_book import SleeveBook
from engine.execution.uncovered import covered
from engine.risk.approve import approve_exit

RELIEF, LONGEST_RELIEF = timedelta(seconds=5), timedelta(minutes=1)
"""How long a position that the venue lets us neither protect nor close is left alone: at first, and at last."""
UNCOVERED = "uncovered"
"""Cause of the halt while a position is bare."""
ENDED_THERE = "venue: expired"
"""Cause of an order's end that the venue brought about."""
_LATE_FILL = "venue: a late fill"
"""Cause of an update that comes after the order's end."""
_OFTEN, _LATELY = 3, timedelta(seconds=10)
"""So many times within so long the venue may end a position's stops, or its sales, before that is no way to go on."""


class Cover:
    """Remembers only what was tried in vain; everything else it sees in the book."""

    def __init__(self, book: Book, *, strict: bool) -> None:
        """`strict`: the venue refuses what is too small, and every order while an instrument is not traded."""
        self._book = book
        self._strict = strict
        self.renewed: Callable[[str], bool] = lambda _: False
        """Asked when the venue has refused protection: True where its rules for the instrument have just changed."""
        self._relief: dict[str, timedelta] = {}
        self._beyond_help: dict[str, datetime] = {}
        self._dust: dict[str, Decimal] = {}
        self._tries: dict[tuple[str, Purpose], deque[datetime]] = {}

    @property
    def dust(self) -> set[str]:
        """Sleeves whose rest is too small for the venue to guard or to sell."""
        return {s for s, quantity in self._dust.items() if self._book.sleeve(s).quantity == quantity}

    @property
    def helpless(self) -> bool:
        """True while a position can be neither protected nor closed."""
        return bool(self._beyond_help)

    def try_again(self) -> None:
        """What was refused may be taken now."""
        self._beyond_help.clear()

    # ------------------------------------------------------------------ after an answer

    def mend(self, draft: StepDraft, now: datetime) -> None:
        """Deal with refused and lost protection and sales, in the step that tells of them, so that no kill comes
        between: a stop that is refused by itself closes the position at market, a sale that was never made is tried
        anew."""
        last = {u.order.client_id: u for u in draft.updates}
        for update in last.values():
            order, status = update.order, update.order.status
            if order.purpose not in (Purpose.STOP, Purpose.EXIT) or not self._book.sleeve(order.sleeve_id).lots:
                continue
            if update.cause == _LATE_FILL:
                continue  # what followed from its end was written with its end
            if status is OrderStatus.EXPIRED and update.cause == ENDED_THERE and self._too_often(order, now):
                self._give_up(order, draft, now)
            elif status is OrderStatus.EXPIRED and order.purpose is Purpose.EXIT:
                self._sell(order, order.exit_reason or ExitReason.OPERATOR, draft, now)
            elif status is OrderStatus.REJECTED and self.renewed(order.symbol):
                continue  # by other rules now: it is protected anew
            elif status is OrderStatus.REJECTED and order.purpose is Purpose.EXIT:
                self._refused_sale(order, draft, now)
            elif status is OrderStatus.REJECTED and order.list_id is not None:
                self._leave_target(order, draft)
            elif status is OrderStatus.REJECTED:
                self._sell(order, ExitReason.STOP, draft, now)

    def _sell(self, instead: Order, reason: ExitReason, draft: StepDraft, now: datetime) -> None:
        """Of what no other sale is about to sell: in place of a sale what that was to sell still, of a stop all."""
        page = self._book.sleeve(instead.sleeve_id)
        quantity = page.quantity - sum(o.quantity - o.filled_quantity for o in page.orders(Purpose.EXIT))
        if instead.purpose is Purpose.EXIT:
            quantity = min(quantity, instead.quantity - instead.filled_quantity)
        if quantity <= 0 or instead.sleeve_id in self._beyond_help:
            return
        order = closing(self._book, instead.sleeve_id, reason, instead.bar_close_at, now)
        self._book.add(approve_exit(replace(order, quantity=quantity)), draft)
        if instead.purpose is Purpose.EXIT:
            draft.words.append(("info", f"{order.symbol}: the sale is made again, by a new order for {quantity:f}"))

    def _leave_target(self, stop: Order, draft: StepDraft) -> None:
        """Refused together with its target, which alone may be why: a guard, in the same step, wants the stop by
        itself. The position is sold only where that is refused too."""
        lately, entry = self._book.lately_over.values(), self._book.sleeve(stop.sleeve_id).last_entry
        if entry is None or any(_unmade(o) and o.list_id == stop.list_id for o in lately):
            return  # it came with an entry that was not made: what is held is not its concern
        guard = Guard(
            key=stop.client_id, account_id=stop.account_id, sleeve_id=stop.sleeve_id, stop_price=stop.stop_price,
            target_price=None, set_at=max(draft.at, entry.intent_at),
        )  # fmt: skip
        self._book.set_guard(guard, draft)
        words = f"{stop.symbol}: the venue refused stop and target together; the stop is placed without a target"
        draft.words.append(("warning", words))

    def _refused_sale(self, order: Order, draft: StepDraft, now: datetime) -> None:
        """A refused sale leaves the position to its stop, unless the stop was refused before it."""
        if order.exit_reason is ExitReason.STOP:
            if self._worth_at_stop(order.sleeve_id) < self._book.instruments[order.symbol].min_notional:
                self._set_aside(order.sleeve_id, draft)
            else:
                self._give_up(order, draft, now)

    def _give_up(self, order: Order, draft: StepDraft, now: datetime) -> None:
        """The venue took neither the stop nor the sale: no new risk until the operator has looked (law 9)."""
        relief = self._relief.get(order.sleeve_id, RELIEF)
        self._relief[order.sleeve_id] = min(2 * relief, LONGEST_RELIEF)
        self._beyond_help[order.sleeve_id] = now + relief
        why = order.note or "it ended them at once"
        draft.halt(UNCOVERED, f"{order.symbol} is held without a stop: the venue refused stop and sale ({why})")

    # ------------------------------------------------------------------ looking at what is held

    def next(self, draft: StepDraft, untraced: Collection[str]) -> bool:
        """Write what positions need that are not covered as they should be; False where none needs anything.

        `untraced`: orders being cancelled that are not open at the venue, whatever became of them.
        """
        guarding = {o.sleeve_id for o in self._book.orders.values() if o.purpose in (Purpose.STOP, Purpose.TARGET)}
        found = False
        for sleeve_id in sorted({*self._book.portfolio.holdings, *guarding}):
            if self._left_alone(sleeve_id, draft) or self._book.sleeve(sleeve_id).orders(Purpose.EXIT):
                continue
            found = self._cover(sleeve_id, draft, untraced) or found
        return found

    def _cover(self, sleeve_id: str, draft: StepDraft, untraced: Collection[str]) -> bool:
        page = self._book.sleeve(sleeve_id)
        resting = [o for o in page.protection if o.client_id not in untraced]
        if not page.lots:
            return self._withdraw(sleeve_id, resting, draft)
        silent = [o for o in resting if o.status is OrderStatus.UNKNOWN and draft.at - o.intent_at > SEND_WINDOW]
        if silent:
            return self._ask_cancel(resting, "no answer: it has to be gone before another takes its place", draft)
        stops = sum(o.quantity - o.filled_quantity for o in resting if o.purpose is Purpose.STOP)
        if stops == page.quantity and not self._moved(sleeve_id, resting):
            return False
        if resting:
            return self._ask_cancel(resting, "quantity or price changed", draft)
        return self._protect(sleeve_id, draft)

    def _protect(self, sleeve_id: str, draft: StepDraft) -> bool:
        orders = protection_for(self._book, sleeve_id, draft.at)
        for order in orders:
            self._book.add(approve_exit(order), draft)
        return bool(orders)

    def _withdraw(self, sleeve_id: str, resting: Sequence[Order], draft: StepDraft) -> bool:
        """Nothing is held: what still guards it goes, unless it comes with an entry that is still open."""
        coming = {o.list_id for o in self._book.sleeve(sleeve_id).orders(Purpose.ENTRY)} - {None}
        left = [o for o in resting if o.list_id not in coming]
        return bool(left) and self._ask_cancel(left, "nothing is held any more", draft)

    def _ask_cancel(self, orders: Sequence[Order], why: str, draft: StepDraft) -> bool:
        before = len(draft.updates)
        self._book.ask_cancel([o for o in orders if o.status is not OrderStatus.CANCELLING], why, draft)
        return len(draft.updates) > before

    def _moved(self, sleeve_id: str, resting: Sequence[Order]) -> bool:
        """The operator wants stop or target elsewhere."""
        if self._book.sleeve(sleeve_id).guard is None or any(o.status is OrderStatus.CANCELLING for o in resting):
            return False
        now = {o.purpose: o.stop_price or o.price for o in resting}
        return (now.get(Purpose.STOP), now.get(Purpose.TARGET)) != wanted_prices(self._book, sleeve_id)

    # ------------------------------------------------------------------ what is tried in vain

    def _left_alone(self, sleeve_id: str, draft: StepDraft) -> bool:
        page = self._book.sleeve(sleeve_id)
        until = self._beyond_help.get(sleeve_id)
        if until is not None and (draft.at >= until or not page.lots):
            del self._beyond_help[sleeve_id]
        if not page.lots or page.protection:
            self._relief.pop(sleeve_id, None)
        if sleeve_id in self._beyond_help:
            return True
        if self._strict and page.lots and self._closed(page, draft):
            return True
        if self._strict and page.lots and page.quantity != self._dust.get(sleeve_id):
            holding = page.holding
            assert holding is not None, "lots are of a holding"
            instrument = self._book.instruments[holding.symbol]
            if page.quantity * instrument.price(holding.entry_ticks(instrument)) < instrument.min_notional:
                self._set_aside(sleeve_id, draft)
        return page.lots > 0 and page.quantity == self._dust.get(sleeve_id)

    def _closed(self, page: SleeveBook, draft: StepDraft) -> bool:
        """The instrument is not traded: what is refused anyway is not asked for."""
        assert page.holding is not None, "lots are of a holding"
        symbol = page.holding.symbol
        if self._book.instruments[symbol].trading or covered(page):
            return False
        words = f"{symbol} is not traded at the venue now; {page.quantity:f} wait there without a stop"
        draft.words.append(("warning", words))
        return True

    def _set_aside(self, sleeve_id: str, draft: StepDraft) -> None:
        """Dust: too little for the venue to guard or to sell. It is shown, and left until there is more of it."""
        page = self._book.sleeve(sleeve_id)
        self._dust[sleeve_id] = page.quantity
        symbol = page.holding.symbol if page.holding is not None else sleeve_id
        least = self._book.instruments[symbol].min_notional
        words = f"{symbol}: the {page.quantity:f} left are below the venue's smallest order ({least:f}); kept as dust"
        draft.words.append(("info", words))

    def _worth_at_stop(self, sleeve_id: str) -> Decimal:
        stop, _ = wanted_prices(self._book, sleeve_id)
        return self._book.sleeve(sleeve_id).quantity * (stop or Decimal(0))

    def _too_often(self, order: Order, at: datetime) -> bool:
        """The venue takes such orders and ends them again: to go on would hammer it."""
        tries = self._tries.setdefault((order.sleeve_id, order.purpose), deque(maxlen=_OFTEN))
        tries.append(at)
        return len(tries) == _OFTEN and at - tries[0] < _LATELY


def _unmade(order: Order) -> bool:
    return order.purpose is Purpose.ENTRY and not order.filled_quantity
