"""One trading cycle: what happens when a bar closes. The same for paper, replay, testnet and live.

settle what the venue did -> mark the account -> halts -> decide -> commit intents -> send -> protect.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from engine.autotrader.acts import act_on, withdraw_entries
from engine.autotrader.feed import FedBroker, Feed
from engine.autotrader.seat import Seat
from engine.autotrader.views import account_view, held_by_symbol, sleeve_view
from engine.autotrader.whys import Whys
from engine.domain.account import AccountKind
from engine.domain.bar import BarSeries
from engine.domain.decision import MISSED, Decision, GateOutcome
from engine.domain.equity import EquityMark
from engine.domain.errors import InvalidBar, TradingHalted
from engine.domain.halt import Halt, HaltKind
from engine.domain.interval import Interval, to_ms
from engine.domain.money import exact
from engine.domain.quote import Quote
from engine.domain.signal import Signal
from engine.execution.book import Book
from engine.execution.desk import Desk
from engine.execution.draft import StepDraft
from engine.execution.matching import to_ticks
from engine.execution.rules import Change
from engine.portfolio.equity import breached, mark
from engine.ports import Clock, Ledger, Venue
from engine.risk.limits import RiskLimits
from engine.strategy.decide import decide

HOUSEKEEPING = Interval.H1
"""Where no seat is taken the account is still settled and marked at this interval."""
_FRESH = timedelta(seconds=10)
"""How old a price may be that an entry's limit is made from."""
Windows = dict[tuple[str, Interval], BarSeries]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a cycle trades by: the limits, and a fixed stake where risk does not size."""

    limits: RiskLimits
    stake: Decimal | None = None


class Duty(StrEnum):
    """What a close asks for. TRADE decides; MISS records that nobody decided in time; WATCH only settles and marks."""

    TRADE = "trade"
    MISS = "miss"
    WATCH = "watch"


class Cycle:
    """Deals with closes, in order, for one account."""

    def __init__(
        self, *, book: Book, desk: Desk, paper: FedBroker | None, feed: Feed, ledger: Ledger, clock: Clock,
        terms: Terms, venue: Venue | None = None, brackets: Callable[[], bool] = lambda: False,
    ) -> None:  # fmt: skip
        """`brackets`: whether an entry can bring its stop and target in the same request."""
        self.book = book
        self.desk = desk
        self.terms = terms
        self.paper = paper
        self.feed = feed
        self.ledger = ledger
        self.clock = clock
        self.venue = venue
        self._brackets = brackets
        self._close_ticks: dict[str, int] = {}
        self._whys = Whys()
        self._mark = ledger.last_mark(book.account.account_id)

    def run(self, at: datetime, seats: Sequence[Seat], duty: Duty) -> list[Decision]:
        """Deal with the close at `at` for the seats whose bar closes then.

        LeaseLost and LedgerError end the session: the book may no longer be what the ledger says. Load it anew.
        """
        due = [s for s in seats if to_ms(at) % s.interval.ms == 0]
        windows = {(s.symbol, s.interval): self.feed.window(s.symbol, s.interval, at) for s in due}
        draft = StepDraft(account_id=self.book.account.account_id, at=at)
        self._settle(windows, draft)
        self._mark_account(draft)
        draft.cursors.update({s.sleeve_id: at for s in due})
        deciding = [s for s in due if s.decides and windows[s.symbol, s.interval].last_close_at == at]
        if duty is Duty.TRADE and deciding:
            draft.decisions.extend(self._decide(deciding, windows, draft))
            if self.venue is None:  # no order waits for a line
                draft.decisions[:] = self._whys.explained(draft.decisions)
        elif duty is Duty.MISS:
            draft.decisions.extend(self._miss(deciding, draft))
        bought = [d.symbol for d in draft.decisions if d.action is Signal.BUY]
        offers = {symbol: self._offer(symbol) for symbol in bought} if bought and self._brackets() else {}
        act_on(self.book, self.terms.limits, draft, self.clock.now(), offer=offers.get)  # asked first: orders go stale
        self._commit(draft)
        self.show_next_price(due, at)
        self.desk.collect()  # what waited for a price since an earlier close
        self.desk.carry_out()
        return draft.decisions if self.venue is None or duty is not Duty.TRADE else self._tell(draft.decisions)

    def prime(self, seats: Sequence[Seat], at: datetime) -> None:
        """Learn the newest closes by `at` again after a start, so that the next mark is the one of an unbroken run."""
        for seat in seats:
            window = self.feed.window(seat.symbol, seat.interval, at)
            if len(window):
                self._close_ticks[seat.symbol] = self._ticks(seat.symbol, window.close[-1])

    def value(self, at: datetime) -> EquityMark:
        """The account's worth now, at the newest closes: a mark that is not kept."""
        since = at if self._mark is None else self._mark.at
        flow = sum((amount for moved_at, amount in self.book.flows if since < moved_at <= at), Decimal(0))
        return mark(self.book.portfolio, self._close_ticks, self.book.instruments, at, self._mark, flow=flow)

    def held(self) -> Mapping[str, int]:
        """What is held in whole lots, by symbol, in quote atoms at the newest closes."""
        return held_by_symbol(self.book, self._close_ticks)

    @property
    def mark(self) -> EquityMark | None:
        """The account's newest mark."""
        return self._mark

    def use_limits(self, limits: RiskLimits) -> None:
        """Decide by other limits from the next close on."""
        self.terms = replace(self.terms, limits=limits)

    def use_rules(self, change: Change) -> None:
        """An instrument's ticks are others from now on."""
        ticks = self._close_ticks.get(change.after.symbol)
        if ticks is not None:
            self._close_ticks[change.after.symbol] = max(1, int(change.before.price(ticks) // change.after.tick_size))

    def rebase(self, at: datetime) -> EquityMark | None:
        """Make today's equity the new peak and day start: what a typed reset of a halt asks for."""
        if self._mark is None:
            return None
        draft = StepDraft(account_id=self.book.account.account_id, at=at)
        fresh = replace(self._mark, peak=self._mark.equity, day_start=self._mark.equity, drawdown=Decimal(0))
        draft.mark = fresh
        self.desk.commit(draft)
        self._mark = fresh
        return fresh

    def _settle(self, windows: Windows, draft: StepDraft) -> None:
        """Let the paper account live through the bar, then take in what the venue reports."""
        for (symbol, interval), window in windows.items():
            if not len(window):
                continue
            if symbol not in self._close_ticks or window.last_close_at == draft.at:
                self._close_ticks[symbol] = self._ticks(symbol, window.close[-1])
            if self.paper is not None and window.last_close_at == draft.at:
                finer = self.feed.finer(symbol, interval, draft.at)
                self.paper.bar(symbol, window.bar(-1), interval, finer, window=window)
        self.desk.take_in(draft)

    def _mark_account(self, draft: StepDraft) -> None:
        draft.mark = self.value(draft.at)
        for cause, detail in breached(draft.mark, self.terms.limits):
            draft.halts.append(
                Halt(account_id=draft.account_id, kind=HaltKind.HALT, cause=cause, detail=detail, raised_at=draft.at)
            )

    def _decide(self, seats: Sequence[Seat], windows: Windows, draft: StepDraft) -> list[Decision]:
        assert draft.mark is not None, "the account is marked before anything is decided"
        halts = [*self.ledger.halts(draft.account_id), *draft.halts]
        account = account_view(self.book, draft.mark, halts, self._newest_ticks(), clock_skew_ms=self._skew_ms())
        known = {s.interval: self._company(s.interval, account.held, windows, draft.at) for s in seats}
        views = [sleeve_view(self.book, s, known[s.interval], self._close_ticks[s.symbol], draft.at) for s in seats]
        self._whys.keep(views)
        later = None if self.venue is None else self._whys.words
        return decide(
            account, views, self.terms.limits, self.book.account.costs, stake=self.terms.stake, at=draft.at, later=later
        )

    def _tell(self, decisions: Sequence[Decision]) -> list[Decision]:
        """The orders have left: now there is time for words and reasons. A kill before leaves decisions without."""
        draft, explained = self.desk.draft(), self._whys.explained(decisions)
        draft.told.extend(explained)
        self.desk.commit(draft)
        return explained

    def _newest_ticks(self) -> Mapping[str, int]:
        """The newest closes; of what is traded by hand alone, the price that was asked for last."""
        bought = {o.symbol for o in self.book.orders.values()} - self._close_ticks.keys()
        asks = {s: self.feed.seen[s].ask / self.book.instruments[s].tick_size for s in bought if s in self.feed.seen}
        return {**self._close_ticks, **{symbol: math.ceil(ask) for symbol, ask in asks.items()}}

    def _company(
        self, interval: Interval, held: Mapping[str, int], windows: Windows, at: datetime
    ) -> Mapping[str, BarSeries]:
        """Bars of one interval by symbol: of every seat that is due, and of what is held or wanted beside them."""
        known = {symbol: window for (symbol, its), window in windows.items() if its == interval}
        if self.terms.limits.max_correlation < 1:
            for symbol in sorted(held.keys() - known.keys()):
                known[symbol] = self.feed.window(symbol, interval, at)
        return known

    def _ticks(self, symbol: str, close: float) -> int:
        """A close in ticks. One from before the venue made its ticks coarser counts at the tick below; a replay's rules
        are its bars' own, so there it is an error."""
        instrument = self.book.instruments[symbol]
        try:
            return to_ticks(close, instrument)
        except InvalidBar:
            ticks = int(exact(str(close)) // instrument.tick_size) if math.isfinite(close) else 0
            if self.book.account.kind is AccountKind.REPLAY or ticks < 1:
                raise
            return ticks

    def _skew_ms(self) -> int:
        """How far our clock is from the venue's, as far as that was measured."""
        offset = None if self.venue is None else self.venue.health().clock_offset
        return 0 if offset is None else abs(offset) // timedelta(milliseconds=1)

    def _offer(self, symbol: str) -> Quote | None:
        """What an entry that brings its protection can buy at now; None where nobody knows."""
        quote = self.feed.quote(symbol, HOUSEKEEPING, self.book.account.created_at)
        return quote if quote is not None and self.clock.now() - quote.as_of <= _FRESH else None

    def _miss(self, seats: Sequence[Seat], draft: StepDraft) -> list[Decision]:
        detail = f"the engine was away when the bar closed at {draft.at:%Y-%m-%d %H:%M} UTC; it is not traded late"
        return [
            Decision(
                account_id=draft.account_id, sleeve_id=s.sleeve_id, symbol=s.symbol, bar_close_at=draft.at,
                action=Signal.HOLD, quantity=None, held_by=MISSED,
                reference_price=self.book.instruments[s.symbol].price(self._close_ticks[s.symbol]),
                gates=(GateOutcome(name=MISSED, passed=False, detail=detail),),
            )
            for s in seats
        ]  # fmt: skip

    def _commit(self, draft: StepDraft) -> None:
        """Commit before sending (law 1). A halt that came in between takes the entries back (law 5)."""
        try:
            self.desk.commit(draft)
        except TradingHalted as halted:
            withdraw_entries(self.book, draft, str(halted))
            self.desk.commit(draft)
        self._mark = draft.mark

    def show_next_price(self, seats: Sequence[Seat], at: datetime) -> None:
        """Show the paper account what one can trade at now."""
        if self.paper is None:
            return
        for symbol, interval in dict.fromkeys((s.symbol, s.interval) for s in seats):
            quote = self.feed.quote(symbol, interval, at)
            if quote is not None:
                sized = self.book.account.costs.impact > 0
                self.paper.quote(quote, self.feed.window(symbol, interval, at) if sized else None)
