"""The board on SQL: where screens and engine meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, bindparam, insert, select, update

from engine.adapters.database.engine import reading, writing
from engine.adapters.database.rows import COMMANDS, JOBS, plain_json
from engine.adapters.database.tables_board import alerts, commands, heartbeats, jobs, settings, state
from engine.adapters.database.upsert import insert_into, insert_new, upsert
from engine.domain.command import Command, CommandState
from engine.domain.errors import ConfigurationError
from engine.domain.job import Job, JobKind, JobState
from engine.ports import Heartbeat

_OVER = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)
_ONLY = 1
"""Id of the one row of `state` and of `heartbeats`."""

# Written into the statement, not bound: SQLite uses a partial index only for a condition that it can read.
_PENDING = COMMANDS.select().where(
    commands.c.state == bindparam("state", CommandState.PENDING, type_=commands.c.state.type, literal_execute=True)
)


class SqlBoard:
    """`ports.Board` on SQLite and PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._dialect = engine.dialect.name

    def ask(self, command: Command) -> bool:
        """Insert a command; False where its key was there already."""
        new = insert_new(commands, self._dialect, [commands.c.key])
        with writing(self._engine) as connection:
            return connection.execute(new, COMMANDS.values(command)).rowcount == 1

    def pending(self) -> Sequence[Command]:
        """Unanswered commands, oldest first."""
        with reading(self._engine) as connection:
            return COMMANDS.items(connection.execute(_PENDING.order_by(commands.c.row)).all())

    def answer(
        self, key: str, state: CommandState, message: str, at: datetime, result: Mapping[str, object] | None = None
    ) -> None:
        """Answer a command; a second answer changes nothing. ConfigurationError where nobody asked."""
        unanswered = (commands.c.key == key, commands.c.state == CommandState.PENDING)
        answer = {"state": state, "message": message, "answered_at": at, "result": plain_json(result)}
        with writing(self._engine) as connection:
            if connection.execute(update(commands).where(*unanswered).values(answer)).rowcount == 1:
                return
            if connection.execute(select(commands.c.row).where(commands.c.key == key)).first() is None:
                raise ConfigurationError(f"there is no command {key!r} to answer")

    def command(self, key: str) -> Command | None:
        """A command with its answer."""
        with reading(self._engine) as connection:
            row = connection.execute(COMMANDS.select().where(commands.c.key == key)).first()
        return None if row is None else COMMANDS.item(row)

    def beat(self, owner: str, at: datetime, status: Mapping[str, object]) -> None:
        """Write the engine's heartbeat and status over the one before."""
        beat = upsert(heartbeats, self._dialect, [heartbeats.c.id])
        with writing(self._engine) as connection:
            connection.execute(beat, {"id": _ONLY, "owner": owner, "at": at, "status": dict(status)})

    def heartbeat(self) -> Heartbeat | None:
        """The newest heartbeat."""
        with reading(self._engine) as connection:
            row = connection.execute(select(heartbeats.c.owner, heartbeats.c.at, heartbeats.c.status)).first()
        return None if row is None else Heartbeat(owner=row.owner, at=row.at, status=row.status)

    def setting(self, name: str) -> object | None:
        """A stored setting."""
        with reading(self._engine) as connection:
            value: object | None = connection.execute(select(settings.c.value).where(settings.c.name == name)).scalar()
        return value

    def put_setting(self, name: str, value: object, *, quiet: bool = False) -> int:
        """Store a setting; the state version grows in the same transaction, unless it is `quiet`."""
        put = upsert(settings, self._dialect, [settings.c.name])
        grow = insert_into(state, self._dialect).values(id=_ONLY, version=1)
        grow = grow.on_conflict_do_update(index_elements=[state.c.id], set_={"version": state.c.version + 1})
        with writing(self._engine) as connection:
            connection.execute(put, {"name": name, "value": value})
            if quiet:
                return int(connection.execute(select(state.c.version)).scalar() or 0)
            version: int = connection.execute(grow.returning(state.c.version)).scalar_one()
        return version

    def state_version(self) -> int:
        """The current state version; 0 before the first change."""
        with reading(self._engine) as connection:
            return connection.execute(select(state.c.version)).scalar() or 0

    def alert(self, at: datetime, level: str, text: str, account_id: str | None) -> None:
        """Keep a message for the operator."""
        with writing(self._engine) as connection:
            connection.execute(insert(alerts), {"at": at, "level": level, "text": text, "account_id": account_id})

    def add_job(self, job: Job) -> None:
        """Queue a job."""
        with writing(self._engine) as connection:
            connection.execute(insert(jobs), JOBS.values(job))

    def job(self, job_id: str) -> Job | None:
        """A job."""
        with reading(self._engine) as connection:
            row = connection.execute(JOBS.select().where(jobs.c.job_id == job_id)).first()
        return None if row is None else JOBS.item(row)

    def jobs(self, kind: JobKind | None = None) -> Sequence[Job]:
        """Jobs, newest first."""
        chosen = JOBS.select() if kind is None else JOBS.select().where(jobs.c.kind == kind)
        with reading(self._engine) as connection:
            return JOBS.items(connection.execute(chosen.order_by(jobs.c.created_at.desc(), jobs.c.row.desc())).all())

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
        """Change what is given; a job that is over changes no more. Returns True where a cancel has been requested."""
        given = {
            "state": state, "progress": progress, "message": message, "result": plain_json(result), "pid": pid,
            "started_at": at if state is JobState.RUNNING else None, "finished_at": at if state in _OVER else None,
        }  # fmt: skip
        changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        mine = jobs.c.job_id == job_id
        with writing(self._engine) as connection:
            if changes:
                connection.execute(update(jobs).where(mine, jobs.c.state.not_in(_OVER)).values(changes))
            cancelled: bool | None = connection.execute(select(jobs.c.cancel_requested).where(mine)).scalar()
        if cancelled is None:
            raise ConfigurationError(f"there is no job {job_id!r}; `jobs` lists them")
        return cancelled

    def cancel_job(self, job_id: str) -> bool:
        """Request a cancel; False where the job is over (or unknown)."""
        running = (jobs.c.job_id == job_id, jobs.c.state.not_in(_OVER))
        with writing(self._engine) as connection:
            return connection.execute(update(jobs).where(*running).values(cancel_requested=True)).rowcount == 1
