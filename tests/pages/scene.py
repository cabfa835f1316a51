"""A console on a real SQLite file and a real bar cache, empty or full, with an engine that answers at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine.adapters.bars.store import ParquetBars
from engine.adapters.database.board import SqlBoard
from engine.adapters.database.database import Database, open_database
from engine.adapters.database.ledger import SqlLedger
from engine.adapters.database.reads import DatabaseReads
from engine.adapters.database.registry import SqlModelStore
from engine.adapters.database.trials import SqlTrials
from engine.domain.command import Command, CommandState
from tests.sqlite_file import migrated_file

NOW = datetime(2025, 4, 1, 12, 0, 20, tzinfo=UTC)
Reply = tuple[CommandState, str, Mapping[str, object] | None]
Engine = Callable[[Command], Reply | None]


@dataclass
class SetClock:
    """A clock that a test sets; each look moves it by `step`, so that waiting for a silent engine comes to an end."""

    at: datetime = NOW
    step: timedelta = timedelta(0)

    def now(self) -> datetime:
        self.at += self.step
        return self.at

    def sleep_until(self, at: datetime) -> None:
        self.at = max(self.at, at)


class AnsweringBoard(SqlBoard):
    """A board at which somebody sits and answers every command as it comes in."""

    engine_says: Engine | None = None
    asked: list[Command]

    def ask(self, command: Command) -> bool:
        new = super().ask(command)
        if new:
            self.asked.append(command)
            reply = self.engine_says(command) if self.engine_says else None
            if reply is not None:
                state, message, result = reply
                self.answer(command.key, state, message, command.asked_at, result)
        return new


@dataclass
class Scene:
    """Everything that a page reads through; implements queries.console.Console."""

    database: Database
    board: AnsweringBoard
    bars: ParquetBars
    reads: DatabaseReads
    clock: SetClock = field(default_factory=SetClock)

    @property
    def ledger(self) -> SqlLedger:
        return self.database.ledger

    @property
    def models(self) -> SqlModelStore:
        return self.database.models

    @property
    def trials(self) -> SqlTrials:
        return self.database.trials

    @property
    def last(self) -> Command:
        """The command asked last."""
        return self.board.asked[-1]

    def engine_says(self, message: str, state: CommandState = CommandState.DONE, **result: object) -> None:
        """From now on every command is answered with this."""
        self.board.engine_says = lambda _command: (state, message, result or None)

    def beat(self, **status: object) -> None:
        """Let the engine show a sign of life just now."""
        at = self.clock.at
        told = {
            "account_id": None, "mode": "PAPER", "source": "SIMULATED", "trading_on": False, "clock": at.isoformat(),
            "data_as_of": (at - timedelta(seconds=20)).isoformat(), "state_version": 0, "source_problem": None,
            "lease_epoch": 1, "replay": None,
        }  # fmt: skip
        self.board.beat("engine-1", at, told | status)

    def close(self) -> None:
        self.database.close()


def empty_scene(folder: Path) -> Scene:
    """A migrated database with nothing in it, no bars, no engine."""
    migrated_file(folder)
    return open_scene(folder)


def open_scene(folder: Path) -> Scene:
    """What lies in the folder."""
    database = open_database(f"sqlite:///{folder / 'aaiti.db'}", now=lambda: NOW)
    board = AnsweringBoard(database.engine)
    board.asked = []
    return Scene(
        database=database, board=board, bars=ParquetBars(folder / "bars"), reads=DatabaseReads(database.engine),
    )  # fmt: skip
