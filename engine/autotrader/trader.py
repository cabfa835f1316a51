"""Trader: brings one account from close to close, whatever drives the clock."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from engine.autotrader.cycle import HOUSEKEEPING, Cycle, Duty
from engine.autotrader.reconciler import Reconciler
from engine.autotrader.seat import Seat
from engine.domain.decision import Decision
from engine.domain.sleeve import SleeveState
from engine.execution.book import Book
from engine.execution.rules import renew

__all__ = ["HOUSEKEEPING", "Trader"]
MOMENT = timedelta(microseconds=1)
"""Money that is moved at the very moment of a mark comes so much after it."""
RULES_EVERY, RULES_IN_DOUBT = timedelta(hours=1), timedelta(seconds=10)
"""How often the venue's rules are asked for: when all is well, and while it refuses what a position needs."""


class Trader:
    """Deals with each close once, in order; the account's newest mark says how far it has come."""

    def __init__(self, cycle: Cycle, seats: Sequence[Seat], *, began_at: datetime, trading_on: bool) -> None:
        self.cycle = cycle
        self.seats = list(seats)
        self.trading_on = trading_on
        self.decided: list[Decision] = []
        """What the newest close brought."""
        self._cursor = cycle.mark.at if cycle.mark is not None else began_at
        self._rules_at = cycle.clock.now()
        cycle.desk.cover.renewed = self._renewed
        venue = cycle.venue
        self.reconciler = Reconciler(
            cycle.book, cycle.desk, cycle.ledger, cycle.clock, gaps=lambda: 0 if venue is None else venue.health().gaps
        )  # fmt: skip

    @property
    def book(self) -> Book:
        """The account's book."""
        return self.cycle.book

    @property
    def cursor(self) -> datetime:
        """The close that was dealt with last (or when the account began)."""
        return self._cursor

    @property
    def next_close(self) -> datetime:
        """The earliest close that has not been dealt with. None before money that was moved meanwhile: a sleeve of
        shorter bars, started since, has none there, and a mark would hold the cash without its flow."""
        intervals = {s.interval for s in self.seats} or {HOUSEKEEPING}
        since = max([self._cursor, *(at - MOMENT for at, _ in self.book.flows[-1:])])
        return min(i.floor(since) + i.duration for i in intervals)

    def start(self) -> None:
        """Reconcile: nothing is decided before every order's outcome is known, the ledger has been held against the
        venue, and every position is covered. VenueError where the venue does not answer."""
        self.cycle.desk.resolve()
        self.reconciler.start()
        self.cycle.prime(self.seats, self._cursor)
        self.cycle.show_next_price(self.seats, self._cursor)
        self.cycle.desk.collect()
        self.cycle.desk.carry_out()
        self._retire_the_empty()

    def run_close(self, *, late: bool = False) -> list[Decision]:
        """Deal with `next_close`; `late` where its moment to trade has passed."""
        at = self.next_close
        duty = Duty.WATCH if not self.trading_on else Duty.MISS if late else Duty.TRADE
        self.decided = self.cycle.run(at, self.seats, duty)
        self._cursor = at
        self._retire_the_empty()
        return self.decided

    def listen(self) -> None:
        """As often as can be: take in what the venue tells, and do at once what that asks for."""
        if self.cycle.desk.collect():
            self.cycle.desk.carry_out()
        self.cycle.desk.watch_cover()

    def watch(self) -> None:
        """Between closes: show the paper account newer prices of what it has orders for; look up, take in, carry out
        what is due; hold the ledger against the venue."""
        waiting = sorted({o.sleeve_id for o in self.book.orders.values()})
        self.cycle.show_next_price([s for s in self.seats if s.sleeve_id in waiting], self._cursor)
        self.cycle.desk.go_on()
        self.reconciler.look()
        self._look_at_rules()
        self.cycle.desk.watch_cover()
        self._retire_the_empty()

    def _renewed(self, symbol: str) -> bool:
        """The venue refused an order: True where its rules for the instrument are others than we thought."""
        if self.cycle.clock.now() - self._rules_at < RULES_IN_DOUBT:
            return False
        return symbol in self._renew_rules()

    def _look_at_rules(self) -> None:
        """Every hour; more often while the venue refuses what a position needs, or does not trade what is in use."""
        book = self.book
        held = {h.symbol for sleeve_id, h in book.portfolio.holdings.items() if book.sleeve(sleeve_id).lots}
        in_use = held | {s.symbol for s in self.seats if s.decides}
        closed = any(not book.instruments[s].trading for s in in_use if s in book.instruments)
        every = RULES_IN_DOUBT if closed or self.cycle.desk.cover.helpless else RULES_EVERY
        if self.cycle.venue is not None and self.cycle.clock.now() - self._rules_at >= every and self._renew_rules():
            self.cycle.desk.cover.try_again()

    def _renew_rules(self) -> set[str]:
        """Trade by the rules in force now; which instruments have others."""
        self._rules_at = self.cycle.clock.now()
        assert isinstance(self.book.instruments, MutableMapping), "rules that cannot change are of no exchange"
        changes = renew(self.book.instruments, self.cycle.feed.rules())
        held = {h.symbol for h in self.book.portfolio.holdings.values()} | {s.symbol for s in self.seats}
        for change in changes:
            self.cycle.use_rules(change)
            if change.after.symbol in held:
                self.cycle.desk.tell("warning", change.words)
        return {change.after.symbol for change in changes}

    def _retire_the_empty(self) -> None:
        """A sleeve that only kept its stop is done once it holds nothing."""
        for seat in list(self.seats):
            page = self.book.sleeve(seat.sleeve_id)
            if seat.sleeve.state is SleeveState.STOP_ONLY and not page.lots and not page.orders():
                self.cycle.ledger.put_sleeve(replace(seat.sleeve, state=SleeveState.RETIRED))
                self.seats.remove(seat)
