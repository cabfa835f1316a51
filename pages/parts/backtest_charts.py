"""Charts of a backtest's report: curves against the baselines, months as a map, what costs would do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import altair as alt
import pandas as pd
import streamlit as st

from engine.backtest.report.report import CostRow, Line, Month
from pages.parts.charts import CALM, DOWN, TIME_AXIS, UP, WARN
from pages.parts.zone import zone

_COLOURS = [CALM, WARN, "#7fb685", "#c97b84", "#9a86c2", "#8fa3ad"]


def curves(lines: Sequence[Line], at: Sequence[datetime], *, key: str) -> None:
    """Equity above, drawdown below, on one clock; the run itself is the strong line."""
    frame = _frame(lines, at)
    names = [line.name for line in lines]
    colour = alt.Color("run:N", scale=alt.Scale(domain=names, range=_COLOURS[: len(names)]),
                       legend=alt.Legend(orient="top", title=None, labelLimit=260))  # fmt: skip
    width = alt.condition(alt.datum.run == names[0], alt.value(2.4), alt.value(1.2))
    tips = ["run:N", alt.Tooltip("at:T", format="%Y-%m-%d %H:%M"), alt.Tooltip("equity:Q", format=",.2f"),
            alt.Tooltip("drawdown:Q", format=".2%")]  # fmt: skip
    base = alt.Chart(frame).mark_line().encode(
        x=alt.X("at:T", title=None, axis=TIME_AXIS), color=colour, strokeWidth=width, tooltip=tips
    )  # fmt: skip
    zoom = alt.selection_interval(bind="scales", encodings=["x"], name="zoom")
    equity = base.encode(y=alt.Y("equity:Q", title=None, scale=alt.Scale(zero=False),
                                 axis=alt.Axis(orient="right", format=",.7~g"))).properties(height=280)  # fmt: skip
    falls = base.encode(y=alt.Y("drawdown:Q", title=None, axis=alt.Axis(orient="right", format=".1%", tickCount=4)))
    both = alt.vconcat(equity.add_params(zoom), falls.properties(height=120), spacing=8).resolve_scale(x="shared")
    st.altair_chart(both, key=key, alt="Equity and drawdown of the run and its baselines")


def grown(runs: Sequence[tuple[str, Sequence[datetime], Sequence[float]]], *, key: str) -> None:
    """Two runs, each from 1 over its own bars."""
    where = zone()
    frame = pd.concat(
        pd.DataFrame({"at": [t.astimezone(where).replace(tzinfo=None) for t in at], "run": name,
                      "grown": [value / values[0] for value in values]})
        for name, at, values in runs
    )  # fmt: skip
    names = [name for name, _, _ in runs]
    lines = alt.Chart(frame).mark_line().encode(
        x=alt.X("at:T", title=None, axis=TIME_AXIS),
        y=alt.Y("grown:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(orient="right", format=".4~g")),
        color=alt.Color("run:N", scale=alt.Scale(domain=names, range=_COLOURS[: len(names)]),
                        legend=alt.Legend(orient="top", title=None, labelLimit=400)),
        tooltip=["run:N", alt.Tooltip("at:T", format="%Y-%m-%d %H:%M"), alt.Tooltip("grown:Q", format=".4f")],
    )  # fmt: skip
    st.altair_chart(lines.properties(height=220), key=key, alt="Both runs from 1")


def month_map(months: Sequence[Month], *, key: str) -> None:
    """Each month's return: years down, months across, the colour as strong as the month was."""
    frame = pd.DataFrame(
        [{"year": m.month[:4], "month": m.month[5:], "return": m.total_return, "drawdown": m.max_drawdown,
          "trades": m.trades} for m in months]
    )  # fmt: skip
    reach = max(float(frame["return"].abs().max()), 1e-6)
    x = alt.X("month:O", title=None, axis=alt.Axis(labelAngle=0, orient="top"))
    y = alt.Y("year:O", title=None)
    shade = alt.Scale(domain=[-reach, 0, reach], range=[DOWN, "#3a4550", UP])
    tips = [alt.Tooltip("year:O"), alt.Tooltip("month:O"), alt.Tooltip("return:Q", format="+.2%"),
            alt.Tooltip("drawdown:Q", format=".2%"), alt.Tooltip("trades:Q")]  # fmt: skip
    cells = alt.Chart(frame).encode(x=x, y=y, tooltip=tips)
    drawn = cells.mark_rect(cornerRadius=2).encode(color=alt.Color("return:Q", scale=shade, legend=None))
    words = cells.mark_text(fontSize=11, color="#ffffff").encode(text=alt.Text("return:Q", format="+.1%"))
    height = 40 + 26 * frame["year"].nunique()
    st.altair_chart((drawn + words).properties(height=height), key=key, alt="Return by month")


def cost_plot(costs: Sequence[CostRow], own_bps: float, *, key: str) -> None:
    """The run's return as a side gets dearer; the dashed line is what this run pays."""
    frame = pd.DataFrame([{"bps": c.bps, "return": c.total_return, "trades": c.trades} for c in costs])
    x = alt.X("bps:Q", title="basis points a side, all in", axis=alt.Axis(values=[c.bps for c in costs]))
    y = alt.Y("return:Q", title=None, axis=alt.Axis(format="+.1%", tickCount=5))
    tips = [alt.Tooltip("bps:Q"), alt.Tooltip("return:Q", format="+.2%"), alt.Tooltip("trades:Q")]
    line = alt.Chart(frame).mark_line(point=True, color=CALM).encode(x=x, y=y, tooltip=tips)
    zero = alt.Chart(pd.DataFrame({"return": [0.0]})).mark_rule(color="#8fa3ad", opacity=0.5).encode(y=y)
    own = alt.Chart(pd.DataFrame({"bps": [own_bps]})).mark_rule(strokeDash=[4, 4], color=WARN).encode(x="bps:Q")
    st.altair_chart((zero + own + line).properties(height=190), key=key, alt="Return by cost a side")


def _frame(lines: Sequence[Line], at: Sequence[datetime]) -> pd.DataFrame:
    where = zone()
    local = [moment.astimezone(where).replace(tzinfo=None) for moment in at]
    return pd.concat(
        pd.DataFrame({"at": local, "equity": line.equity, "drawdown": [-fall for fall in line.drawdown],
                      "run": line.name})
        for line in lines
    )  # fmt: skip
