"""One backtest in full: figures with their honesty, equity against the baseline, trades, exits."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from engine.domain.command import CommandKind
from engine.domain.interval import parse_time
from engine.queries.models import as_float
from engine.queries.results import BASELINE, Result, baseline_of, read_result, sharpe_words
from engine.queries.trading import strategy_name, strategy_names
from engine.queries.words import number, ratio
from pages.parts.ask import button
from pages.parts.charts import equity_chart
from pages.parts.frame import section
from pages.parts.plots import bar_plot
from pages.parts.tables import table
from pages.parts.wiring import console


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
        *_points(result, strategy_name(str(result.job.request.get("strategy")), strategy_names(console()))),
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
    gap = mine - theirs if mine is not None and theirs is not None else None
    against = f"{100 * gap:+.2f} % against buy and hold" if gap is not None else None  # a real minus turns the arrow
    with st.container(horizontal=True, key="backtest_figures"):
        st.metric("Return", ratio(mine, signed=True), against, border=True,
                  help="Buying and holding obeys the same limits: it invests only a part of the equity.")  # fmt: skip
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
        table(result.exits, key="exits", empty="No trade was closed.", formats={"profit": "%+.2f"})
    with right:
        section("Held by")
        held = result.numbers.get("held_by")
        rows = [{"gate": gate, "bars": n} for gate, n in held.items()] if isinstance(held, dict) else []
        if rows:
            bar_plot(rows, "gate", "bars", key=f"backtest_held_{result.job.job_id}", form=",d")
        else:
            st.caption("No bar was held, or the run does not say.")
    section("Trades")
    formats = {"profit": "%+.2f", "fees": "%.2f", "quantity": "%.6g", "entry price": "%.8g", "exit price": "%.8g"}
    table(result.trades, key="backtest_trades", empty="No trade: see above which gate held the bars.", formats=formats)
