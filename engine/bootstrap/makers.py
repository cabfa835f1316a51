"""Makers: sessions and traders, built for the engine on demand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from engine.adapters.binance.weight import WeightBudget
from engine.adapters.clock import PacedClock
from engine.adapters.notify import BoardNotifier
from engine.adapters.paper.venue import PaperVenue
from engine.autotrader.cycle import Cycle, Terms
from engine.autotrader.feed import Feed
from engine.autotrader.house import SIMULATION_SPEED, stored_limits, stored_stake
from engine.autotrader.lease import LeaseHolder
from engine.autotrader.market_feed import MarketFeed
from engine.autotrader.seat import Seat
from engine.autotrader.second_opinion import SecondOpinion
from engine.autotrader.session import Session
from engine.autotrader.trader import Trader
from engine.bootstrap.lines import ExchangeLine, line_of, missing_keys, settings_of
from engine.bootstrap.markets import instruments_of, market_of, simulation_now, symbols_in_use
from engine.bootstrap.stores import Stores
from engine.bootstrap.strategies import strategy_of
from engine.domain.account import Account, AccountKind, Source
from engine.domain.errors import ConfigurationError, ModelError
from engine.domain.instrument import Instrument
from engine.domain.interval import Interval
from engine.domain.sleeve import MANUAL, Sleeve, SleeveState
from engine.domain.venue import OTOCO, CanaryResult
from engine.execution.book import Book
from engine.execution.desk import Desk
from engine.market.serve import BarFeed
from engine.ports import Clock, Venue
from engine.queries.papers import canary_setting
from engine.queries.trading import strategy_name
from engine.strategy.strategy import ModelStrategy, Strategy

SIMULATION_PACE = 7200.0
"""Market seconds per real second: two hourly bars a second, so that a newcomer sees trades within two minutes."""


class EngineMakers:
    """Builds sessions and strategies for the engine; `ring` wakes it. Implements autotrader.session.Makers."""

    def __init__(self, stores: Stores, ring: Callable[[], None] = lambda: None) -> None:
        self._stores = stores
        self._ring = ring
        self._budgets: dict[str, WeightBudget] = {}

    def began_at(self, source: Source) -> datetime:
        """A simulated account begins where the newest one stands, so that nobody knows its future; others now."""
        return simulation_now(self._stores) if source is Source.SIMULATED else self._stores.clock.now()

    def missing(self, kind: AccountKind) -> str | None:
        """The keys that accounts of that kind need and do not have."""
        return missing_keys(self._stores.settings, kind)

    def venue(self, account: Account) -> Venue:
        """The exchange of an account that trades at one, with the rules in force there now."""
        return self._line(account).venue

    def _line(self, account: Account) -> ExchangeLine:
        return line_of(account, self._stores, self._budget(settings_of(self._stores.settings, account.kind).url))

    def _budget(self, host: str) -> WeightBudget:
        """One for each host, for as long as this process lives: a ban does not end with the session that met it."""
        return self._budgets.setdefault(host, WeightBudget(self._stores.clock))

    def strategy(self, text: str, symbol: str, interval: Interval) -> Strategy:
        """Load it; ConfigurationError where a model was trained for another instrument or interval."""
        strategy = strategy_of(text, self._stores)
        model = strategy.model if isinstance(strategy, ModelStrategy) else None
        if model is not None and (model.symbol, model.interval) != (symbol, interval):
            raise ConfigurationError(
                f"{text} was trained on {model.symbol} {model.interval}; it cannot trade {symbol} {interval}"
            )
        return strategy

    def session(self, account: Account, lease: LeaseHolder, *, trading_on: bool) -> Session:
        """Open the account with its own market and clock; at an exchange the streams come before the first question."""
        if account.kind.at_exchange:
            return self._at_exchange(account, lease, trading_on)
        stores = self._stores
        paced = self._simulation_clock(account) if account.source is Source.SIMULATED else None
        clock: Clock = paced or stores.clock
        market = market_of(account.source, stores, clock, self._budget(account.source.value))
        instruments = instruments_of(market, account, stores.bars, symbols_in_use(account, stores))
        bars = BarFeed(market, account.source.value, stores.bars if paced is None else None)
        feed = MarketFeed(bars, market)
        trader = make_trader(
            stores, account, instruments, feed=feed, clock=clock, lease=lease, terms=self._terms(account),
            seats=self._seats(account), trading_on=trading_on,
        )  # fmt: skip
        return Session(
            account=account, trader=trader, clock=clock, paced=paced, feed=feed, instruments=instruments, makers=self,
            save=bars.save, second=self._second_opinion(account),
        )  # fmt: skip

    def _second_opinion(self, account: Account) -> SecondOpinion | None:
        """CoinGecko's word on prices that are Binance's own; another host's prices nobody else can know, unless the
        operator names one who does (AAITI_COINGECKO_URL)."""
        settings = self._stores.settings
        if account.source is not Source.BINANCE or (settings.binance_url and not settings.coingecko_url):
            return None
        clock = self._stores.clock
        return SecondOpinion(market_of(Source.COINGECKO, self._stores, clock), "CoinGecko", clock)

    def _at_exchange(self, account: Account, lease: LeaseHolder, trading_on: bool) -> Session:
        """A session on an exchange's line; where it cannot begin the line is let go."""
        stores = self._stores
        line = self._line(account)
        try:
            bars = BarFeed(line.market, account.source.value, stores.bars)
            feed = MarketFeed(bars, line.market)
            trader = make_trader(
                stores, account, line.instruments, feed=feed, clock=stores.clock, lease=lease,
                terms=self._terms(account), seats=self._seats(account), trading_on=trading_on, venue=line.venue,
            )  # fmt: skip
            line.venue.start(self._ring)
        except BaseException:
            line.venue.close()
            raise
        return Session(
            account=account, trader=trader, clock=stores.clock, paced=None, feed=feed, instruments=line.instruments,
            makers=self, venue=line.venue, brought=line.market.brought, save=bars.save,
            second=self._second_opinion(account),
        )  # fmt: skip

    def _terms(self, account: Account) -> Terms:
        board, account_id = self._stores.board, account.account_id
        return Terms(limits=stored_limits(board, account_id), stake=stored_stake(board, account_id))

    def _simulation_clock(self, account: Account) -> PacedClock:
        """Where the account stands: no order and no fill may lie in its future."""
        ledger, account_id = self._stores.ledger, account.account_id
        mark = ledger.last_mark(account_id)
        moments = [account.created_at, *(o.intent_at for o in ledger.orders(account_id))]
        moments += [f.filled_at for f in ledger.fills(account_id)]
        stored = self._stores.board.setting(SIMULATION_SPEED)
        speed = float(stored) if isinstance(stored, str) else SIMULATION_PACE
        return PacedClock(max(moments if mark is None else [mark.at, *moments]), speed)

    def _seats(self, account: Account) -> list[Seat]:
        seats = []
        for sleeve in self._stores.ledger.sleeves(account.account_id, SleeveState.ACTIVE, SleeveState.STOP_ONLY):
            decides = sleeve.state is SleeveState.ACTIVE and sleeve.strategy != MANUAL
            seats.append(Seat(sleeve=sleeve, strategy=self._strategy_if_any(sleeve) if decides else None))
        return seats

    def _strategy_if_any(self, sleeve: Sleeve) -> Strategy | None:
        """A model that cannot be used must not keep positions unguarded: its sleeve decides nothing, which is told."""
        try:
            return self.strategy(sleeve.strategy, sleeve.symbol, sleeve.interval)
        except (ModelError, ConfigurationError) as error:
            text = f"{sleeve.symbol}: {self._name(sleeve)} decides no more, its position stays under its stop: {error}"
            BoardNotifier(self._stores.board, self._stores.clock, sleeve.account_id).tell("error", text)
            return None

    def _name(self, sleeve: Sleeve) -> str:
        return strategy_name(sleeve.strategy, {m.model_id: m for m in self._stores.models.models()})


def make_trader(
    stores: Stores,
    account: Account,
    instruments: Mapping[str, Instrument],
    *,
    feed: Feed,
    clock: Clock,
    lease: LeaseHolder,
    terms: Terms,
    seats: list[Seat],
    trading_on: bool,
    venue: Venue | None = None,
) -> Trader:
    """A trader on the account's ledger, filled by its exchange, or by the paper venue where it has none."""
    book = Book.load(stores.ledger, account, instruments)
    paper = _paper(stores, account, instruments) if venue is None else None
    notifier = BoardNotifier(stores.board, stores.clock, account.account_id)
    broker = venue or paper
    assert broker is not None, "there is one or the other"
    desk = Desk(book, broker, stores.ledger, clock=clock, notifier=notifier, lease=lease)
    cycle = Cycle(
        book=book, desk=desk, paper=paper, feed=feed, ledger=stores.ledger, clock=clock, terms=terms, venue=venue,
        brackets=lambda: venue is not None and entries_bring_stops(stores, account),
    )  # fmt: skip
    return Trader(cycle, seats, began_at=account.created_at, trading_on=trading_on)


def entries_bring_stops(stores: Stores, account: Account) -> bool:
    """True where the account's canary proved that the exchange takes an entry with its stop and target at once."""
    canary = CanaryResult.from_mapping(stores.board.setting(canary_setting(account.account_id)))
    return canary is not None and canary.proved(OTOCO)


def _paper(stores: Stores, account: Account, instruments: Mapping[str, Instrument]) -> PaperVenue:
    """The paper venue as it stood, made again from the ledger."""
    venue = PaperVenue(account, instruments, account.costs)
    ledger, account_id = stores.ledger, account.account_id
    venue.restore(ledger.orders(account_id), ledger.fills(account_id), ledger.flows(account_id))
    return venue
