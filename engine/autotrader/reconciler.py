"""Reconciler: holds the ledger against the venue at every start, after every gap, and every few seconds between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from engine.domain.errors import OrderOutcomeUnknown, VenueError, VenueUnavailable
from engine.domain.order import Order, OrderStatus, OrderType, Purpose, Side
from engine.execution.book import Book
from engine.execution.desk import Desk
from engine.execution.draft import MISMATCH
from engine.execution.reconcile import Difference, Kind, compare
from engine.ports import Clock, Ledger, OrderReport, Standing

EVERY = timedelta(seconds=10)
"""Open orders and balances, which come in one answer."""
SOON = timedelta(seconds=1)
"""What was not answered, or is short since less than `EVERY`, is looked at again: a fill may have been on its way."""
OVERDUE = timedelta(seconds=30)
"""Without a reconciliation for so long new risk waits."""
LASTING = timedelta(seconds=60)
"""A balance that is short holds new risk from the first look on; short for so long it is no lag any more: it halts."""


class Reconciler:
    """`gaps` counts how often news of orders may have been missed; each is followed by a reconciliation at once.
    `standing` is what the venue said the last time."""

    def __init__(
        self, book: Book, desk: Desk, ledger: Ledger, clock: Clock, *, gaps: Callable[[], int] = lambda: 0
    ) -> None:
        self._book = book
        self._desk = desk
        self._ledger = ledger
        self._clock = clock
        self._gaps = gaps
        self._gaps_mended: int | None = None
        self._done_at: datetime | None = None
        self._tried_at: datetime | None = None
        self.standing: Standing | None = None
        self._short: dict[str, tuple[str, datetime]] = {}
        self._why = "the ledger has not been held against the venue yet"

    def start(self) -> None:
        """Before anything is decided. VenueError where the venue does not answer; what is short is pending."""
        self.check()

    @property
    def done_at(self) -> datetime | None:
        """When ledger and venue were held against each other last; None before the first time."""
        return self._done_at

    @property
    def due(self) -> bool:
        """True where it is time again."""
        now = self._clock.now()
        if self._tried_at is not None and now - self._tried_at < SOON:
            return False
        if self._gaps() != self._gaps_mended or self._done_at is None:
            return True
        new = any(now - since < EVERY for _, since in self._short.values())
        return now - self._done_at >= (SOON if new else EVERY)

    def pending(self) -> str | None:
        """Why new risk has to wait for a reconciliation; None while ledger and venue are known to agree."""
        if self._done_at is None:
            return self._why
        if self._short:
            return "; ".join(words for words, _ in self._short.values())
        if self._desk.broker.not_found_is_proof:  # a venue in this process cannot drift away
            return None
        if self._clock.now() - self._done_at > OVERDUE:
            return self._why
        if self._gaps() != self._gaps_mended:
            return "news of orders may have been missed; they are being looked up"
        return None

    def look(self) -> None:
        """Reconcile if that is due. A venue that does not answer is asked again soon."""
        if not self.due:
            return
        try:
            self.check()
        except VenueError as error:
            self._why = f"the ledger cannot be held against the venue: {error}"

    def check(self) -> None:
        """Compare now, and act on what differs. What has no answer, be it an orphan's cancel, is looked at again."""
        self._tried_at, gaps = self._clock.now(), self._gaps()
        try:
            standing = self._desk.broker.standing()
            self._act_on(standing)
        except OrderOutcomeUnknown as error:
            raise VenueUnavailable(str(error)) from error
        self._done_at, self._gaps_mended, self.standing = self._clock.now(), gaps, standing

    def _act_on(self, standing: Standing) -> None:
        """Money first: it is judged whatever becomes of the orders."""
        self._desk.collect()
        differences = compare(self._book, standing)
        self._judge([d for d in differences if d.kind is Kind.SHORT])
        for difference in differences:
            if difference.kind is Kind.UNLISTED and difference.order is not None:
                self._desk.look_up(difference.order)
            elif difference.kind is Kind.ORPHAN:
                self._take_in_orphan(difference)

    def _judge(self, short: Sequence[Difference]) -> None:
        """What is short is pending from now on, and halts once it has lasted; what is overdrawn halts at once."""
        now, before = self._clock.now(), self._short
        self._short = {d.subject: (d.words, before[d.subject][1] if d.subject in before else now) for d in short}
        lasting = [words for words, since in self._short.values() if now - since >= LASTING]
        if self._book.overdrawn:
            lasting.append(self._book.overdrawn)
        halted = any(h.cause == MISMATCH for h in self._ledger.halts(self._book.account.account_id))
        if lasting and not halted:
            draft = self._desk.draft()
            draft.halt(MISMATCH, "; ".join(lasting))
            self._desk.commit(draft)

    def _take_in_orphan(self, difference: Difference) -> None:
        """Ask once more; what is really open there and over here is cancelled. Other accounts' orders are their own."""
        report = difference.report
        if report is None or (difference.order is None and self._belongs_elsewhere(difference.subject)):
            return
        order = difference.order or stand_in(self._book, report, self._clock.now())
        try:
            found = self._desk.broker.find(order) if difference.order is not None else report
            if found is None or found.status.terminal:
                reports: Sequence[OrderReport] = [] if found is None else [found]
            else:
                reports = self._desk.broker.cancel([order])
        except OrderOutcomeUnknown:
            self._desk.tell("error", f"{difference.words}; whether its cancel came through is looked up again")
            raise
        draft = self._desk.draft()
        self._book.absorb([r for r in reports if r.client_id in self._book.lately_over], draft)
        if found is not None and not found.status.terminal:
            draft.words.append(("error", f"{difference.words}; it is being cancelled"))
        if difference.order is None and any(r.fills for r in (report, *reports)):
            draft.halt(MISMATCH, f"{difference.words}, and was filled in part")
        self._desk.commit(draft)

    def _belongs_elsewhere(self, client_id: str) -> bool:
        mine = self._book.account.account_id
        others = (a.account_id for a in self._ledger.accounts() if a.account_id != mine)
        return any(o.client_id == client_id for account_id in others for o in self._ledger.orders(account_id))


def stand_in(book: Book, report: OrderReport, at: datetime) -> Order:
    """As much of an order as a cancel needs, for one that no ledger knows."""
    return Order(
        client_id=report.client_id, account_id=book.account.account_id, sleeve_id="", symbol=report.symbol,
        side=Side.SELL, type=OrderType.MARKET, purpose=Purpose.EXIT, quantity=Decimal(1),
        price=None, stop_price=None, list_id=None, bar_close_at=at,
        intent_at=at, status=OrderStatus.CANCELLING,
    )  # fmt: skip
