"""Databases of both kinds for tests of the adapter itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.adapters.database.database import Database, open_database
from tests.contracts.wall import Wall
from tests.postgres import migrated_database, new_database
from tests.sqlite_file import migrated_file

BOTH = [pytest.param("sqlite", id="sqlite"), pytest.param("postgres", id="postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=BOTH)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database that was never migrated."""
    return new_database() if request.param == "postgres" else f"sqlite:///{tmp_path / 'aaiti.db'}"


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated database without rows."""
    return migrated_database() if request.param == "postgres" else migrated_file(tmp_path)


@pytest.fixture
def wall() -> Wall:
    """The clock by which leases expire."""
    return Wall()


@pytest.fixture
def database(url: str, wall: Wall) -> Iterator[Database]:
    """That database, opened."""
    database = open_database(url, now=wall.now)
    yield database
    database.close()
