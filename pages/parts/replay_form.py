"""Replays: any stored range through the live cycle, in an account of its own."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from engine.domain.command import CommandKind
from engine.domain.job import Job, JobKind, JobState
from engine.queries.console import current_account
from engine.queries.guide import RUNNING
from engine.queries.market import source_of
from engine.queries.results import subject
from engine.queries.words import ABSENT, number
from pages.parts.ask import form_button
from pages.parts.gate_report import gates_of
from pages.parts.jobs import job_progress, newest_job
from pages.parts.strategy_form import run_form
from pages.parts.wiring import console

SPEEDS = {"max": "As fast as it can", "3600": "An hour a second", "60": "60 ×", "1": "Real speed"}


def replay_controls() -> None:
    """Start one, watch it, stop it, read what it came to."""
    job = newest_job(JobKind.REPLAY)
    running = job is not None and job.state in RUNNING
    job_progress(JobKind.REPLAY)
    request = run_form("replay", source_of(current_account(console())))
    speed = st.segmented_control("Speed", list(SPEEDS), format_func=SPEEDS.__getitem__, default="max", required=True,
                                 key="replay_speed")  # fmt: skip
    if request is not None:
        form_button("Start the replay", CommandKind.START_REPLAY, {**request, "speed": speed or "max"},
                    key="start_replay", icon=":material/fast_forward:", disabled=running)  # fmt: skip
    if job is not None and job.state is JobState.DONE:
        _result(job)


def _result(job: Job) -> None:
    """What the newest one came to, and which gate held how many of its bars."""
    found = job.result or {}
    st.markdown(f"#### Replay{subject(console(), job)}")
    if found.get("in_sample"):
        st.error("**IN SAMPLE**: the model has learned from these bars.", icon=":material/warning:")
    with st.container(horizontal=True, key="replay_figures"):
        for label, name in (("Bars", "bars"), ("Decisions", "decisions"), ("Orders", "orders"), ("Trades", "trades")):
            st.metric(label, number(found.get(name)), border=True)
        equity = found.get("final_equity")
        st.metric("Final equity", f"{float(str(equity)):,.2f}" if equity else ABSENT, border=True)
    account = next((a for a in console().ledger.accounts() if a.account_id == found.get("account_id")), None)
    if account is None:
        return
    gates_of(account, key="replay_")
    if st.button("Its trades and its equity", key="replay_books", icon=":material/account_balance_wallet:"):
        st.session_state["portfolio_account"] = account.account_id
        st.switch_page(Path(__file__).parents[1] / "portfolio.py")
