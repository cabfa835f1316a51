"""Session: one account while the engine runs it, with its clock and its market."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from engine.autotrader.feed import Feed
from engine.autotrader.lease import LeaseHolder
from engine.autotrader.seat import Seat
from engine.autotrader.trader import HOUSEKEEPING, Trader
from engine.domain.account import Account, AccountKind, Source
from engine.domain.instrument import Instrument
from engine.domain.interval import Interval, iso
from engine.domain.quote import Quote
from engine.domain.sleeve import MANUAL, Sleeve, SleeveState
from engine.ports import Clock, Venue
from engine.strategy.strategy import Strategy

PATIENCE = timedelta(seconds=30)
"""How long a close waits for its bar to arrive before it is dealt with without it."""
SETTLE = timedelta(seconds=1)
"""How long after a close the venue may need to have the bar; before a close, what can wait does."""

READY = timedelta(seconds=6)
"""How long before a close the exchange's lines are made ready for what may have to leave at it."""


class Paced(Clock, Protocol):
    """A clock that is let on from close to close."""

    def let_on_to(self, at: datetime) -> None:
        """Allow it to run until `at`."""
        ...

    def hold(self) -> None:
        """Stand still until let on again."""
        ...

    def nap_until(self, at: datetime, *, at_most: float) -> bool:
        """Wait for `at`, but no longer than so many real seconds; True once it is there."""
        ...

    def set_speed(self, speed: float | None) -> None:
        """Market seconds per real second from now on."""
        ...


class Makers(Protocol):
    """What `bootstrap/` builds for the engine on demand."""

    def session(self, account: Account, lease: LeaseHolder, *, trading_on: bool) -> Session:
        """Open an account: book, venue, feed, seats. MarketDataError or VenueError where its source does not answer."""
        ...

    def strategy(self, text: str, symbol: str, interval: Interval) -> Strategy:
        """Load `model:<id>` or parse `rule:<name>:<k=v>`; ModelError or ConfigurationError."""
        ...

    def began_at(self, source: Source) -> datetime:
        """When an account that is opened now begins, by its market's clock."""
        ...

    def missing(self, kind: AccountKind) -> str | None:
        """What is not set for accounts of that kind, and how to set it; None where nothing is missing."""
        ...

    def venue(self, account: Account) -> Venue:
        """The exchange of an account that trades at one, its streams closed. ConfigurationError without keys."""
        ...


class Opinion(Protocol):
    """What another source says of prices."""

    def look(self, session: Session) -> None:
        """Compare what has come in since the last look."""
        ...

    def trouble(self) -> str | None:
        """Why nothing new is bought; None while the prices agree or nobody can say."""
        ...

    def close(self) -> None:
        """Ask no more."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """`paced` is the clock of an account whose time we let on, else None (wall time); `venue` its exchange, if any.

    `brought`: whether the bar of an instrument that closes then is here already, so that nobody has to be asked for it.
    `save`: puts away what was fetched, a little at a time; True where there is more. `second`: another source's word
    on prices, where one is asked.
    """

    account: Account
    trader: Trader
    clock: Clock
    paced: Paced | None
    feed: Feed
    instruments: Mapping[str, Instrument]
    makers: Makers
    venue: Venue | None = None
    brought: Callable[[str, Interval, datetime], bool] = lambda *_: False
    save: Callable[[], bool] = lambda: False
    second: Opinion | None = None

    def advance(self) -> bool:
        """Deal with the next close if it is due; True where it was, and the next one may be due already."""
        at = self.trader.next_close
        if self.paced is not None:
            self.paced.let_on_to(at)
            if self.clock.now() < at:
                return False
            self.trader.run_close()
            self.paced.let_on_to(self.trader.next_close)
            return True
        now = self.clock.now()
        if now < at - SETTLE:
            self.save()
            if self.venue is not None and now >= at - READY:
                self.venue.ready(sum(s.decides and s.interval.floor(at) == at for s in self.trader.seats))
        if now < at or (now < at + PATIENCE and not self._bars_are_in(at, ask=now >= at + SETTLE)):
            return False
        self.trader.run_close(late=now - at > self._lateness())
        return True

    def hold(self) -> None:
        """Let no market time pass until the next `advance`: at many times the wall's speed the three seconds that an
        order has to be sent would be over before it is."""
        if self.paced is not None:
            self.paced.hold()

    def _bars_are_in(self, at: datetime, *, ask: bool) -> bool:
        """Look for each bar that closes at `at`; with `ask`, the source is asked for those that the stream lacks. What
        is not traded has no bar that anyone could wait for."""
        traded = [s for s in self.trader.seats if self.trader.book.instruments[s.symbol].trading]
        due = {(s.symbol, s.interval) for s in traded if s.interval.floor(at) == at}
        lacking = [key for key in due if not self.brought(*key, at)]
        if not ask and (lacking or not due):
            return False
        return all(self.feed.window(symbol, interval, at).last_close_at == at for symbol, interval in lacking)

    def _lateness(self) -> timedelta:
        """Until when a close may still be traded: 5 % of the bar, a minute at least."""
        shortest = min((s.interval.duration for s in self.trader.seats), default=timedelta(hours=1))
        return max(timedelta(minutes=1), shortest / 20)

    def data_as_of(self) -> datetime | None:
        """Close of the newest bar that decisions are made from; how far the account has come where none is."""
        seats = [s for s in self.trader.seats if s.decides] or self.trader.seats
        windows = (self.feed.window(s.symbol, s.interval, self.trader.cursor) for s in seats)
        closes = (window.last_close_at for window in windows)
        return min((at for at in closes if at is not None), default=self.trader.cursor)

    def quotes(self) -> Mapping[str, Quote]:
        """Prices for the screens: of every simulated instrument, on a real venue those that were asked for anyway."""
        if self.paced is None:
            return dict(self.feed.seen)
        found = {symbol: self.price(symbol) for symbol in self.instruments}
        return {symbol: quote for symbol, quote in found.items() if quote is not None}

    def look_at(self, asked: object, now: datetime) -> None:
        """Ask a real venue for the price that a screen looks at; `asked` reads {symbol, until} and goes out of date."""
        if self.paced is not None or not isinstance(asked, Mapping) or asked.get("symbol") not in self.instruments:
            return
        if str(asked.get("until")) >= iso(now):
            self.price(str(asked["symbol"]))

    def problem(self) -> str | None:
        """Why its source does not answer, in words; None while it does."""
        return self.feed.problem

    def price(self, symbol: str) -> Quote | None:
        """The newest price of an instrument, with its age; None where its source gives none."""
        return self.feed.quote(symbol, HOUSEKEEPING, self.account.created_at)

    def seat(self, sleeve: Sleeve) -> None:
        """Give a sleeve its seat (again, where its state has changed)."""
        strategy = None
        if sleeve.state is SleeveState.ACTIVE and sleeve.strategy != MANUAL:
            strategy = self.makers.strategy(sleeve.strategy, sleeve.symbol, sleeve.interval)
        seat, seats = Seat(sleeve=sleeve, strategy=strategy), self.trader.seats
        if any(s.sleeve_id == sleeve.sleeve_id for s in seats):  # in its old place: seats decide in order of creation
            seats[:] = [seat if s.sleeve_id == sleeve.sleeve_id else s for s in seats]
        else:
            seats.append(seat)

    def close(self) -> None:
        """Let the exchange go; orders rest on. What fails holds up nothing else, and is raised at the end."""
        with ExitStack() as others:
            if self.venue is not None:
                others.callback(self.venue.close)
            if self.second is not None:
                others.callback(self.second.close)
            while self.save():
                pass

    def unseat(self, sleeve_id: str) -> None:
        """Take the seat away."""
        self.trader.seats[:] = [s for s in self.trader.seats if s.sleeve_id != sleeve_id]
