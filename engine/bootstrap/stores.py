"""Stores: what is kept, opened together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from engine import settings as configuration
from engine.adapters.bars import ParquetBars
from engine.adapters.bars.shelves import shelves as shelves_of
from engine.adapters.clock import WallClock
from engine.adapters.database.board import SqlBoard
from engine.adapters.database.database import Database, open_database
from engine.adapters.database.ledger import SqlLedger
from engine.adapters.database.migrate import migrate
from engine.adapters.database.reads import DatabaseReads
from engine.adapters.database.registry import SqlModelStore
from engine.adapters.database.trials import SqlTrials
from engine.adapters.notes import TrialNotes
from engine.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """What is kept: database and bars. Implements queries.Console for the screens. `with` closes it at the end."""

    settings: Settings
    database: Database
    reads: DatabaseReads
    bars: ParquetBars
    clock: WallClock

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.database.close()

    @property
    def board(self) -> SqlBoard:
        """Commands, settings, heartbeat, jobs."""
        return self.database.board

    @property
    def ledger(self) -> SqlLedger:
        """What must not be lost."""
        return self.database.ledger

    @property
    def models(self) -> SqlModelStore:
        """Models and their versions."""
        return self.database.models

    @property
    def trials(self) -> SqlTrials:
        """Everything that was ever scored on an instrument; what was noted without the database comes first."""
        TrialNotes(self.settings.notes_folder).move_to(self.database.trials.add)
        return self.database.trials


def open_stores(settings: Settings) -> Stores:
    """Migrate the database and open everything that is kept."""
    settings.home.mkdir(parents=True, exist_ok=True)
    migrate(settings.database_url)
    database = open_database(settings.database_url)
    return Stores(
        settings=settings, database=database, reads=DatabaseReads(database.engine),
        bars=ParquetBars(settings.bars_folder, shelves(settings)), clock=WallClock(),
    )  # fmt: skip


def shelves(settings: Settings) -> Mapping[str, str]:
    """Which folder of the cache holds a source's bars: another host is another venue, with prices of its own."""
    return shelves_of(settings.live.url, settings.testnet.url)


def console(settings: Settings | None = None) -> Stores:
    """What the screens read through."""
    return open_stores(settings or configuration.load())
