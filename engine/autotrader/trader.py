"""Trader: brings one account from close to close, whatever drives the clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from engine.autotrader.cycle import Cycle, Duty
from engine.autotrader.seat import Seat
from engine.domain.decision import Decision
from engine.domain.interval import Interval
from engine.execution.book import Book

HOUSEKEEPING = Interval.H1
"""Where no seat is taken the account is still settled and marked at this interval."""


class Trader:
    """Deals with each close once, in order; the account's newest mark says how far it has come."""

    def __init__(self, cycle: Cycle, seats: Sequence[Seat], *, began_at: datetime, trading_on: bool) -> None:
        self.cycle = cycle
        self.seats = list(seats)
        self.trading_on = trading_on
        self._cursor = cycle.mark.at if cycle.mark is not None else began_at

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
        """The earliest close that has not been dealt with."""
        intervals = {s.interval for s in self.seats} or {HOUSEKEEPING}
        return min(i.floor(self._cursor) + i.duration for i in intervals)

    def start(self) -> None:
        """Reconcile: nothing is decided before every order's outcome is known and every position is covered."""
        self.cycle.desk.resolve()
        self.cycle.prime(self.seats, self._cursor)
        self.cycle.show_next_price(self.seats, self._cursor)
        self.cycle.desk.collect()
        self.cycle.desk.carry_out()

    def run_close(self, *, late: bool = False) -> list[Decision]:
        """Deal with `next_close`; `late` where its moment to trade has passed."""
        at = self.next_close
        duty = Duty.WATCH if not self.trading_on else Duty.MISS if late else Duty.TRADE
        decisions = self.cycle.run(at, self.seats, duty)
        self._cursor = at
        return decisions

    def watch(self) -> None:
        """Between closes: show the paper account newer prices of what it has orders for; take in the fills."""
        waiting = sorted({o.sleeve_id for o in self.book.orders.values()})
        self.cycle.show_next_price([s for s in self.seats if s.sleeve_id in waiting], self._cursor)
        self.cycle.desk.go_on()
