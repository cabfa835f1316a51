"""Prepared: an INSERT compiled once, so that rows go to the driver without being looked at by SQLAlchemy each time.

A bar close writes some hundred rows before the first order leaves; to bind them anew each time was half of the work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert as AnyInsert

Insert = AnyInsert | postgresql.Insert | sqlite.Insert


class Prepared:
    """One statement for rows that have these `names`, each converted as its column's type says."""

    def __init__(self, statement: Insert, names: Sequence[str], dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(names))
        self._sql = str(compiled)
        self._order: Sequence[str] | None = compiled.positiontup if compiled.positional else None
        table = statement.table
        self._names = list(self._order or names)
        self._convert: list[Callable[[Any], Any]] = [
            table.c[name].type.dialect_impl(dialect).bind_processor(dialect) or _as_it_is for name in self._names
        ]

    def run(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write the rows in one go; nothing for none."""
        if not rows:
            return
        pairs = list(zip(self._names, self._convert, strict=True))
        if self._order is None:
            named = [{name: convert(row[name]) for name, convert in pairs} for row in rows]
            connection.exec_driver_sql(self._sql, named)
        else:
            placed = [tuple(convert(row[name]) for name, convert in pairs) for row in rows]
            connection.exec_driver_sql(self._sql, placed)


def _as_it_is(value: Any) -> Any:
    return value
