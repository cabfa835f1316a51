"""Backtest: a rule or a model over stored bars, with a report that says how far to believe it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from engine.domain.command import CommandKind
from engine.domain.job import Job, JobKind, JobState
from engine.queries.console import current_account
from engine.queries.market import source_of
from engine.queries.results import Result, read_result
from engine.queries.trading import strategy_name, strategy_names
from pages.parts.access import require_login
from pages.parts.ask import form_button
from pages.parts.backtest_against import live_against_backtest
from pages.parts.backtest_report import report
from pages.parts.frame import empty, page, section
from pages.parts.jobs import job_progress, newest_job
from pages.parts.strategy_form import run_form
from pages.parts.sweeps import sweeps
from pages.parts.wiring import console
from pages.parts.zone import show


def walk_forward(strategy: str) -> dict[str, object]:
    """How often the model is to be trained anew; nothing for a rule."""
    if not strategy.startswith("model:"):
        return {}
    days = st.number_input("Walk forward: train anew every … days (0: the version as it is)", 0, 3650, 0,
                           key="backtest_retrain", help="On bars before each day alone, as live would; each call is by "
                           "the version that existed then, so that no bar is in sample.")  # fmt: skip
    return {"retrain_days": int(days)} if days else {}


def latency() -> dict[str, object]:
    """At the open of which bar after it a decision fills; nothing where that is the next one, as live."""
    bars = st.number_input("Fill at the open of bar … after the decision", 1, 1_000, 1, key="backtest_latency",
                           help="1 is the next bar, as live. More shows what slow orders would have cost.")  # fmt: skip
    return {"latency_bars": int(bars)} if bars > 1 else {}


def ask_for_one() -> None:
    """The form, or the progress of the one that runs."""
    with st.container(border=True, key="backtest_card"):
        job_progress(JobKind.BACKTEST)
        request = run_form("backtest", source_of(current_account(console())))
        if request is not None:
            request |= walk_forward(str(request["strategy"])) | latency()
            form_button("Run the backtest", CommandKind.BACKTEST, request, key="run_backtest", type="primary",
                        icon=":material/play_arrow:")  # fmt: skip


def results() -> None:
    """One finished run in full; the newest first."""
    done = [job for job in console().board.jobs(JobKind.BACKTEST) if job.state is JobState.DONE]
    finished = [job for job in done if "against" not in job.request]
    section("Result")
    if not finished:
        running = newest_job(JobKind.BACKTEST)
        text = (
            "It appears here when it is done."
            if running
            else "No backtest yet: choose a rule or a model above and run it."
        )
        empty(text, key="backtest")
        return
    jobs = {job.job_id: job for job in finished}
    chosen = jobs[
        st.selectbox("Run", list(jobs), format_func=lambda name: _label(jobs[name]), key=f"choice_{finished[0].job_id}")
    ]
    result = read_result(chosen)
    if result is not None:
        report(result, _others(finished, chosen))


def _others(finished: Sequence[Job], chosen: Job) -> list[tuple[str, Result]]:
    """Runs that can stand beside the chosen one."""
    found = [(_label(job), read_result(job)) for job in finished if job.job_id != chosen.job_id]
    return [(name, result) for name, result in found if result is not None]


def _label(job: Job) -> str:
    r = job.request
    names = r.get("symbols")
    listed = ", ".join(map(str, names)) if isinstance(names, list | tuple) else names
    name = strategy_name(str(r.get("strategy")), strategy_names(console()))
    span = f"{str(r.get('start'))[:10]} to {str(r.get('end'))[:10]}"
    return f"{name} · {listed} {r.get('interval')} · {span} · {show(job.created_at)}"


require_login()
with page(
    "Backtest", "The same rules as live, over stored bars. A good past is no promise; compare with doing nothing."
):
    ask_for_one()
    results()
    live_against_backtest()
    sweeps()
