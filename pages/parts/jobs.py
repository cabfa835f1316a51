"""Long work on screen: its progress while it runs, its end in words, and a way to stop it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import streamlit as st

from engine.domain.command import CommandKind
from engine.domain.job import Job, JobKind, JobState
from engine.queries.guide import RUNNING
from engine.queries.results import stored_words, subject
from engine.queries.words import age, told_once
from pages.parts.ask import button
from pages.parts.guard import live
from pages.parts.wiring import console

_NOUN = {
    JobKind.TRAIN: "Training",
    JobKind.PREDICT: "Prediction",
    JobKind.BACKTEST: "Backtest",
    JobKind.SWEEP: "Sweep",
    JobKind.IMPORT: "Import",
    JobKind.REPLAY: "Replay",
    JobKind.SYNC: "Sync",
}


def newest_job(kind: JobKind) -> Job | None:
    """The job of that kind that was asked for last."""
    jobs = console().board.jobs(kind)
    return jobs[0] if jobs else None


def job_progress(kind: JobKind) -> None:
    """Follow the newest job of a kind: polled while it runs, the page redrawn when it ends."""
    job = newest_job(kind)
    with st.container():  # always there, so that what follows keeps its place
        if job is not None and job.state in RUNNING:
            _follow(job.job_id)
        elif job is not None:
            _end(job)


def _end(job: Job) -> None:
    """How it ended, in words."""
    kind, what = job.kind, f"**{_NOUN[job.kind]}{subject(console(), job)}**"
    if job.state is JobState.FAILED:
        why = told_once(job.message or "no reason was given").rstrip(".")
        st.error(f"{what} failed: {why}{'' if why.endswith('?') else '.'} Correct it and start again.",
                 icon=":material/error:")  # fmt: skip
    elif job.state is JobState.CANCELLED:
        left = "What it did so far is kept." if kind in (JobKind.REPLAY, JobKind.SWEEP) else "Nothing of it was kept."
        st.info(f"{what} was cancelled. {left}", icon=":material/cancel:")
    elif kind in (JobKind.IMPORT, JobKind.SYNC) and job.result is not None:
        st.success(f"{what}: {stored_words(job.result)}", icon=":material/check_circle:")
        lines = [*_lines(job.result, "notes"), *_lines(job.result, "rejected")]
        if lines:
            st.warning("  \n".join(lines[:20]), icon=":material/report:")


def _lines(result: Mapping[str, object], name: str) -> list[str]:
    found = result.get(name)
    return [str(line) for line in found] if isinstance(found, list) else []


@live(1, "Progress")
def _follow(job_id: str) -> None:
    job = console().board.job(job_id)
    if job is None or job.state not in RUNNING:
        st.rerun()
        return
    noun = _NOUN[job.kind]
    with st.container(horizontal=True, vertical_alignment="center", key=f"job_{job.kind.value}"):
        st.progress(min(max(job.progress, 0.0), 1.0), text=f"**{noun}** {job.progress:.0%} · {job.message or 'queued'}"
                    f" · {_running_for(job)}")  # fmt: skip
        if job.cancel_requested:
            st.caption("Stopping …")
        else:
            button("Cancel", CommandKind.CANCEL_JOB, {"job_id": job.job_id}, key=f"cancel_{job.kind.value}",
                   icon=":material/stop_circle:")  # fmt: skip


def _running_for(job: Job) -> str:
    if job.started_at is None:
        return "waiting for the engine to start it"
    return f"running for {age(max(_now() - job.started_at, timedelta(0)))}"


def _now() -> datetime:
    return console().clock.now()
