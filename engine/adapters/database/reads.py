"""The screens' SQL: bounded reads over the ledger and the board, blunt on purpose."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, Float, Select, cast, func, select

from engine.adapters.database import tables
from engine.adapters.database.engine import reading
from engine.adapters.database.rows import COMMANDS, DECISIONS, FILLS, HALTS, MARKS, ORDERS
from engine.domain.command import Command
from engine.domain.decision import Decision
from engine.domain.equity import EquityMark
from engine.domain.fill import Fill
from engine.domain.halt import Halt
from engine.domain.order import Order
from engine.queries.reads import Alert, DecisionCount, Storage


class DatabaseReads:
    """`Reads` on one database. Every list is limited, so no page grows with the age of the account."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def marks(self, account_id: str, *, since: datetime | None = None, limit: int = 2000) -> Sequence[EquityMark]:
        """Oldest first, every k-th; the first and the newest always."""
        table = tables.equity_marks
        wanted = table.c.account_id == account_id
        if since is not None:
            wanted &= table.c.at >= since
        position = func.row_number().over(order_by=table.c.at).label("position")
        total = func.count().over().label("total")
        numbered = select(*MARKS.columns, position, total).where(wanted).subquery()
        step = (numbered.c.total + limit - 1) // limit
        keep = ((numbered.c.position - 1) % step == 0) | (numbered.c.position == numbered.c.total)
        columns = [numbered.c[name] for name in MARKS.names]
        return MARKS.items(self._rows(select(*columns).where(keep).order_by(numbered.c.at)))

    def worst_drawdown(self, account_id: str) -> Decimal | None:
        """The deepest one, compared as a float and given back with its own digits."""
        column = tables.equity_marks.c.drawdown
        query = select(column).where(tables.equity_marks.c.account_id == account_id)
        rows = self._rows(query.order_by(cast(column, Float).desc()).limit(1))
        return rows[0][0] if rows else None

    def recent_decisions(
        self, account_id: str, *, sleeve_id: str | None = None, limit: int = 500
    ) -> Sequence[Decision]:
        """By bar close, newest first."""
        table = tables.decisions
        query = DECISIONS.select().where(table.c.account_id == account_id)
        if sleeve_id is not None:
            query = query.where(table.c.sleeve_id == sleeve_id)
        newest = query.order_by(table.c.bar_close_at.desc(), table.c.row.desc()).limit(limit)
        return DECISIONS.items(self._rows(newest))

    def decision_counts(self, account_id: str) -> Sequence[DecisionCount]:
        """One row per sleeve, action and gate."""
        c = tables.decisions.c
        group = (c.sleeve_id, c.action, c.held_by)
        query = select(*group, func.count()).where(c.account_id == account_id).group_by(*group).order_by(*group)
        return [
            DecisionCount(sleeve_id=sleeve_id, action=action.value, held_by=held_by, n=n)
            for sleeve_id, action, held_by, n in self._rows(query)
        ]

    def recent_orders(self, account_id: str, *, limit: int = 500) -> Sequence[Order]:
        """By intent, newest first."""
        table = tables.orders
        query = ORDERS.select().where(table.c.account_id == account_id).order_by(table.c.row.desc()).limit(limit)
        return ORDERS.items(self._rows(query))

    def recent_fills(self, account_id: str, *, limit: int = 500) -> Sequence[Fill]:
        """As recorded, newest first."""
        table = tables.fills
        query = FILLS.select().where(table.c.account_id == account_id).order_by(table.c.row.desc()).limit(limit)
        return FILLS.items(self._rows(query))

    def alerts(self, *, limit: int = 200) -> Sequence[Alert]:
        """Newest first."""
        c = tables.alerts.c
        rows = self._rows(select(c.at, c.level, c.text, c.account_id).order_by(c.row.desc()).limit(limit))
        return [Alert(at=at, level=level, text=text, account_id=account_id) for at, level, text, account_id in rows]

    def commands(self, *, limit: int = 200) -> Sequence[Command]:
        """Newest first."""
        query = COMMANDS.select().order_by(tables.commands.c.row.desc()).limit(limit)
        return COMMANDS.items(self._rows(query))

    def halt_history(self, account_id: str, *, limit: int = 200) -> Sequence[Halt]:
        """Newest first, cleared ones included."""
        table = tables.halts
        query = HALTS.select().where(table.c.account_id == account_id)
        return HALTS.items(self._rows(query.order_by(table.c.raised_at.desc(), table.c.row.desc()).limit(limit)))

    def storage(self) -> Storage:
        """URL without password, Alembic revision, and the file's size on SQLite."""
        url = self._engine.url
        with reading(self._engine) as connection:
            revision = MigrationContext.configure(connection).get_current_revision() or ""
        file = Path(str(url.database)) if self._engine.dialect.name == "sqlite" else None
        n_bytes = file.stat().st_size if file is not None and file.exists() else None
        return Storage(url=url.render_as_string(), revision=revision, n_bytes=n_bytes)

    def _rows(self, query: Select[Any]) -> Sequence[Any]:
        with reading(self._engine) as connection:
            return connection.execute(query).all()
