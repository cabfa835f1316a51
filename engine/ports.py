"""What the engine needs from outside, as narrow protocols. Adapters implement them; `bootstrap.py` joins them.

Standard library and domain only. All methods are synchronous and raise only errors of `domain/errors.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from engine.domain.account import Account
from engine.domain.bar import BarSeries
from engine.domain.command import Command, CommandState
from engine.domain.decision import Decision
from engine.domain.equity import EquityMark
from engine.domain.fill import Fill
from engine.domain.halt import Halt, HaltKind
from engine.domain.instrument import Instrument
from engine.domain.interval import Interval
from engine.domain.job import Job, JobKind, JobState
from engine.domain.model import Model, ModelVersion
from engine.domain.order import Order, OrderStatus
from engine.domain.position import Position
from engine.domain.quote import Quote
from engine.domain.signal import Prediction
from engine.domain.sleeve import Sleeve, SleeveState
from engine.domain.trade import Trade


class Clock(Protocol):
    """The only source of 'now'."""

    def now(self) -> datetime:
        """Aware UTC now: the wall's, or a replay's."""
        ...

    def sleep_until(self, at: datetime) -> None:
        """Wait until `at` by this clock (a replay at full speed returns at once)."""
        ...


class MarketData(Protocol):
    """A source of prices."""

    def instruments(self) -> Sequence[Instrument]:
        """Every instrument on offer, with the rules in force now."""
        ...

    def bars(self, symbol: str, interval: Interval, start: datetime, end: datetime) -> BarSeries:
        """Closed bars with start <= open < end; the unfinished one is never among them. Gaps stay gaps."""
        ...

    def quote(self, symbol: str) -> Quote:
        """The newest price with its age. MarketDataError or VenueError where there is none."""
        ...


class Bars(Protocol):
    """The cache of closed bars, by source (`BINANCE`, `SIMULATED`, `ARCHIVE`, `COINGECKO`)."""

    def read(
        self, source: str, symbol: str, interval: Interval, start: datetime | None = None, end: datetime | None = None
    ) -> BarSeries:
        """Stored bars with start <= open < end; empty where there are none."""
        ...

    def write(self, source: str, series: BarSeries) -> int:
        """Store bars, replacing those with the same open; all or nothing. Returns how many were new."""
        ...

    def write_rules(self, source: str, instruments: Sequence[Instrument]) -> None:
        """Store instruments' rules, replacing those of the same symbols."""
        ...

    def rules(self, source: str) -> Sequence[Instrument]:
        """Stored instruments of a source, by symbol."""
        ...

    def coverage(self, source: str) -> Sequence[Coverage]:
        """What is stored, per symbol and interval."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Stored bars of one symbol and interval: opens of the first and last, and how many are missing between."""

    source: str
    symbol: str
    interval: Interval
    n_bars: int
    first_open_at: datetime
    last_open_at: datetime
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReport:
    """What the venue says about one order. `fills` are all of the order's fills known now, repeats included."""

    client_id: str
    status: OrderStatus
    fills: tuple[Fill, ...] = ()
    message: str = ""


class Broker(Protocol):
    """A venue that takes orders. Calls may raise VenueError (nothing happened) or OrderOutcomeUnknown (look it up)."""

    def place(self, orders: Sequence[Order]) -> Sequence[OrderReport]:
        """Place one order, or an OCO (a STOP and a LIMIT with one `list_id`). REJECTED is a report, not an error."""
        ...

    def cancel(self, orders: Sequence[Order]) -> Sequence[OrderReport]:
        """Cancel one order or a whole list; reports tell what it came to (perhaps FILLED first)."""
        ...

    def find(self, order: Order) -> OrderReport | None:
        """Look an order up by its client id; None where the venue does not know it."""
        ...

    def poll(self) -> Sequence[OrderReport]:
        """What happened to our orders since the last poll."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderUpdate:
    """One order's new state, with the event that caused it."""

    order: Order
    cause: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Everything one cycle step writes, in one transaction: all of it or nothing."""

    account_id: str
    at: datetime
    updates: Sequence[OrderUpdate] = ()
    fills: Sequence[Fill] = ()
    decisions: Sequence[Decision] = ()
    intents: Sequence[Order] = ()
    trades: Sequence[Trade] = ()
    positions: Sequence[Position] = ()
    closed_positions: Sequence[tuple[str, str]] = ()
    """(sleeve_id, symbol) of positions that are gone."""
    mark: EquityMark | None = None
    halts: Sequence[Halt] = ()
    cursors: Mapping[str, datetime] = field(default_factory=dict)
    """Sleeve id -> close of the newest bar it has dealt with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to trade one account: valid while the row still says so."""

    name: str
    owner: str
    epoch: int
    expires_at: datetime


class Ledger(Protocol):
    """What must not be lost. Each write is one transaction."""

    def commit(self, step: Step, lease: Lease) -> None:
        """Write a step. Its first statement renews the lease row where it is still ours, else LeaseLost and nothing is
        written. A new ENTRY intent while a halt or pause is open raises TradingHalted and nothing is written. A fill
        that exceeds its order raises Overfill. Repeated fills (same fill_id) and decisions (same sleeve, bar close) are
        ignored.
        """
        ...

    def take_lease(self, name: str, owner: str, now: datetime, seconds: float) -> Lease | None:
        """Take or renew the lease: ours, expired or absent, else None. A new owner gets epoch + 1."""
        ...

    def release_lease(self, lease: Lease) -> None:
        """Give it back; no effect where it is no longer ours."""
        ...

    def open_account(self, account: Account) -> None:
        """Record a new account."""
        ...

    def close_account(self, account_id: str, at: datetime) -> None:
        """Close it; its history stays."""
        ...

    def account(self, account_id: str) -> Account:
        """The account; LedgerError where there is none."""
        ...

    def accounts(self) -> Sequence[Account]:
        """All accounts, oldest first."""
        ...

    def put_sleeve(self, sleeve: Sleeve) -> None:
        """Insert or update a sleeve."""
        ...

    def sleeves(self, account_id: str, *states: SleeveState) -> Sequence[Sleeve]:
        """Sleeves of the account in creation order; all states where none is named."""
        ...

    def orders(self, account_id: str, *, open_only: bool = False) -> Sequence[Order]:
        """Orders in order of intent."""
        ...

    def fills(self, account_id: str) -> Sequence[Fill]:
        """Fills in the order they were recorded."""
        ...

    def decisions(self, account_id: str) -> Sequence[Decision]:
        """Decisions by bar close, then in the order recorded."""
        ...

    def trades(self, account_id: str) -> Sequence[Trade]:
        """Trades in the order they closed."""
        ...

    def positions(self, account_id: str) -> Sequence[Position]:
        """Open positions."""
        ...

    def last_mark(self, account_id: str) -> EquityMark | None:
        """The newest equity mark."""
        ...

    def cursors(self, account_id: str) -> Mapping[str, datetime]:
        """Sleeve id -> close of the newest bar dealt with."""
        ...

    def move_cash(self, account_id: str, amount: Decimal, at: datetime, note: str) -> None:
        """Record an external flow (deposit above zero, withdrawal below)."""
        ...

    def flows(self, account_id: str) -> Sequence[tuple[datetime, Decimal, str]]:
        """External flows, oldest first."""
        ...

    def raise_halt(self, halt: Halt) -> bool:
        """Open a halt; False where one of the same account and cause is open already."""
        ...

    def clear_halts(self, account_id: str, kind: HaltKind, cause: str | None, at: datetime, by: str) -> int:
        """Clear open halts of that kind (and cause); how many."""
        ...

    def halts(self, account_id: str) -> Sequence[Halt]:
        """Open halts and pauses."""
        ...


LOOKED_AT = "looked_at"
"""Setting: {symbol, until}, the instrument whose price a screen wants kept fresh; engines on real venues ask for it."""


class Board(Protocol):
    """Where screens and engine meet: commands in, state out; jobs, settings and alerts."""

    def ask(self, command: Command) -> bool:
        """Insert a command; False where its key was there already (the first one counts)."""
        ...

    def pending(self) -> Sequence[Command]:
        """Unanswered commands, oldest first."""
        ...

    def answer(
        self, key: str, state: CommandState, message: str, at: datetime, result: Mapping[str, object] | None = None
    ) -> None:
        """Answer a command, once."""
        ...

    def command(self, key: str) -> Command | None:
        """A command with its answer."""
        ...

    def beat(self, owner: str, at: datetime, status: Mapping[str, object]) -> None:
        """Write the engine's heartbeat and status."""
        ...

    def heartbeat(self) -> Heartbeat | None:
        """The newest heartbeat."""
        ...

    def setting(self, name: str) -> object | None:
        """A stored setting (JSON), e.g. `trading_on`, `account_id`, `limits:<account_id>`."""
        ...

    def put_setting(self, name: str, value: object, *, quiet: bool = False) -> int:
        """Store a setting; returns the state version: it grows with every change that screens must not overlook.

        `quiet` is for what changes nothing that an order depends on: the version stays.
        """
        ...

    def state_version(self) -> int:
        """The current state version."""
        ...

    def alert(self, at: datetime, level: str, text: str, account_id: str | None) -> None:
        """Keep a message for the operator (`info`, `warning`, `error`)."""
        ...

    def add_job(self, job: Job) -> None:
        """Queue a job."""
        ...

    def job(self, job_id: str) -> Job | None:
        """A job."""
        ...

    def jobs(self, kind: JobKind | None = None) -> Sequence[Job]:
        """Jobs, newest first."""
        ...

    def update_job(
        self,
        job_id: str,
        at: datetime,
        *,
        state: JobState | None = None,
        progress: float | None = None,
        message: str | None = None,
        result: Mapping[str, object] | None = None,
        pid: int | None = None,
    ) -> bool:
        """Change what is given; returns True where a cancel has been requested."""
        ...

    def cancel_job(self, job_id: str) -> bool:
        """Request a cancel; False where the job is over."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """The engine's last sign of life; `status` is what the status bar shows."""

    owner: str
    at: datetime
    status: Mapping[str, object]


class ModelStore(Protocol):
    """Registry rows and artefact files of models."""

    def add_model(self, model: Model) -> None:
        """Record a model; ModelError where the name is taken."""
        ...

    def models(self) -> Sequence[Model]:
        """All models, newest first."""
        ...

    def model(self, name_or_id: str) -> Model:
        """By id or name; ModelNotFound."""
        ...

    def add_version(self, version: ModelVersion) -> None:
        """Record a version; the first one of a model becomes its CHAMPION."""
        ...

    def versions(self, model_id: str) -> Sequence[ModelVersion]:
        """Versions, newest first."""
        ...

    def version(self, model_or_version_id: str) -> ModelVersion:
        """A version by its id, or the champion of a model's id or name; ModelNotFound."""
        ...

    def promote(self, version_id: str, at: datetime, by: str) -> None:
        """Make it the champion; the one before is retired. Recorded with who and when."""
        ...

    def save_predictions(self, version_id: str, predictions: Iterable[Prediction]) -> None:
        """Keep predictions; one per version, instrument and as_of."""
        ...

    def predictions(self, version_id: str, limit: int = 500) -> Sequence[Prediction]:
        """Newest first."""
        ...


class Notifier(Protocol):
    """Tells the operator something now."""

    def tell(self, level: str, text: str) -> None:
        """Deliver; never raises."""
        ...
