"""Connections: what a URL may be, and how SQLite and PostgreSQL are set up."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from engine.adapters.database.database import Database, open_database
from engine.adapters.database.engine import connect, reading, writing
from engine.domain.errors import ConfigurationError, LedgerError
from tests.contracts.wall import NOON, PAPER, a_mark, a_step, an_account, leased


@pytest.mark.parametrize("url", ["postgres://me:secret@host/aaiti", "postgresql://me:secret@host/aaiti"])
def test_postgresql_is_spoken_through_psycopg(url: str) -> None:
    engine = connect(url)
    assert engine.url.drivername == "postgresql+psycopg"
    assert "secret" not in str(engine.url)


@pytest.mark.parametrize(
    "url", ["", "aaiti.db", "mysql://host/aaiti", "nonsense://x", "sqlite://", "sqlite:///:memory:"]
)
def test_a_url_that_cannot_keep_a_ledger_is_refused_with_the_way_out(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"AAITI_DATABASE_URL.*sqlite://"):
        connect(url)


def test_a_commit_on_sqlite_is_on_the_disk_when_it_returns(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'x.db'}")
    with reading(engine) as connection:
        found = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous")}
        assert found == {"journal_mode": "wal", "synchronous": 2}
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    engine.dispose()


def test_a_database_that_was_never_migrated_says_what_to_do(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'aaiti.db'}"
    with pytest.raises(ConfigurationError, match="python -m engine migrate"):
        open_database(url)
    assert not (tmp_path / "aaiti.db").exists()
    empty = connect(url)
    empty.connect().close()
    empty.dispose()
    with pytest.raises(ConfigurationError, match="python -m engine migrate"):
        open_database(url)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "aaiti.db").write_text("not a database, but long enough to be looked at " * 20)
    with pytest.raises(LedgerError, match=r"aaiti\.db.*not a database"):
        open_database(f"sqlite:///{tmp_path / 'aaiti.db'}")


def test_what_the_database_refuses_is_a_ledger_error_and_nothing_stays(database: Database) -> None:
    def put_twice() -> None:
        with writing(database.engine) as connection:
            for value in ("1", "2"):
                connection.execute(text("INSERT INTO settings (name, value) VALUES ('a', :value)"), {"value": value})

    with pytest.raises(LedgerError, match="nothing was written"):
        put_twice()
    assert database.board.setting("a") is None


def test_a_closed_database_may_be_used_again(database: Database) -> None:
    database.ledger.open_account(an_account())
    database.close()
    assert database.ledger.account(PAPER).created_at == NOON


def test_a_reader_sees_the_last_commit_while_a_writer_is_at_work(database: Database) -> None:
    lease = leased(database.ledger)
    database.ledger.commit(a_step(mark=a_mark()), lease)
    with writing(database.engine) as connection:
        connection.execute(text("DELETE FROM equity_marks"))
        assert database.ledger.last_mark(PAPER) == a_mark()
    assert database.ledger.last_mark(PAPER) is None
