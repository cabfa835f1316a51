"""The ledger on SQL: what must not be lost. Each method is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from sqlalchemy import Engine, bindparam, case, or_, select, update

from engine.adapters.database.commit import HALT_IS_OPEN, StepWriter
from engine.adapters.database.engine import reading, writing
from engine.adapters.database.rows import (
    ACCOUNTS,
    DECISIONS,
    FILLS,
    GUARDS,
    HALTS,
    MARKS,
    ORDERS,
    POSITIONS,
    SLEEVES,
    TRADES,
    RowsOf,
)
from engine.adapters.database.tables import accounts, cursors, flows, halts, leases, orders, sleeves
from engine.adapters.database.tables_trading import ENDED
from engine.adapters.database.types import from_us, to_us
from engine.adapters.database.upsert import insert_into, insert_new, upsert
from engine.domain.account import Account
from engine.domain.decision import Decision
from engine.domain.equity import EquityMark
from engine.domain.errors import LedgerError
from engine.domain.fill import Fill
from engine.domain.guard import Guard
from engine.domain.halt import Halt, HaltKind
from engine.domain.order import Order
from engine.domain.position import Position
from engine.domain.sleeve import Sleeve, SleeveState
from engine.domain.trade import Trade
from engine.ports import Lease, Step

T = TypeVar("T")

_MICROSECOND = timedelta(microseconds=1)
_NOBODY = ""
"""Owner of a lease that was given back: whoever takes it next gets a new epoch."""

_OPEN_HALTS = HALTS.select().where(halts.c.account_id == bindparam("account"), HALT_IS_OPEN).order_by(halts.c.row)


class SqlLedger:
    """`ports.Ledger` on SQLite and PostgreSQL. `now` is the wall clock, by which leases expire (never a replay's)."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now
        self._dialect = engine.dialect.name
        self._writer = StepWriter(engine.dialect)

    def commit(self, step: Step, lease: Lease) -> None:
        """Write a step, all of it or nothing; see `ports.Ledger.commit`."""
        with writing(self._engine) as connection:
            self._writer.write(connection, step, lease, self._now())

    def take_lease(self, name: str, owner: str, now: datetime, seconds: float) -> Lease | None:
        """Take or renew it: ours, expired or absent. One statement, so that of two takers one wins."""
        lasts = timedelta(seconds=seconds) // _MICROSECOND
        expires = to_us(now) + lasts
        first = {"name": name, "owner": owner, "epoch": 1, "expires_us": expires, "duration_us": lasts}
        ours = leases.c.owner == owner
        take = insert_into(leases, self._dialect).values(first)
        take = take.on_conflict_do_update(
            index_elements=[leases.c.name],
            set_={
                "owner": owner,
                "epoch": case((ours, leases.c.epoch), else_=leases.c.epoch + 1),
                "expires_us": expires,
                "duration_us": lasts,
            },
            where=or_(ours, leases.c.expires_us <= to_us(now)),
        )
        with writing(self._engine) as connection:
            epoch = connection.execute(take.returning(leases.c.epoch)).scalar()
        return None if epoch is None else Lease(name=name, owner=owner, epoch=epoch, expires_at=from_us(expires))

    def release_lease(self, lease: Lease) -> None:
        """Give it back where it is still ours."""
        ours = (leases.c.name == lease.name, leases.c.owner == lease.owner, leases.c.epoch == lease.epoch)
        with writing(self._engine) as connection:
            connection.execute(update(leases).where(*ours).values(owner=_NOBODY, expires_us=0))

    def open_account(self, account: Account) -> None:
        """Record a new account; LedgerError where the id is taken."""
        new = insert_new(accounts, self._dialect, [accounts.c.account_id])
        with writing(self._engine) as connection:
            if connection.execute(new, ACCOUNTS.values(account)).rowcount != 1:
                raise LedgerError(f"account {account.account_id} exists already; a reset opens one with a new id")

    def close_account(self, account_id: str, at: datetime) -> None:
        """Close it once; its history stays."""
        self.account(account_id)
        still_open = (accounts.c.account_id == account_id, accounts.c.closed_at.is_(None))
        with writing(self._engine) as connection:
            connection.execute(update(accounts).where(*still_open).values(closed_at=at))

    def account(self, account_id: str) -> Account:
        """The account; LedgerError where there is none."""
        with reading(self._engine) as connection:
            row = connection.execute(ACCOUNTS.select().where(accounts.c.account_id == account_id)).first()
        if row is None:
            raise LedgerError(f"there is no account {account_id!r}; open it first, or name one of the account list")
        return ACCOUNTS.item(row)

    def accounts(self) -> Sequence[Account]:
        """All accounts, oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(ACCOUNTS.select().order_by(accounts.c.created_at, accounts.c.account_id)).all()
        return ACCOUNTS.items(rows)

    def put_sleeve(self, sleeve: Sleeve) -> None:
        """Insert or update a sleeve; it keeps its place in the order of creation."""
        put = upsert(sleeves, self._dialect, [sleeves.c.account_id, sleeves.c.sleeve_id])
        with writing(self._engine) as connection:
            connection.execute(put, SLEEVES.values(sleeve))

    def sleeves(self, account_id: str, *states: SleeveState) -> Sequence[Sleeve]:
        """Sleeves in creation order; all states where none is named."""
        chosen = SLEEVES.select().where(sleeves.c.account_id == account_id)
        if states:
            chosen = chosen.where(sleeves.c.state.in_(states))
        with reading(self._engine) as connection:
            return SLEEVES.items(connection.execute(chosen.order_by(sleeves.c.created_at, sleeves.c.row)).all())

    def orders(self, account_id: str, *, open_only: bool = False) -> Sequence[Order]:
        """Orders in order of intent."""
        chosen = ORDERS.select().where(orders.c.account_id == account_id)
        if open_only:
            chosen = chosen.where(orders.c.status.not_in(ENDED))
        with reading(self._engine) as connection:
            return ORDERS.items(connection.execute(chosen.order_by(orders.c.row)).all())

    def fills(self, account_id: str) -> Sequence[Fill]:
        """Fills in the order they were recorded."""
        return self._all(FILLS, account_id, "row")

    def decisions(self, account_id: str) -> Sequence[Decision]:
        """Decisions by bar close, then in the order recorded."""
        return self._all(DECISIONS, account_id, "bar_close_at", "row")

    def trades(self, account_id: str) -> Sequence[Trade]:
        """Trades in the order they closed."""
        return self._all(TRADES, account_id, "closed_at", "row")

    def positions(self, account_id: str) -> Sequence[Position]:
        """Open positions, by sleeve and symbol."""
        return self._all(POSITIONS, account_id, "sleeve_id", "symbol")

    def last_mark(self, account_id: str) -> EquityMark | None:
        """The newest equity mark."""
        newest = MARKS.select().where(MARKS.table.c.account_id == account_id).order_by(MARKS.table.c.at.desc()).limit(1)
        with reading(self._engine) as connection:
            row = connection.execute(newest).first()
        return None if row is None else MARKS.item(row)

    def cursors(self, account_id: str) -> Mapping[str, datetime]:
        """Sleeve id -> close of the newest bar dealt with."""
        chosen = select(cursors.c.sleeve_id, cursors.c.bar_close_at).where(cursors.c.account_id == account_id)
        with reading(self._engine) as connection:
            return {row.sleeve_id: row.bar_close_at for row in connection.execute(chosen)}

    def guards(self, account_id: str) -> Sequence[Guard]:
        """Where the operator set stops and targets, in the order recorded."""
        return self._all(GUARDS, account_id, "row")

    def move_cash(self, account_id: str, amount: Decimal, at: datetime, note: str, *, key: str | None = None) -> bool:
        """Record an external flow (deposit above zero, withdrawal below), once for each key."""
        row = {"account_id": account_id, "at": at, "amount": amount, "note": note, "key": key}
        with writing(self._engine) as connection:
            return connection.execute(insert_new(flows, self._dialect, [flows.c.key]), row).rowcount == 1

    def cash_was_moved(self, key: str) -> bool:
        """True where a flow of that key is recorded."""
        with reading(self._engine) as connection:
            return connection.execute(select(flows.c.key).where(flows.c.key == key)).first() is not None

    def flows(self, account_id: str) -> Sequence[tuple[datetime, Decimal, str]]:
        """External flows, oldest first."""
        chosen = select(flows.c.at, flows.c.amount, flows.c.note).where(flows.c.account_id == account_id)
        with reading(self._engine) as connection:
            return [
                (row.at, row.amount, row.note) for row in connection.execute(chosen.order_by(flows.c.at, flows.c.row))
            ]

    def raise_halt(self, halt: Halt) -> bool:
        """Open a halt; False where one of the same account and cause is open already."""
        new = insert_new(halts, self._dialect, [halts.c.account_id, halts.c.cause], HALT_IS_OPEN)
        # Waits for a commit under way: once this returns, no entry's intent is committed any more.
        hold = select(accounts.c.account_id).where(accounts.c.account_id == halt.account_id)
        with writing(self._engine) as connection:
            connection.execute(hold.with_for_update(key_share=True))
            return connection.execute(new, HALTS.values(halt)).rowcount == 1

    def clear_halts(self, account_id: str, kind: HaltKind, cause: str | None, at: datetime, by: str) -> int:
        """Clear open halts of that kind (and cause); how many."""
        clear = update(halts).where(halts.c.account_id == account_id, halts.c.kind == kind, HALT_IS_OPEN)
        if cause is not None:
            clear = clear.where(halts.c.cause == cause)
        with writing(self._engine) as connection:
            return connection.execute(clear.values(cleared_at=at, cleared_by=by)).rowcount

    def halts(self, account_id: str) -> Sequence[Halt]:
        """Open halts and pauses, in the order they were raised."""
        with reading(self._engine) as connection:
            return HALTS.items(connection.execute(_OPEN_HALTS, {"account": account_id}).all())

    def _all(self, kind: RowsOf[T], account_id: str, *order: str) -> list[T]:
        columns = kind.table.c
        chosen = kind.select().where(columns.account_id == account_id).order_by(*(columns[name] for name in order))
        with reading(self._engine) as connection:
            return kind.items(connection.execute(chosen).all())
