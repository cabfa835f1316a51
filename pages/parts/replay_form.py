"""Replays: any stored range through the live cycle, in an account of its own."""

from __future__ import annotations

import streamlit as st

from engine.domain.command import CommandKind
from engine.domain.job import Job, JobKind, JobState
from engine.queries.console import current_account
from engine.queries.guide import RUNNING
from engine.queries.market import source_of
from engine.queries.words import count
from pages.parts.ask import button
from pages.parts.jobs import job_progress, newest_job
from pages.parts.strategy_form import run_form
from pages.parts.wiring import console

SPEEDS = {"max": "As fast as it can", "3600": "An hour a second", "60": "60 ×", "1": "Real speed"}


def replay_controls() -> None:
    """Start one, watch it, stop it, read what it came to."""
    job = newest_job(JobKind.REPLAY)
    job_progress(JobKind.REPLAY)
    if job is not None and job.state in RUNNING:
        button("Stop the replay", CommandKind.STOP_REPLAY, {}, key="stop_replay", icon=":material/stop_circle:")
        return
    if job is not None and job.state is JobState.DONE:
        _result(job)
    request = run_form("replay", source_of(current_account(console())))
    speed = st.segmented_control("Speed", list(SPEEDS), format_func=SPEEDS.__getitem__, default="max", required=True,
                                 key="replay_speed")  # fmt: skip
    if request is not None:
        button("Start the replay", CommandKind.START_REPLAY, {**request, "speed": speed or "max"}, key="start_replay",
               icon=":material/fast_forward:")  # fmt: skip


def _result(job: Job) -> None:
    found = job.result or {}
    label = " · :orange[**IN SAMPLE**: the model has learned from these bars]" if found.get("in_sample") else ""
    st.success(
        f"The newest replay ({job.request.get('strategy')}): {found.get('bars')} bars, "
        f"{found.get('decisions')} decisions, "
        f"{found.get('trades')} trades, equity {found.get('final_equity')}. "
        f"Its account {found.get('account_id')} can be looked at on the Portfolio page.{label}",
        icon=":material/flag:",
    )
    held = found.get("held_by")
    if isinstance(held, dict) and held:
        st.caption("Held by: " + ", ".join(f"{gate} {count(int(n), 'bar')}" for gate, n in held.items()))
