"""Jobs: starting their processes, and noticing those that died."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from engine.domain.job import Job, JobState
from engine.ports import Board

_PATIENCE_SECONDS = 1.5
_LONGEST_START = timedelta(minutes=2)


class JobStarter:
    """Starts `python -m engine job ID`; the process reports through the database, so nobody waits for it."""

    def __init__(self) -> None:
        self._children: list[subprocess.Popen[bytes]] = []

    def __call__(self, job: Job) -> None:
        """Start the job's process."""
        self.collect()
        command = [sys.executable, "-m", "engine", "job", job.job_id]
        nothing = subprocess.DEVNULL
        child = subprocess.Popen(command, stdin=nothing, stdout=nothing, start_new_session=True)
        self._children.append(child)

    def collect(self) -> None:
        """Let the system forget processes that have ended."""
        self._children = [child for child in self._children if child.poll() is None]

    def stop(self) -> None:
        """Ask the processes to end; jobs that can be resumed go on at their next start."""
        for child in self._children:
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + _PATIENCE_SECONDS
        for child in self._children:
            try:
                child.wait(timeout=max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def fail_the_dead(board: Board, now: datetime) -> None:
    """Close jobs whose process is gone without a word, so that no screen waits for them."""
    for job in board.jobs():
        if job.state is JobState.RUNNING and job.pid is not None and not _alive(job.pid):
            message = "its process ended without a result; start it again"
        elif job.state is JobState.QUEUED and now - job.created_at > _LONGEST_START:
            message = "its process never began; start it again"
        else:
            continue
        board.update_job(job.job_id, now, state=JobState.FAILED, message=message)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """True for a child that has ended and was not collected yet (Linux; elsewhere unknown, so False)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        return stat.rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False
