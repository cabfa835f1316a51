"""Charts of prices and equity: Altair, zoomable, the zoom kept while live data comes in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

import altair as alt
import pandas as pd
import streamlit as st

from engine.domain.bar import BarSeries
from engine.domain.equity import EquityMark
from engine.queries.chart import Level, Mark, PriceChart
from pages.parts.zone import zone

UP, DOWN, CALM, WARN = "#2a9d8f", "#d1495b", "#5b9bd5", "#e0a458"
KINDS = ["entry", "exit", "stop", "target", "predicted BUY", "predicted SELL"]
_COLORS = [CALM, "#9a86c2", DOWN, UP, "#7fb685", "#c97b84"]
_SHAPES = ["triangle-up", "diamond", "cross", "circle", "stroke", "stroke"]


TIME_AXIS = alt.Axis(
    grid=False, labelOverlap=True, tickCount=8,
    labelExpr="hours(datum.value) || minutes(datum.value) ? timeFormat(datum.value, '%H:%M') : "
    "date(datum.value) == 1 ? timeFormat(datum.value, '%b %Y') : timeFormat(datum.value, '%d %b')",
)  # fmt: skip


def price_chart(chart: PriceChart, *, key: str, marks: Sequence[str] = KINDS, height: int = 420) -> None:
    """Bars with entries, exits, stops, targets and predictions. The newest close is also written as text."""
    where = zone()
    frame = bar_frame(chart.bars, where)
    x = alt.X("at:T", title=None, axis=TIME_AXIS)
    rising = alt.condition("datum.close >= datum.open", alt.value(UP), alt.value(DOWN))
    columns = ("open", "high", "low", "close", "volume")
    tips = [alt.Tooltip("at:T", format="%Y-%m-%d %H:%M"), *(alt.Tooltip(f"{name}:Q") for name in columns)]
    base = alt.Chart(frame).encode(x=x, color=rising, tooltip=tips)
    width = max(1.0, min(9.0, 760 / max(len(frame), 1)))
    scale = alt.Scale(zero=False, nice=False, padding=12)
    wick = base.mark_rule().encode(
        y=alt.Y("low:Q", title=None, scale=scale, axis=alt.Axis(orient="right", format=",.8~g")), y2="high:Q"
    )
    body = base.mark_bar(size=width).encode(y=alt.Y("open:Q", scale=scale), y2="close:Q")
    legend = _legend(chart, marks)
    layers = [wick, body, *_levels(chart.levels, legend), *_marks(chart.marks, marks, where, legend)]
    zoom = alt.selection_interval(bind="scales", encodings=["x"], name="zoom")
    drawn = alt.layer(*layers).add_params(zoom).properties(height=height)
    st.altair_chart(drawn, key=key, alt=f"{chart.symbol} {chart.interval.value} bars with trades and predictions")
    st.caption(
        f"{len(frame):,} bars of {chart.interval.value}, times in {datetime.now(where):%Z}. Scroll zooms, drag moves."
    )


def bar_frame(bars: BarSeries, where: tzinfo) -> pd.DataFrame:
    """Bars as a frame; `at` is the open on the clock of the operator's zone."""
    opens = pd.to_datetime(pd.Series(list(bars.open_ms), dtype="int64"), unit="ms", utc=True)
    columns = {name: list(getattr(bars, name)) for name in ("open", "high", "low", "close", "volume")}
    return pd.DataFrame({"at": opens.dt.tz_convert(where).dt.tz_localize(None), **columns})


def equity_chart(points: Sequence[tuple[datetime, float, str]], *, key: str, height: int = 260) -> None:
    """Equity over time, one line for each name."""
    where = zone()
    frame = pd.DataFrame(
        [{"at": at.astimezone(where).replace(tzinfo=None), "equity": value, "run": name} for at, value, name in points]
    )
    names = list(dict.fromkeys(frame["run"]))
    legend = alt.Legend(orient="top", title=None) if len(names) > 1 else None
    colors = alt.Scale(domain=names, range=[CALM, WARN, "#9a86c2", "#8fa3ad"][: len(names)])
    lines = (
        alt.Chart(frame).mark_line(strokeWidth=1.8, interpolate="step-after")
        .encode(
            x=alt.X("at:T", title=None, axis=TIME_AXIS),
            y=alt.Y("equity:Q", title=None, scale=alt.Scale(zero=False),
                    axis=alt.Axis(orient="right", format=",.7~g")),
            color=alt.Color("run:N", scale=colors, legend=legend),
            tooltip=["run:N", alt.Tooltip("at:T", format="%Y-%m-%d %H:%M"), alt.Tooltip("equity:Q", format=",.2f")],
        )
        .properties(height=height)
        .add_params(alt.selection_interval(bind="scales", encodings=["x"], name="zoom"))
    )  # fmt: skip
    st.altair_chart(lines, key=key, alt="Equity over time")


def drawdown_chart(marks: Sequence[EquityMark], *, key: str) -> None:
    """How far below its peak, as an area under zero."""
    where = zone()
    frame = pd.DataFrame(
        [{"at": m.at.astimezone(where).replace(tzinfo=None), "drawdown": -float(m.drawdown)} for m in marks]
    )
    area = (
        alt.Chart(frame).mark_area(color=DOWN, opacity=0.35, line={"color": DOWN, "strokeWidth": 1.2})
        .encode(
            x=alt.X("at:T", title=None, axis=TIME_AXIS),
            y=alt.Y("drawdown:Q", title=None, axis=alt.Axis(format=".2~%", orient="right", tickCount=4)),
            tooltip=[alt.Tooltip("at:T", format="%Y-%m-%d %H:%M"), alt.Tooltip("drawdown:Q", format=".2%")],
        )
        .properties(height=130)
    )  # fmt: skip
    st.altair_chart(area, key=key, alt="Drawdown over time")


def _legend(chart: PriceChart, wanted: Sequence[str]) -> alt.Legend:
    """What the signs mean, of those that are drawn; one for all layers, for layers share their colours."""
    drawn = {m.kind for m in chart.marks if m.kind in wanted} | {level.kind for level in chart.levels}
    return alt.Legend(orient="top", title=None, symbolStrokeWidth=2, values=[kind for kind in KINDS if kind in drawn])


def _levels(levels: Sequence[Level], legend: alt.Legend) -> list[alt.Chart]:
    if not levels:
        return []
    frame = pd.DataFrame([{"price": level.price, "kind": level.kind} for level in levels])
    color = alt.Color("kind:N", scale=alt.Scale(domain=KINDS, range=_COLORS), legend=legend)
    rule = alt.Chart(frame).mark_rule(strokeDash=[5, 4]).encode(y="price:Q", color=color, tooltip=["kind:N", "price:Q"])
    text = alt.Chart(frame).mark_text(align="left", dx=4, dy=-6).encode(
        y="price:Q", x=alt.value(0), text="kind:N", color=color
    )  # fmt: skip
    return [rule, text]


def _marks(marks: Sequence[Mark], wanted: Sequence[str], where: tzinfo, legend: alt.Legend) -> list[alt.Chart]:
    rows = [
        {"at": m.at.astimezone(where).replace(tzinfo=None), "price": m.price, "kind": m.kind, "what": m.text}
        for m in marks
        if m.kind in wanted
    ]
    if not rows:
        return []
    points = alt.Chart(pd.DataFrame(rows)).mark_point(
        size=90, filled=True, opacity=0.95, stroke="white", strokeWidth=0.6
    )
    return [
        points.encode(
            x="at:T", y="price:Q", tooltip=["kind:N", "what:N", alt.Tooltip("at:T", format="%Y-%m-%d %H:%M")],
            color=alt.Color("kind:N", scale=alt.Scale(domain=KINDS, range=_COLORS), legend=legend),
            shape=alt.Shape("kind:N", scale=alt.Scale(domain=KINDS, range=_SHAPES), legend=legend),
        )
    ]  # fmt: skip
