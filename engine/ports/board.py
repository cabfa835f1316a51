"""Board: where screens and engine meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.domain.command import Command, CommandState
from engine.domain.job import Job, JobKind, JobState

LOOKED_AT = "looked_at"
"""Setting: {symbol, until}, the instrument whose price a screen wants kept fresh; engines on real venues ask for it."""


class Board(Protocol):
    """Where screens and engine meet: commands in, state out; jobs, settings and alerts."""

    def ask(self, command: Command) -> bool:
        """Insert a command; False where its key was there already (the first one counts)."""
        ...

    def pending(self) -> Sequence[Command]:
        """Unanswered commands, oldest first."""
        ...

    def answer(
        self, key: str, state: CommandState, message: str, at: datetime, result: Mapping[str, object] | None = None
    ) -> None:
        """Answer a command, once."""
        ...

    def command(self, key: str) -> Command | None:
        """A command with its answer."""
        ...

    def beat(self, owner: str, at: datetime, status: Mapping[str, object]) -> None:
        """Write the engine's heartbeat and status."""
        ...

    def heartbeat(self) -> Heartbeat | None:
        """The newest heartbeat."""
        ...

    def setting(self, name: str) -> object | None:
        """A stored setting (JSON), e.g. `trading_on`, `account_id`, `limits:<account_id>`."""
        ...

    def put_setting(self, name: str, value: object, *, quiet: bool = False) -> int:
        """Store a setting; returns the state version: it grows with every change that screens must not overlook.

        `quiet` is for what changes nothing that an order depends on: the version stays.
        """
        ...

    def state_version(self) -> int:
        """The current state version."""
        ...

    def alert(self, at: datetime, level: str, text: str, account_id: str | None) -> None:
        """Keep a message for the operator (`info`, `warning`, `error`)."""
        ...

    def add_job(self, job: Job) -> None:
        """Queue a job."""
        ...

    def job(self, job_id: str) -> Job | None:
        """A job."""
        ...

    def jobs(self, kind: JobKind | None = None) -> Sequence[Job]:
        """Jobs, newest first."""
        ...

    def update_job(
        self,
        job_id: str,
        at: datetime,
        *,
        state: JobState | None = None,
        progress: float | None = None,
        message: str | None = None,
        result: Mapping[str, object] | None = None,
        pid: int | None = None,
    ) -> bool:
        """Change what is given; returns True where a cancel has been requested."""
        ...

    def cancel_job(self, job_id: str) -> bool:
        """Request a cancel; False where the job is over."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """The engine's last sign of life; `status` is what the status bar shows."""

    owner: str
    at: datetime
    status: Mapping[str, object]
