"""Ledger: what must not be lost, and the lease that proves who may write it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from engine.domain.account import Account
from engine.domain.decision import Decision
from engine.domain.equity import EquityMark
from engine.domain.fill import Fill
from engine.domain.guard import Guard
from engine.domain.halt import Halt, HaltKind
from engine.domain.order import Order
from engine.domain.position import Position
from engine.domain.sleeve import Sleeve, SleeveState
from engine.domain.trade import Trade


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
    guards: Sequence[Guard] = ()
    cursors: Mapping[str, datetime] = field(default_factory=dict)
    """Sleeve id -> close of the newest bar it has dealt with."""
    told: Sequence[Decision] = ()
    """Decisions that an earlier step wrote, with their gates' words and their reasons; nothing else of them changes."""


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
        that exceeds its order raises Overfill. Repeated fills (same fill_id), decisions (same sleeve, bar close) and
        guards (same key) are ignored.
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

    def guards(self, account_id: str) -> Sequence[Guard]:
        """Where the operator set stops and targets, in the order recorded."""
        ...

    def move_cash(self, account_id: str, amount: Decimal, at: datetime, note: str, *, key: str | None = None) -> bool:
        """Record an external flow (deposit above zero, withdrawal below). False where a flow of that `key` is recorded
        already: the same command never moves money twice."""
        ...

    def cash_was_moved(self, key: str) -> bool:
        """True where a flow of that key is recorded."""
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
