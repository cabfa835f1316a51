"""Migrations: bring a database forward from any released version, once, whoever else is trying at that moment.

A revision is one file in `migrations/versions/`; it is written by hand and a test compares what the chain of revisions
makes with `tables.metadata`. Revisions that were released are never edited.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from engine.adapters.database.database import newer
from engine.adapters.database.engine import connect, reading, writing
from engine.domain.errors import ConfigurationError

REVISIONS = Path(__file__).parent / "migrations"

_LOCK = 0x4141495449
"""PostgreSQL's advisory lock of whoever migrates; SQLite's write lock does the same by itself."""

_TURN = Lock()
"""Alembic's `op` is one per process: two threads that migrate at once would write into each other's database."""


def migrate(url: str, *, revisions: Path = REVISIONS, to: str = "head") -> str:
    """Upgrade the database (made where it is absent) and return its revision; ConfigurationError for a newer one."""
    with _TURN, _engine(url) as engine:
        _make_folder(engine)
        script = ScriptDirectory(str(revisions))
        with writing(engine) as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            _refuse_newer(connection, script)
            _upgrade(connection, script, to)
            return MigrationContext.configure(connection).get_current_revision() or ""


def current(url: str) -> str | None:
    """The database's revision; None where it was never migrated."""
    with _engine(url) as engine:
        if engine.dialect.name == "sqlite" and not Path(str(engine.url.database)).exists():
            return None
        with reading(engine) as connection:
            return MigrationContext.configure(connection).get_current_revision()


def latest(*, revisions: Path = REVISIONS) -> str:
    """The revision that this version of AAITI works with."""
    return ScriptDirectory(str(revisions)).get_current_head() or ""


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    engine = connect(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _make_folder(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        Path(str(engine.url.database)).parent.mkdir(parents=True, exist_ok=True)


def _refuse_newer(connection: Connection, script: ScriptDirectory) -> None:
    known = {revision.revision for revision in script.walk_revisions()}
    for found in MigrationContext.configure(connection).get_current_heads():
        if found not in known:
            raise ConfigurationError(newer(connection.engine.url.render_as_string(), found))


def _upgrade(connection: Connection, script: ScriptDirectory, to: str) -> None:
    """Run the steps inside the caller's transaction, without Alembic's env.py and its work at import."""

    def steps(revision: Any, _context: MigrationContext) -> Any:
        return script._upgrade_revs(to, revision)

    with EnvironmentContext(Config(), script, fn=steps, destination_rev=to) as environment:
        # Batch mode lets one revision alter tables on SQLite too.
        environment.configure(connection=connection, render_as_batch=True)
        environment.run_migrations()
