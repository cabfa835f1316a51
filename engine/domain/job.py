"""Job: long work in a process of its own, with its progress in the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class JobKind(StrEnum):
    """What the process runs."""

    TRAIN = "train"
    PREDICT = "predict"
    BACKTEST = "backtest"
    SWEEP = "sweep"
    REPLAY = "replay"
    IMPORT = "import"
    SYNC = "sync"


class JobState(StrEnum):
    """QUEUED -> RUNNING -> DONE | FAILED | CANCELLED."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`progress` runs from 0 to 1; `message` is what the operator reads; `result` is the command's JSON when DONE."""

    job_id: str
    kind: JobKind
    state: JobState
    request: Mapping[str, object]
    progress: float
    message: str
    result: Mapping[str, object] | None
    pid: int | None
    cancel_requested: bool
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
