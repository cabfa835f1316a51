"""Connections: one engine per URL, safe for several threads and processes, and one way into a transaction."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, ProgrammingError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from engine.domain.errors import AaitiError, ConfigurationError, LedgerError

BUSY_SECONDS = 30
"""How long a write waits for another process's write before it gives up."""

_POSTGRESQL = ("postgres", "postgresql", "postgresql+psycopg")


def connect(url: str) -> Engine:
    """Make the engine for `url`; nothing is opened before the first use. ConfigurationError names what is wrong."""
    where = _read(url)
    try:
        return _sqlite(where) if where.get_backend_name() == "sqlite" else _postgresql(where)
    except ImportError as error:
        raise ConfigurationError(
            f"the database {where.render_as_string()} needs a driver that is not installed ({error}): "
            "pip install 'aaiti[postgres]'"
        ) from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads: it waits for no writer, and no writer for it."""
    try:
        with engine.begin() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise translated(error, engine) from error


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes: all of it or nothing. On SQLite the write lock is taken at once (BEGIN IMMEDIATE),
    since a reader that turns writer half-way would be refused."""
    try:
        with engine.execution_options(immediate=True).begin() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise translated(error, engine) from error


def translated(error: SQLAlchemyError, engine: Engine) -> AaitiError:
    """Say in our words what the database refused, without the password."""
    where = engine.url.render_as_string()
    cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    if "no such table" in cause or (isinstance(error, ProgrammingError) and "does not exist" in cause):
        return ConfigurationError(f"the database {where} lacks a table ({cause}): run `python -m engine migrate`")
    return LedgerError(f"the database {where} did not do it, nothing was written: {cause}")


def _read(url: str) -> URL:
    try:
        where = make_url(url)
        if where.drivername in _POSTGRESQL:
            return where.set(drivername="postgresql+psycopg")
        if where.get_backend_name() != "sqlite":
            raise ConfigurationError(
                f"AAITI_DATABASE_URL names a {where.drivername} database; use sqlite:///PATH or postgresql://..."
            )
    except (ArgumentError, NoSuchModuleError) as error:
        raise ConfigurationError(
            "AAITI_DATABASE_URL is no database URL; write it like sqlite:////path/aaiti.db"
        ) from error
    if where.database in (None, "", ":memory:"):
        raise ConfigurationError(f"AAITI_DATABASE_URL {url} keeps nothing; name a file: sqlite:////path/aaiti.db")
    return where


def _sqlite(where: URL) -> Engine:
    engine = create_engine(where, pool_size=8, max_overflow=24, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _postgresql(where: URL) -> Engine:
    engine = create_engine(
        where, pool_size=8, max_overflow=24, pool_pre_ping=True, connect_args={"connect_timeout": 10}
    )
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _prepare_postgresql(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    """Nobody waits for ever for a lock that a stuck process holds."""
    cursor = connection.cursor()
    cursor.execute(f"SET lock_timeout = '{BUSY_SECONDS}s'")
    cursor.close()
    connection.commit()


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    """Writers wait for each other, readers never; a commit is on the disk when it returns."""
    connection.isolation_level = None  # sqlite3 begins nothing by itself: `_begin_sqlite` does
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA foreign_keys=ON")
    _use_wal(connection)
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def hurry(engine: Engine) -> None:
    """From now on a commit outlives this process, but perhaps not the machine: nobody waits for the disk."""
    sqlite = engine.dialect.name == "sqlite"
    statement = "PRAGMA synchronous=NORMAL" if sqlite else "SET synchronous_commit = off"

    def relax(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        cursor.execute(statement)
        cursor.close()
        connection.commit()

    event.listen(engine, "connect", relax)
    engine.dispose()


def _use_wal(connection: DBAPIConnection) -> None:
    """Two processes that open a new file at once can refuse each other the switch, whatever the timeout: ask again."""
    cursor = connection.cursor()
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
