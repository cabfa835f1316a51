"""INSERT ... ON CONFLICT for the database at hand: SQLite and PostgreSQL write it alike, SQLAlchemy does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement

Insert = postgresql.Insert | sqlite.Insert


def insert_into(table: Table, dialect: str) -> Insert:
    """An INSERT that knows ON CONFLICT."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def insert_new(
    table: Table, dialect: str, keys: Sequence[Column[Any]] = (), where: ColumnElement[bool] | None = None
) -> Insert:
    """An INSERT that leaves a row alone whose `keys` are there already (`where`: of a partial index; no keys: whatever
    is unique); its `rowcount` says whether it was new."""
    new = insert_into(table, dialect).on_conflict_do_nothing(index_elements=list(keys) or None, index_where=where)
    return new.execution_options(preserve_rowcount=True)


def upsert(table: Table, dialect: str, keys: Sequence[Column[Any]]) -> Insert:
    """An INSERT that replaces everything but `keys` and the row's number where the keys are there already."""
    fresh = insert_into(table, dialect)
    kept = {column.name for column in keys} | {"row"}
    changed = {column.name: fresh.excluded[column.name] for column in table.c if column.name not in kept}
    return fresh.on_conflict_do_update(index_elements=list(keys), set_=changed)
