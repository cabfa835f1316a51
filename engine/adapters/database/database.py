"""One door: everything that the database offers, opened and closed together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, column, select, table

from engine.adapters.database.board import SqlBoard
from engine.adapters.database.engine import connect, hurry, reading
from engine.adapters.database.ledger import SqlLedger
from engine.adapters.database.registry import SqlModelStore
from engine.adapters.database.schema import REVISION
from engine.adapters.database.trials import SqlTrials
from engine.domain.errors import ConfigurationError


def wall_clock() -> datetime:
    """The wall's now: by it leases expire, also where a replay runs on its own clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """Ports of one database; safe to use from several threads."""

    ledger: SqlLedger
    board: SqlBoard
    models: SqlModelStore
    trials: SqlTrials
    engine: Engine

    def hurry(self) -> None:
        """Wait for the disk no more: for a process that only replays, which can be run again."""
        hurry(self.engine)

    def close(self) -> None:
        """Close every connection; the object may be used again, and then connects anew."""
        self.engine.dispose()


def open_database(url: str, *, now: Callable[[], datetime] = wall_clock) -> Database:
    """Open a migrated database; ConfigurationError where it is absent, older or newer than this version of AAITI."""
    engine = connect(url)
    try:
        _refuse_other_revision(engine)
    except BaseException:
        engine.dispose()
        raise
    return Database(
        ledger=SqlLedger(engine, now), board=SqlBoard(engine), models=SqlModelStore(engine), trials=SqlTrials(engine),
        engine=engine,
    )  # fmt: skip


def _refuse_other_revision(engine: Engine) -> None:
    where = engine.url.render_as_string()
    if engine.dialect.name == "sqlite" and not Path(str(engine.url.database)).exists():
        raise ConfigurationError(f"there is no database {where} yet: run `python -m engine migrate`")
    with reading(engine) as connection:
        found = connection.execute(select(column("version_num")).select_from(table("alembic_version"))).scalar()
    if found is None or found < REVISION:
        raise ConfigurationError(
            f"the database {where} is at revision {found}, this version of AAITI needs {REVISION}: "
            "run `python -m engine migrate`"
        )
    if found != REVISION:
        raise ConfigurationError(newer(where, found))


def newer(where: str, found: str) -> str:
    """What to tell about a database that a newer AAITI made."""
    return (
        f"the database {where} is at revision {found}, newer than this version of AAITI ({REVISION}): start the newer "
        "AAITI, or name another AAITI_DATABASE_URL. Nothing was changed."
    )
