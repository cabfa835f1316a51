"""Bootstrap: the only file that joins ports to adapters."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from engine import settings as configuration
from engine.adapters.archive import ArchiveMarket
from engine.adapters.bars import ParquetBars
from engine.adapters.binance.market import BinanceMarket
from engine.adapters.binance.transport import Transport
from engine.adapters.clock import PacedClock, WallClock
from engine.adapters.coingecko.market import CoinGeckoMarket
from engine.adapters.coingecko.transport import Transport as GeckoTransport
from engine.adapters.database.board import SqlBoard
from engine.adapters.database.database import Database, open_database
from engine.adapters.database.ledger import SqlLedger
from engine.adapters.database.migrate import migrate
from engine.adapters.database.reads import DatabaseReads
from engine.adapters.database.registry import SqlModelStore
from engine.adapters.models.files import load as load_artefact
from engine.adapters.models.files import prepare
from engine.adapters.notify import BoardNotifier
from engine.adapters.paper.venue import PaperVenue
from engine.adapters.simulated import SimulatedMarket
from engine.autotrader.cycle import Cycle, Terms
from engine.autotrader.desk_work import DeskWork
from engine.autotrader.engine import Engine
from engine.autotrader.feed import Feed
from engine.autotrader.house import SIMULATION_SPEED, House, stored_limits, stored_stake
from engine.autotrader.house_work import HouseWork
from engine.autotrader.job_work import JobWork
from engine.autotrader.jobs import JobStarter
from engine.autotrader.lease import LeaseHolder, owner_name
from engine.autotrader.market_feed import MarketFeed
from engine.autotrader.office import Office
from engine.autotrader.seat import Seat
from engine.autotrader.session import Session
from engine.autotrader.sleeve_work import SleeveWork
from engine.autotrader.trader import Trader
from engine.domain.account import Account, AccountKind, Source
from engine.domain.errors import AaitiError, ConfigurationError, MissingBars, ModelError
from engine.domain.instrument import Instrument
from engine.domain.interval import Interval
from engine.domain.sleeve import MANUAL, Sleeve, SleeveState
from engine.execution.book import Book
from engine.execution.desk import Desk
from engine.market.serve import BarFeed
from engine.ports import Bars, Clock, MarketData
from engine.settings import Settings
from engine.strategy.strategy import ModelStrategy, RuleStrategy, Strategy
from engine.strategy.warm import warm_up

SIMULATION_START = datetime(2024, 1, 1, tzinfo=UTC)
"""Where the simulated market's clock starts: four years of its bars lie before, to learn from."""
SIMULATION_PACE = 7200.0
"""Market seconds per real second: two hourly bars a second, so that a newcomer sees trades within two minutes."""
ENGINE_LEASE = "engine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """What is kept: database and bars. Implements queries.Console for the screens."""

    settings: Settings
    database: Database
    reads: DatabaseReads
    bars: ParquetBars
    clock: WallClock

    @property
    def board(self) -> SqlBoard:
        """Commands, settings, heartbeat, jobs."""
        return self.database.board

    @property
    def ledger(self) -> SqlLedger:
        """What must not be lost."""
        return self.database.ledger

    @property
    def models(self) -> SqlModelStore:
        """Models and their versions."""
        return self.database.models


def open_stores(settings: Settings) -> Stores:
    """Migrate the database and open everything that is kept."""
    settings.home.mkdir(parents=True, exist_ok=True)
    migrate(settings.database_url)
    database = open_database(settings.database_url)
    return Stores(
        settings=settings, database=database, reads=DatabaseReads(database.engine),
        bars=ParquetBars(settings.bars_folder), clock=WallClock(),
    )  # fmt: skip


def console(settings: Settings | None = None) -> Stores:
    """What the screens read through."""
    return open_stores(settings or configuration.load())


def strategy_of(text: str, stores: Stores) -> Strategy:
    """`model:<id or name>` from the registry and its artefact, or `rule:<name>:<k=v,...>`."""
    kind, _, rest = text.partition(":")
    if kind == "rule" and rest:
        return RuleStrategy.of(rest)
    if kind == "model" and rest:
        version = stores.models.version(rest)
        path = stores.settings.models_folder / version.artefact_path
        return ModelStrategy(model=load_artefact(path, version.artefact_sha256), version_id=version.version_id)
    raise ConfigurationError(f"strategy {text!r}; write model:ID or rule:NAME:k=v")


def market_of(source: Source | str, stores: Stores, clock: Clock) -> MarketData:
    """The market of a source, by this clock."""
    if source == Source.BINANCE:
        url = stores.settings.binance_url
        return BinanceMarket(Transport((url,), clock=clock) if url else Transport(clock=clock), clock=clock)
    if source == Source.SIMULATED:
        return SimulatedMarket(clock)
    if source == Source.COINGECKO:
        url, key = stores.settings.coingecko_url or "", stores.settings.coingecko_key or ""
        return CoinGeckoMarket(GeckoTransport(clock=clock, base_url=url, demo_key=key), clock=clock)
    return ArchiveMarket(stores.bars, clock, str(source))


class EngineMakers:
    """Builds sessions and strategies for the engine. Implements autotrader.session.Makers."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def began_at(self, source: Source) -> datetime:
        """A simulated account begins where the newest one stands, so that nobody knows its future; others now."""
        return simulation_now(self._stores) if source is Source.SIMULATED else self._stores.clock.now()

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
        """Open the account with its own market and clock."""
        stores = self._stores
        paced = self._simulation_clock(account) if account.source is Source.SIMULATED else None
        clock: Clock = paced or stores.clock
        market = market_of(account.source, stores, clock)
        instruments = instruments_of(market, account, stores.bars)
        feed = MarketFeed(BarFeed(market, account.source.value, stores.bars if paced is None else None), market)
        terms = Terms(
            limits=stored_limits(stores.board, account.account_id), stake=stored_stake(stores.board, account.account_id)
        )
        trader = make_trader(
            stores, account, instruments, feed=feed, clock=clock, lease=lease, terms=terms,
            seats=self._seats(account), trading_on=trading_on,
        )  # fmt: skip
        return Session(
            account=account, trader=trader, clock=clock, paced=paced, feed=feed, instruments=instruments, makers=self
        )  # fmt: skip

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
            text = f"{sleeve.symbol}: {sleeve.strategy} decides no more, its position stays under its stop: {error}"
            BoardNotifier(self._stores.board, self._stores.clock, sleeve.account_id).tell("error", text)
            return None


def instruments_of(market: MarketData, account: Account, bars: Bars) -> Mapping[str, Instrument]:
    """The instruments an account can trade: those its market offers in its quote, remembered for when it is away."""
    try:
        offered = market.instruments()
        bars.write_rules(account.source.value, offered)
    except AaitiError:
        offered = bars.rules(account.source.value)
        if not offered:
            raise
    chosen = {i.symbol: i for i in offered if i.quote == account.quote and i.trading}
    if not chosen:
        raise MissingBars(f"{account.source} offers no instrument quoted in {account.quote}; import or sync some bars")
    return chosen


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
) -> Trader:
    """A trader on the account's ledger, filled by the paper venue."""
    book = Book.load(stores.ledger, account, instruments)
    venue = PaperVenue(account, instruments, account.costs)
    ledger, account_id = stores.ledger, account.account_id
    venue.restore(ledger.orders(account_id), ledger.fills(account_id), ledger.flows(account_id))
    notifier = BoardNotifier(stores.board, stores.clock, account.account_id)
    desk = Desk(book, venue, stores.ledger, clock=clock, notifier=notifier, lease=lease)
    cycle = Cycle(
        book=book, desk=desk, paper=venue, feed=feed, ledger=stores.ledger, clock=clock, terms=terms
    )
    return Trader(cycle, seats, began_at=account.created_at, trading_on=trading_on)


def make_engine(stores: Stores, starter: JobStarter) -> Engine:
    """The engine with its office, not yet running."""
    house = House(
        board=stores.board, ledger=stores.ledger, models=stores.models, bars=stores.bars, makers=EngineMakers(stores),
        wall=stores.clock, spawn=starter,
        lease=LeaseHolder(stores.ledger, ENGINE_LEASE, owner_name(), stores.clock.now),
    )  # fmt: skip
    works = (HouseWork(house), DeskWork(house), SleeveWork(house), JobWork(house))
    doers = {kind: doer for work in works for kind, doer in work.doers().items()}
    return Engine(house, Office(stores.board, stores.clock, doers))


class EngineHandle:
    """A running engine in a thread of its own."""

    def __init__(self, stores: Stores) -> None:
        self._starter = JobStarter()
        self._engine = make_engine(stores, self._starter)
        self._stores = stores
        self._thread = threading.Thread(target=self._engine.run, name="aaiti-engine", daemon=True)
        self._thread.start()
        threading.Thread(target=_warm, name="aaiti-warm", daemon=True).start()

    def stop(self) -> None:
        """End it between two steps; the ledger is consistent and the lease given back."""
        self._engine.stop()
        self._thread.join(timeout=4)
        self._starter.stop()
        if self._thread.is_alive():
            logging.getLogger("aaiti").error("the engine did not stop in time; it reconciles at the next start")
            return
        self._stores.database.close()


def _warm() -> None:
    """Compile and import what the first close and the first model would wait for."""
    warm_up()
    prepare()


def start_engine(settings: Settings | None = None) -> EngineHandle:
    """Open the stores and start the engine's thread."""
    return EngineHandle(open_stores(settings or configuration.load()))


def history(source: str, stores: Stores) -> MarketData:
    """A market for training and backtests: the simulated one's clock stands where its newest account's does."""
    if source != Source.SIMULATED:
        return market_of(source, stores, stores.clock)
    return SimulatedMarket(PacedClock(simulation_now(stores), None))


def simulation_now(stores: Stores) -> datetime:
    """How far the simulated market has come in any paper account: its time never goes back."""
    papers = [a for a in stores.ledger.accounts() if a.kind is AccountKind.PAPER and a.source is Source.SIMULATED]
    marks = [stores.ledger.last_mark(a.account_id) for a in papers]
    return max((mark.at for mark in marks if mark is not None), default=SIMULATION_START)
