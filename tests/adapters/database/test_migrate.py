"""Migrations: forward from every released version with its data, once, and never backwards."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, func, inspect, select, text

from engine.adapters.database.database import open_database
from engine.adapters.database.engine import connect, reading, writing
from engine.adapters.database.migrate import REVISIONS, current, latest, migrate
from engine.adapters.database.schema import REVISION
from engine.adapters.database.tables import metadata
from engine.domain.errors import ConfigurationError, LedgerError
from engine.domain.model import Origin
from tests.adapters.database.snapshot import EXPECTED, everything

SNAPSHOTS = sorted((Path(__file__).parent / "snapshots").glob("*.json"))
AHEAD = f"{int(REVISION) + 1:04}"
NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "{ahead}"
down_revision = "{latest}"


def upgrade() -> None:
    with op.batch_alter_table("alerts") as alerts:
        alerts.add_column(sa.Column("seen_by", sa.Text(), nullable=False, server_default="nobody"))
    {more}
"""


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The revisions of a version of AAITI that is one ahead of this one."""
    return _revisions(tmp_path / "newer", more="")


def _revisions(folder: Path, more: str) -> Path:
    shutil.copytree(REVISIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    next_one = NEXT.format(ahead=AHEAD, latest=REVISION, more=more)
    (folder / "versions" / f"r{AHEAD}_next.py").write_text(next_one)
    return folder


def test_a_fresh_database_is_made_at_the_latest_revision(empty_url: str) -> None:
    assert current(empty_url) is None
    assert migrate(empty_url) == REVISION == latest() == current(empty_url)
    open_database(empty_url).close()


def test_the_revisions_make_exactly_the_tables_of_the_code(empty_url: str) -> None:
    migrate(empty_url)
    engine = connect(empty_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_partial_indexes_are_partial_in_the_database_too(empty_url: str) -> None:
    migrate(empty_url)
    engine = connect(empty_url)
    made = {
        index.name for table in metadata.sorted_tables for index in table.indexes if _is_partial(index.dialect_kwargs)
    }
    found = set()
    for table in metadata.sorted_tables:
        for index in inspect(engine).get_indexes(table.name):
            if _is_partial(index.get("dialect_options", {})):
                found.add(index["name"])
    engine.dispose()
    assert found == made == {"uq_halts_open", "ix_orders_working", "ix_commands_pending"}


def _is_partial(options: Any) -> bool:
    return any(options.get(f"{dialect}_where") is not None for dialect in ("sqlite", "postgresql"))


def test_migrating_again_changes_nothing(empty_url: str) -> None:
    migrate(empty_url)
    database = open_database(empty_url)
    database.board.put_setting("trading_on", True)
    assert migrate(empty_url) == REVISION
    assert database.board.setting("trading_on") is True
    database.close()


def test_there_is_a_snapshot_of_every_released_version() -> None:
    assert [path.stem for path in SNAPSHOTS] == sorted(p.name[1:5] for p in (REVISIONS / "versions").glob("r*.py"))


@pytest.mark.parametrize("snapshot", SNAPSHOTS, ids=lambda path: path.stem)
def test_every_released_version_comes_forward_with_its_data(empty_url: str, snapshot: Path) -> None:
    assert migrate(empty_url, to=snapshot.stem) == snapshot.stem
    engine = connect(empty_url)
    with writing(engine) as connection:
        rows = json.loads(snapshot.read_text())
        load(connection, rows)
    engine.dispose()
    assert migrate(empty_url) == REVISION
    database = open_database(empty_url)
    assert everything(database) == EXPECTED | missing(rows)
    database.close()


def missing(rows: dict[str, Any]) -> dict[str, Any]:
    """What a snapshot's version could not know."""
    told = {} if "contributions" in rows["predictions"][0] else before_0006()
    told |= {} if "drift" in rows else before_0004()
    return told | ({} if "trials" in rows else {"trials": []}) | ({} if "guards" in rows else before_0002())


def before_0006() -> dict[str, Any]:
    """What the older rows say: predictions with reasons alone."""
    return _predicted(contributions=None)


def before_0004() -> dict[str, Any]:
    """What the older rows say: versions without a past, promotions without words, and no outcome."""
    bare: dict[str, Any] = {
        "origin": Origin.FIRST, "parent_id": None, "data_sha256": None, "parameters": {}, "checks": None,
    }  # fmt: skip
    return {
        "versions": [replace(version, **bare) for version in EXPECTED["versions"]],
        "promotions": [replace(p, words=None, replaced_id=None) for p in EXPECTED["promotions"]],
        "matured": [],
        "drift": [],
    }


def before_0002() -> dict[str, Any]:
    """What the older rows say: no guards, and predictions without skill and strangeness."""
    return {"guards": []} | _predicted(skill=None, strangeness=None, contributions=None)


def _predicted(**bare: Any) -> dict[str, Any]:
    """Predictions without these, in decisions too."""
    [told] = EXPECTED["predictions"]
    less = replace(told, **bare)
    decisions = [d if d.prediction is None else replace(d, prediction=less) for d in EXPECTED["decisions"]]
    return {"predictions": [less], "decisions": decisions}


def load(connection: Connection, snapshot: dict[str, list[dict[str, Any]]]) -> None:
    """Insert the rows of a snapshot into the tables as that version had them."""
    old = MetaData()
    old.reflect(connection)
    assert set(snapshot) == set(old.tables) - {"alembic_version"}
    for table in old.sorted_tables:
        if snapshot.get(table.name):
            connection.execute(table.insert(), snapshot[table.name])


def test_a_newer_revision_is_applied_and_the_data_stay(empty_url: str, newer: Path) -> None:
    migrate(empty_url)
    database = open_database(empty_url)
    database.board.put_setting("trading_on", True)
    database.close()
    assert migrate(empty_url, revisions=newer) == AHEAD
    engine = connect(empty_url)
    with reading(engine) as connection:
        assert connection.execute(text("SELECT value FROM settings")).scalar() == "true"
        assert connection.execute(text("SELECT count(seen_by) FROM alerts")).scalar() == 0
    engine.dispose()


def test_a_database_from_a_newer_version_is_refused_untouched(empty_url: str, newer: Path) -> None:
    migrate(empty_url, revisions=newer)
    for door in (migrate, open_database):
        with pytest.raises(ConfigurationError, match=rf"revision {AHEAD}, newer .*start the newer AAITI"):
            door(empty_url)
    assert current(empty_url) == AHEAD


def test_a_revision_that_fails_leaves_the_database_as_it_was(empty_url: str, tmp_path: Path) -> None:
    migrate(empty_url)
    broken = _revisions(tmp_path / "broken", more='op.execute("INSERT INTO no_such_table VALUES (1)")')
    with pytest.raises((LedgerError, ConfigurationError), match="no_such_table"):
        migrate(empty_url, revisions=broken)
    assert current(empty_url) == REVISION
    engine = connect(empty_url)
    assert "seen_by" not in {column["name"] for column in inspect(engine).get_columns("alerts")}
    engine.dispose()
    assert migrate(empty_url) == REVISION


def test_several_who_migrate_at_once_take_turns(empty_url: str) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(current, [empty_url] * 2))  # both processes are up before either migrates
        assert list(pool.map(migrate, [empty_url] * 2)) == [REVISION] * 2
    engine = connect(empty_url)
    with reading(engine) as connection:
        assert connection.execute(select(func.count()).select_from(text("alembic_version"))).scalar() == 1
    engine.dispose()


def test_threads_of_one_process_migrate_databases_of_their_own(tmp_path: Path) -> None:
    urls = [f"sqlite:///{tmp_path / str(n)}.db" for n in range(6)]
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(migrate, urls)) == [REVISION] * 6
    for url in urls:
        open_database(url).close()


def test_the_folder_of_a_new_database_is_made(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path / 'new' / 'home' / 'aaiti.db'}")
    assert (tmp_path / "new" / "home" / "aaiti.db").exists()
