"""Each port's implementations: the fake, SQLite and PostgreSQL, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.adapters.database.database import Database, open_database
from engine.ports import Board, Ledger, ModelStore, Trials
from tests.contracts.wall import Wall
from tests.fakes import FakeBoard, FakeLedger, FakeModelStore, FakeTrials
from tests.postgres import migrated_database
from tests.sqlite_file import migrated_file

REAL = [pytest.param("sqlite", id="sqlite"), pytest.param("postgres", id="postgres", marks=pytest.mark.postgres)]
EVERY = [pytest.param("fake", id="fake"), *REAL]


@pytest.fixture
def wall() -> Wall:
    """The clock by which leases expire."""
    return Wall()


@pytest.fixture(params=REAL)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated database of its own."""
    return _migrated(request.param, tmp_path)


@pytest.fixture
def database(url: str, wall: Wall) -> Iterator[Database]:
    """That database, opened."""
    yield from _opened(url, wall)


@pytest.fixture(params=EVERY)
def _database(request: pytest.FixtureRequest, tmp_path: Path, wall: Wall) -> Iterator[Database | None]:
    if request.param == "fake":
        yield None
    else:
        yield from _opened(_migrated(request.param, tmp_path), wall)


@pytest.fixture
def ledger(_database: Database | None, wall: Wall) -> Ledger:
    return FakeLedger(wall.now) if _database is None else _database.ledger


@pytest.fixture
def board(_database: Database | None) -> Board:
    return FakeBoard() if _database is None else _database.board


@pytest.fixture
def store(_database: Database | None) -> ModelStore:
    return FakeModelStore() if _database is None else _database.models


@pytest.fixture
def trials(_database: Database | None) -> Trials:
    return FakeTrials() if _database is None else _database.trials


def _migrated(kind: str, folder: Path) -> str:
    return migrated_database() if kind == "postgres" else migrated_file(folder)


def _opened(url: str, wall: Wall) -> Iterator[Database]:
    database = open_database(url, now=wall.now)
    yield database
    database.close()
