"""The board in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from threading import RLock
from typing import Any

from engine.domain.command import Command, CommandState
from engine.domain.errors import ConfigurationError
from engine.domain.job import Job, JobKind, JobState
from engine.ports import Heartbeat

_OVER = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


class FakeBoard:
    """`ports.Board` in dicts."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._commands: dict[str, Command] = {}
        self._settings: dict[str, str] = {}
        self._version = 0
        self._heartbeat: Heartbeat | None = None
        self._jobs: dict[str, Job] = {}
        self.alerts: list[tuple[datetime, str, str, str | None]] = []

    def ask(self, command: Command) -> bool:
        return self._commands.setdefault(command.key, command) is command

    def pending(self) -> Sequence[Command]:
        return [command for command in self._commands.values() if command.state is CommandState.PENDING]

    def answer(
        self, key: str, state: CommandState, message: str, at: datetime, result: Mapping[str, object] | None = None
    ) -> None:
        command = self._commands.get(key)
        if command is None:
            raise ConfigurationError(f"there is no command {key!r} to answer")
        if command.state is CommandState.PENDING:
            self._commands[key] = replace(command, state=state, message=message, answered_at=at, result=result)

    def command(self, key: str) -> Command | None:
        return self._commands.get(key)

    def beat(self, owner: str, at: datetime, status: Mapping[str, object]) -> None:
        self._heartbeat = Heartbeat(owner=owner, at=at, status=dict(status))

    def heartbeat(self) -> Heartbeat | None:
        return self._heartbeat

    def setting(self, name: str) -> object | None:
        value: object | None = json.loads(self._settings.get(name, "null"))
        return value

    def put_setting(self, name: str, value: object, *, quiet: bool = False) -> int:
        with self._lock:
            self._settings[name] = json.dumps(value)
            self._version += not quiet
            return self._version

    def state_version(self) -> int:
        return self._version

    def alert(self, at: datetime, level: str, text: str, account_id: str | None) -> None:
        self.alerts.append((at, level, text, account_id))

    def add_job(self, job: Job) -> None:
        self._jobs[job.job_id] = job

    def job(self, job_id: str) -> Job | None:
        return self._jobs.get(job_id)

    def jobs(self, kind: JobKind | None = None) -> Sequence[Job]:
        newest = sorted(self._jobs.values(), key=lambda job: job.created_at)[::-1]
        return [job for job in newest if kind in (None, job.kind)]

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
        job = self._jobs.get(job_id)
        if job is None:
            raise ConfigurationError(f"there is no job {job_id!r}")
        given: dict[str, Any] = {
            "state": state, "progress": progress, "message": message, "result": result, "pid": pid,
            "started_at": at if state is JobState.RUNNING else None, "finished_at": at if state in _OVER else None,
        }  # fmt: skip
        if job.state not in _OVER:
            self._jobs[job_id] = replace(job, **{name: value for name, value in given.items() if value is not None})
        return job.cancel_requested

    def cancel_job(self, job_id: str) -> bool:
        job = self._jobs.get(job_id)
        if job is None or job.state in _OVER:
            return False
        self._jobs[job_id] = replace(job, cancel_requested=True)
        return True
