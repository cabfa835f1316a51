"""Stores: what is kept, opened together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from engine import settings as configuration
from engine.adapters.bars import ParquetBars
from engine.adapters.clock import WallClock
from engine.adapters.database.board import SqlBoard
from engine.adapters.database.database import Database, open_database
from engine.adapters.database.ledger import SqlLedger
from engine.adapters.database.migrate import migrate
from engine.adapters.database.reads import DatabaseReads
from engine.adapters.database.registry import SqlModelStore
from engine.domain.account import Source
from engine.settings import Settings

_HOMES = {
    Source.BINANCE: ("api.binance.com", "data-api.binance.vision"),
    Source.TESTNET: ("testnet.binance.vision",),
}
_TWIN = re.compile(r"^api(\d|-gcp)\.")
"""api1.binance.com and its like answer as api.binance.com does."""


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
    hosts = {Source.BINANCE: settings.live.url, Source.TESTNET: settings.testnet.url}
    return {
        source.value: re.sub(r"[^\w-]", "-", f"{source}-{urlsplit(url).netloc}")[:40]
        for source, url in hosts.items()
        if _TWIN.sub("api.", urlsplit(url).hostname or "") not in _HOMES[source]
    }


def console(settings: Settings | None = None) -> Stores:
    """What the screens read through."""
    return open_stores(settings or configuration.load())
