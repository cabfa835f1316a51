"""A town for the trader: two instruments, a clock that a test turns, a house with its office on SQLite. No thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import numpy as np

from engine import settings
from engine.adapters.bars import ParquetBars
from engine.adapters.clock import WallClock
from engine.adapters.database.database import open_database
from engine.adapters.database.reads import DatabaseReads
from engine.autotrader.account_work import AccountWork
from engine.autotrader.cycle import Terms
from engine.autotrader.desk_work import DeskWork
from engine.autotrader.engine import Engine
from engine.autotrader.house import House, stored_limits, stored_stake
from engine.autotrader.house_work import HouseWork
from engine.autotrader.job_work import JobWork
from engine.autotrader.lease import LeaseHolder
from engine.autotrader.live_work import LiveWork
from engine.autotrader.market_feed import MarketFeed
from engine.autotrader.model_work import ModelWork
from engine.autotrader.office import Office
from engine.autotrader.seat import Seat
from engine.autotrader.session import Session
from engine.autotrader.sleeve_work import SleeveWork
from engine.autotrader.warden import Warden
from engine.bootstrap import Stores, make_trader, strategy_of
from engine.domain.account import Account, AccountKind, Costs, Source
from engine.domain.bar import BarSeries
from engine.domain.command import Command, CommandKind
from engine.domain.equity import EquityMark
from engine.domain.interval import Interval
from engine.domain.job import Job
from engine.domain.order import Order, Purpose
from engine.domain.position import Position
from engine.domain.sleeve import MANUAL, SleeveState
from engine.market.serve import BarFeed
from engine.strategy.strategy import Strategy
from tests.builders import bars_at, instrument, utc
from tests.contracts.wall import an_account
from tests.fakes.market import FakeMarket, FixedClock
from tests.fakes.venue import FakeVenue, Said
from tests.sqlite_file import migrated_file

ACCOUNT = "p1"
START = utc("2025-01-10")
_ZERO = Costs(fee_ratio=Decimal("0.001"), half_spread_ratio=Decimal(0), slippage_ratio=Decimal(0))


def walk(symbol: str, first: float = 50_000.0, interval: Interval = Interval.H1) -> BarSeries:
    """Thirty days of bars from 2025-01-01 on, seeded: up and down by about a percent an hour."""
    steps = np.random.default_rng(len(symbol) + int(first)).normal(0, 0.01, int(30 * 24 * Interval.H1.ms / interval.ms))
    closes = np.round(first * np.exp(np.cumsum(steps)), 2).tolist()
    return bars_at("2025-01-01", closes, symbol=symbol, interval=interval)


class Killed(BaseException):
    """The process is gone."""


class Spawned:
    """Implements house.Starter without a process."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    def __call__(self, job: Job) -> None:
        self.jobs.append(job)

    def collect(self) -> None:
        pass


class Town:
    """Everything at hand. `settle` answers what was asked; `ask` asks and settles."""

    def __init__(self, folder: Path, *series: BarSeries, owner: str = "engine-1", at: datetime = START) -> None:
        self.clock = FixedClock(at)
        self.market = FakeMarket(
            self.clock, *(series or (walk("BTCUSDT"), walk("ETHUSDT", 2_500.0))),
            instruments=[instrument("BTCUSDT", lot="0.001"), instrument("ETHUSDT", lot="0.01")],
        )  # fmt: skip
        existing = folder / "aaiti.db"
        url = f"sqlite:///{existing}" if existing.exists() else migrated_file(folder)
        database = open_database(url, now=self.clock.now)
        self.stores = Stores(
            settings=settings.load({"AAITI_HOME": str(folder)}), database=database,
            reads=DatabaseReads(database.engine), bars=ParquetBars(folder / "bars"), clock=cast(WallClock, self.clock),
        )  # fmt: skip
        self.board, self.ledger = self.stores.board, self.stores.ledger
        self.spawned = Spawned()
        self.said = Said()
        self.house = House(
            board=self.board, ledger=self.ledger, models=self.stores.models, bars=self.stores.bars,
            makers=TownMakers(self), wall=self.clock, spawn=self.spawned,
            lease=LeaseHolder(self.ledger, "engine", owner, self.clock.now),
        )  # fmt: skip
        self.warden = Warden(self.board, self.ledger, self.clock)
        works = (
            HouseWork(self.house), AccountWork(self.house), LiveWork(self.house, self.warden), DeskWork(self.house),
            SleeveWork(self.house), JobWork(self.house), ModelWork(self.house),
        )  # fmt: skip
        doers = {kind: doer for work in works for kind, doer in work.doers().items()}
        self.recalls = {**DeskWork(self.house).recalls(), **AccountWork(self.house).recalls()}
        self.office = Office(self.board, self.clock, doers, self.recalls)
        self.engine = Engine(self.house, self.office, self.warden)
        self._asked = 0

    def open(self, cash: str = "10000") -> Town:
        """An account of its own, in session."""
        self.ledger.open_account(an_account(ACCOUNT, cash=Decimal(cash), costs=_ZERO, created_at=self.clock.now()))
        self.board.put_setting("account_id", ACCOUNT)
        return self.enter()

    def enter(self) -> Town:
        """Load the account in use anew, as after a restart."""
        account = self.house.account_in_use()
        assert account is not None
        assert self.house.lease.keep()
        session = self.house.makers.session(account, self.house.lease, trading_on=self.house.trading_on)
        session.trader.start()
        self.house.leave(None)
        self.house.session = session
        self.warden.enter(session)
        return self

    @property
    def session(self) -> Session:
        """The session."""
        assert self.house.session is not None
        return self.house.session

    # ------------------------------------------------------------------ commands

    def ask(self, kind: CommandKind, payload: Mapping[str, Any] | None = None, **changes: Any) -> Command:
        """Ask, let the office answer, and give the answered command."""
        self._asked += 1
        fields: dict[str, Any] = {
            "key": f"k{self._asked}", "kind": kind, "payload": payload or {}, "asked_by": "tester",
            "asked_at": self.clock.now(), "expires_at": self.clock.now() + timedelta(seconds=30), "state_version": None,
        }  # fmt: skip
        command = Command(**fields | changes)
        self.board.ask(command)
        self.settle()
        answered = self.board.command(command.key)
        assert answered is not None
        return answered

    def settle(self) -> None:
        """Answer everything that waits."""
        while self.office.answer_next():
            pass

    def buy(self, quantity: str = "0.04", symbol: str = "BTCUSDT", **changes: Any) -> Command:
        """A market ticket."""
        ticket = {"symbol": symbol, "side": "BUY", "type": "MARKET", "quantity": quantity}
        return self.ask(CommandKind.PLACE_ORDER, ticket, **changes)

    def start_sleeve(self, strategy: str = "rule:buy_hold", symbol: str = "BTCUSDT") -> str:
        """Let a rule trade; the sleeve's id."""
        wanted = {"strategy": strategy, "symbol": symbol, "interval": "1h"}
        answered = self.ask(CommandKind.START_SLEEVE, wanted)
        assert answered.result is not None, answered.message
        return str(answered.result["sleeve_id"])

    # ------------------------------------------------------------------ time

    def forward(self, step: timedelta) -> None:
        """Turn the clock; the lease is kept, as the engine's loop does."""
        self.clock.forward(step)
        assert self.house.lease.keep()

    def pass_bars(self, n: int = 1) -> None:
        """Let bars close, and the trader deal with each in time."""
        for _ in range(n):
            self.clock.at = self.session.trader.next_close + timedelta(seconds=2)
            self.house.lease.keep()
            assert self.session.advance()

    # ------------------------------------------------------------------ what came of it

    def positions(self) -> list[Position]:
        """Open positions."""
        return list(self.ledger.positions(ACCOUNT))

    def orders(self, *purposes: Purpose) -> list[Order]:
        """Orders of the ledger."""
        return [o for o in self.ledger.orders(ACCOUNT) if not purposes or o.purpose in purposes]

    def causes(self) -> list[str]:
        """Open halts' causes."""
        return [h.cause for h in self.ledger.halts(ACCOUNT)]

    def mark(self) -> EquityMark:
        """The newest mark."""
        mark = self.ledger.last_mark(ACCOUNT)
        assert mark is not None
        return mark

    def close(self) -> None:
        """Let the database go."""
        self.stores.database.close()


class TownMakers:
    """Implements session.Makers over the town's market."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self.failing: Exception | None = None
        self.lacking: str | None = None

    def missing(self, kind: AccountKind) -> str | None:
        return self.lacking if kind.at_exchange else None

    def venue(self, account: Account) -> FakeVenue:
        town = self._town
        instruments = {i.symbol: i for i in town.market.instruments()}
        return FakeVenue(account, instruments, market=town.market, clock=town.clock, said=town.said)

    def began_at(self, source: Source) -> datetime:
        return self._town.clock.now()

    def strategy(self, text: str, symbol: str, interval: Interval) -> Strategy:
        return strategy_of(text, self._town.stores)

    def session(self, account: Account, lease: LeaseHolder, *, trading_on: bool) -> Session:
        if self.failing is not None:
            raise self.failing
        town = self._town
        instruments = {i.symbol: i for i in town.market.instruments()}
        feed = MarketFeed(BarFeed(town.market, "SIMULATED"), town.market)
        board = town.board
        terms = Terms(limits=stored_limits(board, account.account_id), stake=stored_stake(board, account.account_id))
        venue = self.venue(account) if account.kind.at_exchange else None
        trader = make_trader(
            town.stores, account, instruments, feed=feed, clock=town.clock, lease=lease, terms=terms,
            seats=self._seats(account), trading_on=trading_on, venue=venue,
        )  # fmt: skip
        return Session(
            account=account, trader=trader, clock=town.clock, paced=None, feed=feed, instruments=instruments,
            makers=self, venue=venue,
        )  # fmt: skip

    def _seats(self, account: Account) -> list[Seat]:
        sleeves = self._town.ledger.sleeves(account.account_id, SleeveState.ACTIVE, SleeveState.STOP_ONLY)
        return [Seat(sleeve=s, strategy=self._strategy(s.strategy, s.state)) for s in sleeves]

    def _strategy(self, text: str, state: SleeveState) -> Strategy | None:
        return strategy_of(text, self._town.stores) if state is SleeveState.ACTIVE and text != MANUAL else None


def decided(town: Town) -> Sequence[tuple[str, str | None]]:
    """(action, held by) of every decision."""
    return [(d.action.value, d.held_by) for d in town.ledger.decisions(ACCOUNT)]
