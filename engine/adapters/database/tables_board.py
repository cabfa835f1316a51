"""Tables where screens and engine meet: commands, settings, heartbeat, jobs, alerts."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, Table, Text

from engine.adapters.database.schema import metadata, row_number
from engine.adapters.database.types import EnumText, JsonText, UtcTime
from engine.domain.command import CommandKind, CommandState
from engine.domain.job import JobKind, JobState

commands = Table(
    "commands",
    metadata,
    row_number(),
    Column("key", Text, nullable=False, unique=True),
    Column("kind", EnumText(CommandKind), nullable=False),
    Column("payload", JsonText, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", UtcTime, nullable=False, index=True),
    Column("expires_at", UtcTime, nullable=False),
    Column("state_version", BigInteger),
    Column("state", EnumText(CommandState), nullable=False),
    Column("message", Text, nullable=False),
    Column("result", JsonText),
    Column("answered_at", UtcTime),
)
_pending = commands.c.state == CommandState.PENDING
Index("ix_commands_pending", commands.c.row, sqlite_where=_pending, postgresql_where=_pending)

settings = Table(
    "settings",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", JsonText),
)

state = Table(
    "state",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", BigInteger, nullable=False),
)
"""One row (id 1): the state version, which grows with every change that screens must not overlook."""

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("owner", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("status", JsonText, nullable=False),
)
"""One row (id 1): the engine's last sign of life."""

jobs = Table(
    "jobs",
    metadata,
    row_number(),
    Column("job_id", Text, nullable=False, unique=True),
    Column("kind", EnumText(JobKind), nullable=False),
    Column("state", EnumText(JobState), nullable=False),
    Column("request", JsonText, nullable=False),
    Column("progress", Float, nullable=False),
    Column("message", Text, nullable=False),
    Column("result", JsonText),
    Column("pid", Integer),
    Column("cancel_requested", Boolean, nullable=False),
    Column("created_at", UtcTime, nullable=False, index=True),
    Column("started_at", UtcTime),
    Column("finished_at", UtcTime),
)

alerts = Table(
    "alerts",
    metadata,
    row_number(),
    Column("at", UtcTime, nullable=False, index=True),
    Column("level", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("account_id", Text, index=True),
)
"""Messages for the operator; `account_id` is NULL where they concern no account."""
