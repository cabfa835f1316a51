"""One backtest in full: figures with their honesty, curves against the baselines, months, exits, costs, trades."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from engine.backtest.report import tables
from engine.backtest.report.html import to_html
from engine.backtest.report.report import VERSION, Report
from engine.domain.interval import parse_time
from engine.queries.models import as_float
from engine.queries.models import table as rows_of
from engine.queries.results import Result
from engine.queries.words import number, ratio
from pages.parts.backtest_charts import cost_plot, curves, grown, month_map
from pages.parts.backtest_checks import checks
from pages.parts.frame import section
from pages.parts.plots import bar_plot
from pages.parts.tables import table


def report(result: Result, others: Sequence[tuple[str, Result]]) -> None:
    """Draw everything that is known of a run; `others` are runs that it can stand beside, by their names."""
    _warn(result)
    checks(result)
    told = _told(result)
    if told is None:
        _figures(result, None)
        st.caption("This run was made by another version of AAITI: run it again for its full report.")
    else:
        for note in told.notes:
            st.caption(f":material/info: {note[0].upper()}{note[1:]}.")
        _figures(result, told)
        st.caption(f"{tables.honesty_words(told)}  \n{tables.luck_words(told)}")
        key = result.job.job_id
        curves([told.own, *told.rivals], [parse_time(at) for at in told.at], key=f"curves_{key}")
        _tables(told, key)
        _beside(told, others, key)
        _files(result, told)
    _trades(result)


def _told(result: Result) -> Report | None:
    """The report; None where an older version made the run, or wrote another kind of report."""
    known = result.report is not None and result.report.get("version") == VERSION
    return Report.parse(result.report) if known and result.report is not None else None


def _warn(result: Result) -> None:
    if result.in_sample:
        st.error(
            "**IN SAMPLE**: the model has learned from these bars. This says how well it remembers, not how well it "
            "predicts.",
            icon=":material/warning:",
        )
    if result.job.request.get("source") == "SIMULATED":
        st.warning(
            "SIMULATED market with a planted edge: it shows that the machine works, not that it earns.",
            icon=":material/science:",
        )


def _figures(result: Result, told: Report | None) -> None:
    n, mine = result.numbers, as_float(result.numbers.get("total_return"))
    hold = next((line for line in told.rivals if line.name == "buy_hold"), None) if told else None
    against = f"{100 * (mine - hold.figures.total_return):+.2f} % against buy and hold" if hold and mine else None
    with st.container(horizontal=True, key="backtest_figures"):
        st.metric("Return", ratio(mine, signed=True), against, border=True,
                  help="Buying and holding obeys the same limits: it invests only a part of the equity.")  # fmt: skip
        st.metric("Deepest drawdown", ratio(as_float(n.get("max_drawdown"))), border=True)
        _sharpe(result, told)
        st.metric("Trades", number(n.get("trades")), border=True)
        st.metric("Final equity", f"{float(str(n.get('final_equity') or 'nan')):,.2f}", border=True)
        st.metric("Bars", number(n.get("bars")), f"{number(as_float(n.get('seconds')), 3)} s", delta_color="off",
                  delta_arrow="off", border=True)  # fmt: skip


def _sharpe(result: Result, told: Report | None) -> None:
    if told is None:
        st.metric("Sharpe", number(as_float(result.numbers.get("sharpe")), 2), border=True)
        return
    h = told.honesty
    span = None if h.low is None else f"{number(h.low, 2)} to {number(h.high, 2)}"
    st.metric("Sharpe", number(h.sharpe, 2), span, delta_color="off", delta_arrow="off", border=True,
              help=tables.honesty_words(told))  # fmt: skip
    tried = f"{number(h.trials)} trial{'s' * (h.trials != 1)}"
    st.metric("Deflated Sharpe", ratio(h.deflated, 1), tried, delta_color="off", delta_arrow="off", border=True,
              help="The chance that the true Sharpe ratio exceeds what the best of all trials without skill would "
              "show.")  # fmt: skip


def _tables(told: Report, key: str) -> None:
    section("Against the baselines", "On the same bars, at the same costs, limits, stops and targets.")
    _words(tables.against(told), "against")
    section("By month (UTC)")
    month_map(told.months, key=f"months_{key}")
    left, right = st.columns(2, gap="medium")
    with left:
        section("Exits by reason")
        _words(tables.by_name(told.exits, "exit"), "exits")
        if len(told.instruments) > 1:
            section("By instrument")
            _words(tables.by_name(told.instruments, "instrument"), "instruments")
    with right:
        section("At other costs")
        cost_plot(told.costs, told.cost_bps, key=f"costs_{key}")
        section("Held by")
        rows = [{"gate": gate, "bars": n} for gate, n in told.held_by]
        if rows:
            bar_plot(rows, "gate", "bars", key=f"backtest_held_{key}", form=",d")
    section("Bars", "What they lack, and what was done about it.")
    _words(tables.bars(told), "bars")


def _beside(told: Report, others: Sequence[tuple[str, Result]], key: str) -> None:
    if not others:
        return
    section("Beside another run")
    names = [name for name, _ in others]
    chosen = st.selectbox("Other run", names, index=None, placeholder="Choose a run", key=f"beside_{key}")
    found = next((result for name, result in others if name == chosen), None)
    other = _told(found) if found is not None else None
    if other is None:
        if chosen:
            st.caption("That run has no such report: run it again.")
        return
    _words(tables.side_by_side(told, other), "beside")
    grown(
        [(name, [parse_time(at) for at in one.at], one.own.equity)
         for name, one in (("this run", told), (str(chosen), other))],
        key=f"grown_{key}",
    )  # fmt: skip


def _files(result: Result, told: Report) -> None:
    st.download_button(
        "Report as one HTML file", to_html(told, rows_of(result.numbers, "trade_list")), key="report_html",
        file_name=f"aaiti-backtest-{result.job.job_id[:12]}.html", mime="text/html", icon=":material/download:",
        on_click="ignore",
    )  # fmt: skip


def _words(shown: tables.Table, key: str) -> None:
    """A table of words; what would be a nameless column is called by what it lists."""
    names = [name or " " for name in shown.columns]
    if shown.rows:
        st.dataframe([dict(zip(names, row, strict=True)) for row in shown.rows], hide_index=True, key=f"{key}_words")
    else:
        st.caption("None.")


def _trades(result: Result) -> None:
    section("Trades")
    formats = {"profit": "%+.2f", "fees": "%.2f", "quantity": "%.6g", "entry price": "%.8g", "exit price": "%.8g"}
    table(result.trades, key="backtest_trades", empty="No trade: see above which gate held the bars.", formats=formats)
