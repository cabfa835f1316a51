"""Book: one account's open orders and portfolio in memory, always what folding the ledger gives."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from engine.domain.account import Account
from engine.domain.errors import ReconciliationMismatch
from engine.domain.fill import Fill
from engine.domain.guard import Guard
from engine.domain.instrument import Instrument
from engine.domain.money import from_atoms, to_atoms
from engine.domain.order import ApprovedOrder, Order, Purpose, Side
from engine.execution.draft import MISMATCH, StepDraft
from engine.execution.machine import CancelAsked, Event, Reported, step
from engine.execution.sleeve_book import SleeveBook
from engine.portfolio.portfolio import Portfolio, apply, deposit, opened, position_of
from engine.ports import Ledger, OrderReport, OrderUpdate

_KEPT = 500
"""How many orders that are over are remembered, to recognise the late echo of one."""


class Book:
    """Changes only through `absorb`, `add` and `ask_cancel`, each of which notes in a draft what the ledger must write.

    Where the draft cannot be committed the book is no longer true: drop it and load another.
    """

    def __init__(self, account: Account, instruments: Mapping[str, Instrument], portfolio: Portfolio) -> None:
        self.account = account
        self.instruments = instruments
        self.portfolio = portfolio
        self.orders: dict[str, Order] = {}
        self.entries: dict[str, Order] = {}
        self.guards: dict[str, list[Guard]] = {}
        self.lately_over: dict[str, Order] = {}
        self.generations: dict[tuple[str, Purpose, datetime], int] = {}
        self._entry_times: deque[datetime] = deque(maxlen=10_000)
        self._fill_ids: set[str] = set()
        self.flows: list[tuple[datetime, Decimal]] = []

    @classmethod
    def load(cls, ledger: Ledger, account: Account, instruments: Mapping[str, Instrument]) -> Book:
        """Fold the account's history."""
        orders = {o.client_id: o for o in ledger.orders(account.account_id)}
        book = cls(account, instruments, opened(account))
        for at, amount, _ in ledger.flows(account.account_id):
            book.move_cash(at, amount)
        for fill in ledger.fills(account.account_id):
            order = orders[fill.client_id]
            book.portfolio, _ = apply(book.portfolio, fill, instruments[fill.symbol], order.exit_reason)
            book._fill_ids.add(fill.fill_id)
        for order in orders.values():
            book._remember(order)
        for guard in ledger.guards(account.account_id):
            book.guards.setdefault(guard.sleeve_id, []).append(guard)
        return book

    def _remember(self, order: Order) -> None:
        key = (order.sleeve_id, order.purpose, order.bar_close_at)
        self.generations[key] = self.generations.get(key, 0) + 1
        if order.purpose is Purpose.ENTRY:
            self._entry_times.append(order.bar_close_at)
        if order.purpose is Purpose.ENTRY and order.filled_quantity:
            self.entries[order.sleeve_id] = order
        if order.status.terminal:
            self._file_away(order)
        else:
            self.orders[order.client_id] = order

    def _file_away(self, order: Order) -> None:
        """Keep what is over for a while: the venue may still tell of its last fills."""
        self.lately_over.pop(order.client_id, None)
        self.lately_over[order.client_id] = order
        if len(self.lately_over) > _KEPT:
            del self.lately_over[next(iter(self.lately_over))]

    def move_cash(self, at: datetime, amount: Decimal) -> None:
        """Fold in an external flow that the ledger has recorded."""
        self.portfolio = deposit(self.portfolio, amount)
        self.flows.append((at, amount))

    def entries_after(self, at: datetime) -> int:
        """How many entries were decided or asked for after `at`, whatever became of them."""
        return sum(entry_at > at for entry_at in self._entry_times)

    def add(self, approved: ApprovedOrder, draft: StepDraft) -> None:
        """Take a new intent in."""
        draft.intents.append(approved)
        self._remember(approved.order)

    def set_guard(self, guard: Guard, draft: StepDraft) -> None:
        """Take in where the operator wants stop and target; the desk brings them there."""
        draft.guards.append(guard)
        self.guards.setdefault(guard.sleeve_id, []).append(guard)

    def forget(self, order: Order) -> None:
        """Take back an intent that was never committed."""
        del self.orders[order.client_id]
        self.generations[order.sleeve_id, order.purpose, order.bar_close_at] -= 1
        if order.purpose is Purpose.ENTRY:
            self._entry_times.remove(order.bar_close_at)
        kept = [g for g in self.guards.get(order.sleeve_id, ()) if g.entry_id != order.client_id]
        self.guards[order.sleeve_id] = kept

    def ask_cancel(self, orders: Iterable[Order], cause: str, draft: StepDraft) -> None:
        """Mark orders as to be cancelled."""
        for order in list(orders):
            self._take(order, CancelAsked(), cause, draft)

    def absorb(self, reports: Sequence[OrderReport], draft: StepDraft) -> None:
        """Fold what the venue says into orders and portfolio. Repeated reports and fills change nothing; a fill that
        comes after its order's end still counts."""
        touched: set[str] = set()
        early: list[OrderReport] = []
        for report in reports:
            if self._is_early(report):
                early.append(report)
            else:
                self._absorb(report, touched, draft)
        for report in early:
            if not self._is_early(report):  # its entry came in the same breath; else both are looked up again
                self._absorb(report, touched, draft)
        self._write_positions(touched, draft)
        if draft.fills and self.overdrawn:
            draft.halt(MISMATCH, self.overdrawn)

    def _is_early(self, report: OrderReport) -> bool:
        """A sale of what the sleeve is not known to hold yet, because its entry is still in doubt."""
        order = self.orders.get(report.client_id)
        if order is None or order.side is Side.BUY:
            return False
        page = self.sleeve(order.sleeve_id)
        held = 0 if page.holding is None else page.holding.atoms
        sold = sum(to_atoms(f.quantity) for f in self._new_fills(report))
        return sold > held and bool(page.orders(Purpose.ENTRY))

    def _absorb(self, report: OrderReport, touched: set[str], draft: StepDraft) -> None:
        order = self.orders.get(report.client_id) or self.lately_over.get(report.client_id)
        if order is None:
            self._refuse_stranger(report)
            return
        new = self._new_fills(report)
        if order.status.terminal and not new:
            return
        filled = order.filled_quantity + sum((f.quantity for f in new), Decimal(0))
        event = Reported(status=report.status, filled=filled, message=report.message)
        cause = "venue: a late fill" if order.status.terminal else f"venue: {report.status.value.lower()}"
        self._take(order, event, cause, draft)
        self._fold_fills(order, new, draft)
        touched.add(order.sleeve_id)

    def _refuse_stranger(self, report: OrderReport) -> None:
        """What this ledger never ordered may be told of, but not be filled for us."""
        if report.fills:
            raise ReconciliationMismatch(
                f"the venue reports a fill ({report.fills[0].fill_id}) of order {report.client_id}, which is unknown "
                "here or long over; reconcile"
            )

    def _new_fills(self, report: OrderReport) -> list[Fill]:
        once = {f.fill_id: f for f in report.fills if f.fill_id not in self._fill_ids}
        return list(once.values())

    def _fold_fills(self, order: Order, new: Iterable[Fill], draft: StepDraft) -> None:
        for fill in new:
            self._fill_ids.add(fill.fill_id)
            instrument = self.instruments[fill.symbol]
            self.portfolio, trade = apply(self.portfolio, fill, instrument, order.exit_reason)
            draft.fills.append(fill)
            if trade is not None:
                draft.trades.append(trade)

    def _take(self, order: Order, event: Event, cause: str, draft: StepDraft) -> None:
        after, effects = step(order, event)
        if after == order:
            return
        draft.updates.append(OrderUpdate(order=after, cause=cause, at=draft.at))
        if after.purpose is Purpose.ENTRY and after.filled_quantity:
            self.entries[after.sleeve_id] = after
        if after.status.terminal:
            self.orders.pop(order.client_id, None)
            self._file_away(after)
        else:
            self.orders[order.client_id] = after
        draft.follow(after, effects)

    def take(self, order: Order, event: Event, cause: str, draft: StepDraft) -> None:
        """Feed the machine one event that is not a venue's report."""
        known = self.orders.get(order.client_id)
        if known is not None:
            self._take(known, event, cause, draft)

    def _write_positions(self, sleeve_ids: Iterable[str], draft: StepDraft) -> None:
        for sleeve_id in sorted(sleeve_ids):
            holding = self.portfolio.holdings.get(sleeve_id)
            if holding is None:
                continue
            if not self.sleeve(sleeve_id).lots:
                draft.closed_positions.append((sleeve_id, holding.symbol))
                continue
            stop, target = self.sleeve(sleeve_id).protection_prices
            instrument = self.instruments[holding.symbol]
            draft.positions.append(position_of(self.account.account_id, holding, instrument, stop, target))

    def sleeve(self, sleeve_id: str) -> SleeveBook:
        """One sleeve's page: what it holds and what is open for it."""
        return SleeveBook(self, sleeve_id)

    @property
    def overdrawn(self) -> str | None:
        """What to say, and do, where more was paid than there was: a market buy fills at the next price there is. No
        reason to let positions go unguarded; None while the cash is not below zero."""
        if self.portfolio.cash >= 0:
            return None
        return f"the account is overdrawn by {from_atoms(-self.portfolio.cash):f} {self.account.quote}; deposit it"

    def free_cash(self) -> int:
        """Cash atoms that no open buy order may still need."""
        return self.portfolio.cash - sum(self._reserved(o) for o in self.orders.values())

    def _reserved(self, order: Order) -> int:
        """Quote atoms that an open limit buy may still cost (a market order fills at the next price there is)."""
        if order.side is Side.SELL or order.price is None:
            return 0
        instrument = self.instruments[order.symbol]
        rest = instrument.lots(order.quantity) - int(order.filled_quantity / instrument.lot_step)
        return rest * instrument.ticks(order.price) * instrument.tick_lot_atoms
