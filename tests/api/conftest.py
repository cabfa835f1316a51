"""A real database on SQLite, a clock that stands still, and a client of the API over both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from engine.adapters.bars.store import ParquetBars
from engine.adapters.database.database import Database, open_database
from engine.adapters.database.reads import DatabaseReads
from engine.api.routes import create_api
from engine.domain.account import Account, AccountKind, Costs, Source
from engine.ports import Bars, Board, Clock, Ledger, ModelStore, Trials
from engine.queries.console import Console
from engine.queries.reads import Reads
from tests.sqlite_file import migrated_file

NOW = datetime(2025, 4, 1, 12, tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class StillClock:
    """Stands where a test puts it."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def sleep_until(self, at: datetime) -> None:
        self.at = max(self.at, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """The ports that the API reads through."""

    board: Board
    ledger: Ledger
    models: ModelStore
    trials: Trials
    reads: Reads
    bars: Bars
    clock: Clock


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(migrated_file(tmp_path), now=lambda: NOW)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def console(database: Database, clock: StillClock, tmp_path: Path) -> Console:
    return Doors(
        board=database.board, ledger=database.ledger, models=database.models, trials=database.trials,
        reads=DatabaseReads(database.engine), bars=ParquetBars(tmp_path / "bars"), clock=clock,
    )  # fmt: skip


@pytest.fixture
def client(console: Console) -> Iterator[TestClient]:
    app = Starlette(routes=[Mount("/api", app=create_api(lambda: console))])
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def account(console: Console) -> Account:
    """A paper account with ten thousand, opened at noon."""
    account = Account(
        account_id="paper-1", name="Paper", kind=AccountKind.PAPER, source=Source.SIMULATED, quote="USDT",
        cash=Decimal("10000.00"), costs=Costs(), created_at=NOW,
    )  # fmt: skip
    console.ledger.open_account(account)
    return account
