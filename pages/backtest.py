"""Backtest: a rule or a model over stored bars, held against buying and holding."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from engine.domain.command import CommandKind
from engine.domain.interval import parse_time
from engine.domain.job import Job, JobKind, JobState
from engine.queries.console import current_account
from engine.queries.market import source_of
from engine.queries.models import as_float
from engine.queries.results import BASELINE, Result, baseline_of, read_result, sharpe_words
from engine.queries.words import number, ratio
from pages.parts.access import require_login
from pages.parts.ask import button
from pages.parts.charts import equity_chart
from pages.parts.frame import empty, page, section
from pages.parts.jobs import job_progress, newest_job
from pages.parts.plots import bar_plot
from pages.parts.strategy_form import run_form
from pages.parts.tables import table
from pages.parts.wiring import console
from pages.parts.zone import show


def ask_for_one() -> None:
    """The form, or the progress of the one that runs."""
    with st.container(border=True, key="backtest_card"):
        job_progress(JobKind.BACKTEST)
        request = run_form("backtest", source_of(current_account(console())))
        if request is not None:
            button("Run the backtest", CommandKind.BACKTEST, request, key="run_backtest", type="primary",
                   icon=":material/play_arrow:")  # fmt: skip


def results() -> None:
    """One finished run in full; the newest first."""
    finished = [job for job in console().board.jobs(JobKind.BACKTEST) if job.state is JobState.DONE]
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
    chosen = jobs[st.selectbox("Run", list(jobs), format_func=lambda name: _label(jobs[name]), key="backtest_choice")]
    result = read_result(chosen)
    if result is not None:
        report(result)


def _label(job: Job) -> str:
    r = job.request
    names = r.get("symbols")
    listed = ", ".join(map(str, names)) if isinstance(names, list | tuple) else names
    span = f"{r.get('start')} to {r.get('end')}"
    return f"{r.get('strategy')} · {listed} {r.get('interval')} · {span} · {show(job.created_at)}"


def report(result: Result) -> None:
    """Figures with their honesty, equity against the baseline, trades, exits."""
    if result.in_sample:
        st.error(
            "**IN SAMPLE**: the model has learned from these bars. This says how well it remembers, not how well it "
            "predicts.",
            icon=":material/warning:",
        )
    source = result.job.request.get("source")
    if source == "SIMULATED":
        st.warning(
            "SIMULATED market with a planted edge: it shows that the machine works, not that it earns.",
            icon=":material/science:",
        )
    other_job = baseline_of(console(), result.job)
    other = read_result(other_job) if other_job and other_job.job_id != result.job.job_id else None
    _figures(result, other)
    st.caption(sharpe_words(result.numbers))
    points = [
        *_points(result, str(result.job.request.get("strategy"))),
        *(_points(other, "buy and hold") if other else []),
    ]
    if points:
        equity_chart(points, key=f"backtest_equity_{result.job.job_id}", height=300)
    if other is None and result.job.request.get("strategy") != BASELINE:
        button("Compare with buying and holding", CommandKind.BACKTEST, {**result.job.request, "strategy": BASELINE},
               key="run_baseline", icon=":material/compare_arrows:")  # fmt: skip
    _lists(result)


def _figures(result: Result, other: Result | None) -> None:
    n, base = result.numbers, other.numbers if other else {}
    mine, theirs = as_float(n.get("total_return")), as_float(base.get("total_return"))
    against = f"{ratio(mine - theirs, signed=True)} against buy and hold" if None not in (mine, theirs) else None  # type: ignore[operator]
    with st.container(horizontal=True, key="backtest_figures"):
        st.metric("Return", ratio(mine, signed=True), against, border=True)
        st.metric("Deepest drawdown", ratio(as_float(n.get("max_drawdown"))), border=True)
        st.metric("Sharpe", number(as_float(n.get("sharpe")), 2), border=True)
        st.metric("Trades", number(n.get("trades")), border=True)
        st.metric("Final equity", f"{float(str(n.get('final_equity') or 'nan')):,.2f}", border=True)
        st.metric("Bars", number(n.get("bars")), f"{number(as_float(n.get('seconds')), 3)} s", delta_color="off",
                  delta_arrow="off", border=True)  # fmt: skip


def _points(result: Result, name: str) -> list[tuple[datetime, float, str]]:
    return [(parse_time(at), value, name) for at, value in result.equity]


def _lists(result: Result) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        section("Exits by reason")
        table(result.exits, key="exits", empty="No trade was closed.")
    with right:
        section("Held by")
        held = result.numbers.get("held_by")
        rows = [{"gate": gate, "bars": n} for gate, n in held.items()] if isinstance(held, dict) else []
        if rows:
            bar_plot(rows, "gate", "bars", key=f"backtest_held_{result.job.job_id}", form=",d")
        else:
            st.caption("No bar was held, or the run does not say.")
    section("Trades")
    table(result.trades, key="backtest_trades", empty="No trade: see above which gate held the bars.")


require_login()
with page(
    "Backtest", "The same rules as live, over stored bars. A good past is no promise; compare with doing nothing."
):
    ask_for_one()
    results()
