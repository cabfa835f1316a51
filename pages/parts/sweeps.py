"""Sweeps on the backtest page: ask for one, follow it, and see what its best is worth."""

from __future__ import annotations

import altair as alt
import pandas as pd
import streamlit as st

from engine.domain.job import Job, JobKind
from engine.queries.sweeps import METRICS, RATIOS, SweepResult, dimensions, heat, read_sweep, worth
from engine.queries.trading import strategy_name, strategy_names
from engine.queries.words import number, ratio
from pages.parts.frame import section
from pages.parts.jobs import job_progress
from pages.parts.sweep_form import sweep_form
from pages.parts.tables import table
from pages.parts.wiring import console
from pages.parts.zone import show

_FORMATS = {
    "total return": "percent", "sharpe": "%.2f", "deflated sharpe": "percent", "max drawdown": "percent",
}  # fmt: skip


def sweeps() -> None:
    """The form or the progress, then one sweep in full; the newest first."""
    section("Sweep")
    with st.container(border=True, key="sweep_card"):
        job_progress(JobKind.SWEEP)
        sweep_form()
    found = [result for job in console().board.jobs(JobKind.SWEEP) if (result := read_sweep(job)) is not None]
    if not found:
        st.caption("No sweep yet: a rule or a model with several values of what it is given, tried one by one.")
        return
    chosen = st.selectbox(
        "Sweep", range(len(found)), format_func=lambda i: _label(found[i].job), key=f"sweep_{found[0].job.job_id}"
    )
    _report(found[chosen])


def _label(job: Job) -> str:
    r = job.request
    names = r.get("symbols")
    listed = ", ".join(map(str, names)) if isinstance(names, list | tuple) else names
    name = strategy_name(str(r.get("strategy")), strategy_names(console()))
    return f"{name} · {listed} {r.get('interval')} · {show(job.created_at)}"


def _report(found: SweepResult) -> None:
    if found.in_sample:
        st.error("**IN SAMPLE**: a model has learned from these bars.", icon=":material/warning:")
    if found.job.request.get("source") == "SIMULATED":
        st.warning("SIMULATED market with a planted edge: it shows that the machine works, not that it earns.",
                   icon=":material/science:")  # fmt: skip
    if not found.finished:
        st.info("Stopped before its end: ask for the same again and it goes on.", icon=":material/pause_circle:")
    _figures(found)
    st.caption(worth(found))
    names = dimensions(found)
    if names:
        _heat_map(found, list(names))
    section("Combinations")
    rows = [{name.replace("_", " "): value for name, value in cell.items()} for cell in found.cells]
    table(rows, key=f"sweep_cells_{found.job.job_id}", empty="None.", formats=_FORMATS)
    if len(rows) < int(str(found.numbers.get("done") or 0)):
        st.caption(f"The best {len(rows):,} of {found.numbers['done']:,}; all are in the trial ledger.")


def _figures(found: SweepResult) -> None:
    n, best = found.numbers, found.cells[0]
    with st.container(horizontal=True, key="sweep_figures"):
        st.metric("Best Sharpe", number(best.get("sharpe"), 2), border=True)
        st.metric("Best by luck", number(n.get("luck_sharpe"), 2), border=True,
                  help="What the best of as many trials without skill shows on average.")  # fmt: skip
        st.metric("Chance of skill", ratio(_float(best.get("deflated_sharpe"))), border=True,
                  help="Deflated Sharpe: that the best one's true Sharpe is above the best by luck.")  # fmt: skip
        st.metric("Overfitting", ratio(_float(n.get("pbo"))), border=True,
                  help="How often the best of one half of the time is below the median in the other half.")  # fmt: skip
        st.metric("Trials", number(n.get("trials")), f"{number(n.get('done'))} of them here", delta_color="off",
                  delta_arrow="off", border=True)  # fmt: skip
        st.metric("Bars", number(n.get("bars")), f"{number(n.get('seconds'), 3)} s", delta_color="off",
                  delta_arrow="off", border=True)  # fmt: skip


def _float(value: object) -> float | None:
    return value if isinstance(value, float) else None


def _heat_map(found: SweepResult, names: list[str]) -> None:
    one, two, three = st.columns(3)
    x = one.selectbox("Across", names, format_func=_said, key="sweep_x")
    others = [name for name in names if name != x] or names
    y = two.selectbox("Down", others, format_func=_said, key=f"sweep_y_{x}")
    metric = three.selectbox("Colour", list(METRICS), format_func=METRICS.__getitem__, key="sweep_metric")
    rows = heat(found, x, y, metric)
    if not rows:
        st.caption("No combination has that figure.")
        return
    form = ".1%" if metric in RATIOS else ",.0f" if metric == "trades" else ".2f"
    signed = metric in {"sharpe", "total_return"}
    reach = max(abs(float(str(row[metric]))) for row in rows) or 1.0
    scale = (
        alt.Scale(scheme="redblue", domain=[-reach, reach])
        if signed
        else alt.Scale(scheme="blues", reverse=metric == "max_drawdown")
    )
    drawn = alt.Chart(pd.DataFrame(rows)).mark_rect().encode(
        x=alt.X(f"{x}:O", title=_said(x), axis=alt.Axis(labelAngle=0, labelLimit=180)),
        y=alt.Y(f"{y}:O", title=_said(y), axis=alt.Axis(labelLimit=260)),
        color=alt.Color(f"{metric}:Q", title=None, scale=scale, legend=alt.Legend(format=form)),
        tooltip=[f"{x}:O", f"{y}:O", alt.Tooltip(f"{metric}:Q", format=form, title=METRICS[metric]),
                 alt.Tooltip("n:Q", title="combinations")],
    )  # fmt: skip
    height = 60 + 34 * len({str(row[y]) for row in rows})
    st.altair_chart(drawn.properties(height=height), key=f"sweep_heat_{found.job.job_id}",
                    alt=f"{METRICS[metric]} by {_said(x)} and {_said(y)}")  # fmt: skip
    if len(found.cells) > len(rows):
        st.caption("Each field is the mean over everything that is not on its sides: a hill is worth more than a peak.")


def _said(name: str) -> str:
    return name.replace("_", " ")
