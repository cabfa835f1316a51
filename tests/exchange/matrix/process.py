"""One engine process: the real engine with its office, desk and venue, over the exchange in this process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, cast

from engine import settings
from engine.adapters.bars import ParquetBars
from engine.adapters.binance.market import BinanceMarket
from engine.adapters.binance.signed import SignedTransport
from engine.adapters.binance.signing import api_key
from engine.adapters.binance.transport import Transport
from engine.adapters.binance.venue import BinanceVenue
from engine.adapters.binance.weight import WeightBudget
from engine.adapters.clock import WallClock
from engine.adapters.database.board import SqlBoard
from engine.adapters.database.database import Database, open_database
from engine.adapters.database.ledger import SqlLedger
from engine.adapters.database.reads import DatabaseReads
from engine.autotrader.cycle import Terms
from engine.autotrader.desk_work import DeskWork
from engine.autotrader.engine import Engine
from engine.autotrader.house import House, stored_limits, stored_stake
from engine.autotrader.house_work import HouseWork
from engine.autotrader.lease import LeaseHolder
from engine.autotrader.office import Office
from engine.autotrader.seat import Seat
from engine.autotrader.session import Session
from engine.autotrader.warden import Warden
from engine.bootstrap import Stores, make_trader
from engine.domain.account import Account, AccountKind, Source
from engine.domain.interval import Interval
from engine.domain.job import Job
from engine.domain.sleeve import MANUAL, SleeveState
from engine.ports import Lease, Step, Venue
from engine.strategy.strategy import Strategy
from tests.exchange import Account as Held
from tests.exchange import Exchange, InProcess
from tests.exchange.matrix.line import HandStream
from tests.exchange.matrix.market import Closes, Prices, Scripted
from tests.fakes.board import FakeBoard

URL = "http://test-exchange"
ENGINE_LEASE = "engine"


class Gate(Protocol):
    """What stands around each commit: it may kill."""

    def before_commit(self) -> None: ...

    def after_commit(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What every process of a session stands on."""

    folder: Path
    url: str
    exchange: Exchange
    held: Held
    closes: Closes
    strategies: dict[str, Scripted]
    redial: float
    board: FakeBoard


class _GatedLedger:
    """A ledger whose commits go through a gate."""

    def __init__(self, inner: SqlLedger, gate: Gate) -> None:
        self._inner = inner
        self._gate = gate

    def commit(self, step: Step, lease: Lease) -> None:
        self._gate.before_commit()
        self._inner.commit(step, lease)
        self._gate.after_commit()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _Stores(Stores):
    """Stores whose ledger is gated, and whose board is in memory: it is not what is tried here, and much asked."""

    gate: Gate
    memory: FakeBoard

    @property
    def board(self) -> SqlBoard:
        return cast(SqlBoard, self.memory)

    @property
    def ledger(self) -> SqlLedger:
        return cast(SqlLedger, _GatedLedger(self.database.ledger, self.gate))


class _NoJobs:
    """Implements house.Starter: nothing is trained here."""

    def __call__(self, job: Job) -> None:
        raise AssertionError("no job is asked for here")

    def collect(self) -> None: ...


class Process:
    """`turn` is one turn of the engine's loop; `die` is the end without a last word."""

    def __init__(self, ground: Ground, name: str, door: InProcess, gate: Gate) -> None:
        self.name = name
        self.ground = ground
        self.door = door
        clock = ground.exchange.clock
        self.database = _open(ground.url, clock.now)
        self.stores = _Stores(
            settings=settings.load({"AAITI_HOME": str(ground.folder)}), database=self.database,
            reads=DatabaseReads(self.database.engine), bars=ParquetBars(ground.folder / "bars"),
            clock=cast(WallClock, clock),
        )  # fmt: skip
        object.__setattr__(self.stores, "gate", gate)
        object.__setattr__(self.stores, "memory", ground.board)
        self.stream: HandStream | None = None
        ledger, board = self.stores.ledger, self.stores.board
        self.house = House(
            board=board, ledger=ledger, models=self.stores.models, bars=self.stores.bars, makers=_Makers(self),
            wall=clock, spawn=_NoJobs(), lease=LeaseHolder(ledger, ENGINE_LEASE, name, clock.now),
        )  # fmt: skip
        warden = Warden(board, ledger, clock)
        desk_work = DeskWork(self.house)
        doers = {**HouseWork(self.house).doers(), **desk_work.doers()}
        office = Office(board, clock, doers, desk_work.recalls())
        self.engine = Engine(self.house, office, warden, monotonic=lambda: clock.ms / 1000)

    @property
    def leads(self) -> bool:
        """True where it holds the lease and has a session: it could act."""
        return self.house.lease.epoch is not None and self.house.session is not None

    @property
    def session(self) -> Session | None:
        return self.house.session

    def turn(self) -> None:
        if self.stream is not None:
            self.stream.pump()
        self.engine._turn_safely()

    def die(self) -> None:
        if self.stream is not None:
            self.stream.stop()
        self.database.close()


class _Makers:
    """Implements session.Makers as bootstrap does, over the exchange in this process and the plan's signals."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def missing(self, kind: AccountKind) -> str | None:
        return None

    def began_at(self, source: Source) -> datetime:
        return self._process.stores.clock.now()

    def venue(self, account: Account) -> Venue:
        return self._line(account)[0]

    def _line(self, account: Account) -> tuple[BinanceVenue, Prices]:
        process, ground = self._process, self._process.ground
        clock = ground.exchange.clock
        key = api_key(key=ground.held.key.api_key, secret=ground.held.key.secret)
        budget = WeightBudget(clock)
        public = Transport((URL,), clock=clock, budget=budget, attempts=1, adapter=process.door)
        market = BinanceMarket(public, clock=clock)
        instruments = {i.symbol: i for i in market.instruments()}
        transport = SignedTransport(URL, key, clock=clock, budget=budget, adapter=process.door)
        process.stream = HandStream(key, transport.time, ground.held, clock, ground.redial)
        venue = BinanceVenue(account, instruments, transport, clock=clock, stream=process.stream)
        venue.remember(
            process.stores.ledger.orders(account.account_id), process.stores.ledger.fills(account.account_id)
        )
        return venue, Prices(ground.exchange, ground.closes, market)

    def strategy(self, text: str, symbol: str, interval: Interval) -> Strategy:
        raise AssertionError("no sleeve is started by hand here")

    def session(self, account: Account, lease: LeaseHolder, *, trading_on: bool) -> Session:
        stores, board = self._process.stores, self._process.stores.board
        venue, prices = self._line(account)
        try:
            terms = Terms(
                limits=stored_limits(board, account.account_id), stake=stored_stake(board, account.account_id)
            )
            trader = make_trader(
                stores, account, venue._instruments, feed=prices, clock=stores.clock, lease=lease, terms=terms,
                seats=self._seats(account), trading_on=trading_on, venue=venue,
            )  # fmt: skip
            venue.start(lambda: None)
        except BaseException:
            venue.close()
            raise
        return Session(
            account=account, trader=trader, clock=stores.clock, paced=None, feed=prices,
            instruments=venue._instruments, makers=self, venue=venue,
        )  # fmt: skip

    def _seats(self, account: Account) -> list[Seat]:
        sleeves = self._process.stores.ledger.sleeves(account.account_id, SleeveState.ACTIVE, SleeveState.STOP_ONLY)
        known = self._process.ground.strategies
        return [Seat(sleeve=s, strategy=None if s.strategy == MANUAL else known[s.sleeve_id]) for s in sleeves]


def _open(url: str, now: Any) -> Database:
    database = open_database(url, now=now)
    database.hurry()
    return database
