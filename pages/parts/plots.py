"""Charts of a model's honesty: reliability, importance, months, and what each gate held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd
import streamlit as st

from engine.domain.signal import Vote
from engine.queries.trading import HeldCount
from pages.parts.charts import CALM, DOWN, UP, WARN

Rows = Sequence[Mapping[str, object]]


def reliability_plot(rows: Rows, *, key: str) -> None:
    """Stated probability against how often it came true: on the diagonal is honest."""
    frame = pd.DataFrame(rows)
    reach = frame["plus_minus"].clip(upper=0.08) if "plus_minus" in frame else 0.0
    low = min(frame["stated"].min(), (frame["came_true"] - reach).min()) - 0.01
    high = max(frame["stated"].max(), (frame["came_true"] + reach).max()) + 0.01
    span = alt.Scale(domain=[float(low), float(high)], nice=False)
    x = alt.X("stated:Q", title="stated probability", scale=span, axis=alt.Axis(format=".0%", tickCount=6))
    y = alt.Y("came_true:Q", title="came true", scale=span, axis=alt.Axis(format=".0%", tickCount=6))
    diagonal = alt.Chart(pd.DataFrame({"stated": [low, high], "came_true": [low, high]})).mark_line(
        strokeDash=[4, 4], color="#8fa3ad"
    ).encode(x=x, y=y)  # fmt: skip
    tips = [alt.Tooltip(f"{name}:Q", format=".1%") for name in ("stated", "came_true", "plus_minus")]
    size = alt.Size("n:Q", legend=None, scale=alt.Scale(range=[25, 220])) if "n" in frame else alt.value(80)
    dots = alt.Chart(frame).mark_circle(color=CALM, opacity=0.95).encode(x=x, y=y, size=size, tooltip=[*tips, "n:Q"])
    line = alt.Chart(frame).mark_line(color=CALM, opacity=0.4).encode(x=x, y=y)
    layers = [diagonal, line, dots]
    if "plus_minus" in frame:
        ends = frame.assign(low=frame["came_true"] - frame["plus_minus"], high=frame["came_true"] + frame["plus_minus"])
        ends["low"], ends["high"] = ends["low"].clip(float(low), None), ends["high"].clip(None, float(high))
        rule = alt.Chart(ends).mark_rule(color=CALM, opacity=0.6)
        layers.insert(1, rule.encode(x=x, y=alt.Y("low:Q", scale=span), y2="high:Q"))
    st.altair_chart(alt.layer(*layers).properties(height=280), key=key, alt="Reliability of the probability")


def bar_plot(rows: Rows, name: str, value: str, *, key: str, form: str = ".4f") -> None:
    """Horizontal bars, largest first."""
    frame = pd.DataFrame(rows)[[name, value]]
    bars = (
        alt.Chart(frame).mark_bar(color=CALM, height={"band": 0.65})
        .encode(
            y=alt.Y(f"{name}:N", sort="-x", title=None, axis=alt.Axis(labelLimit=220, labelOverlap=False)),
            x=alt.X(f"{value}:Q", title=None, axis=alt.Axis(format=form, tickCount=5)),
            tooltip=[f"{name}:N", alt.Tooltip(f"{value}:Q", format=form)],
        )
        .properties(height=50 + 24 * len(frame))
    )  # fmt: skip
    st.altair_chart(bars, key=key, alt=f"{value} by {name}")


def month_plot(rows: Rows, *, key: str) -> None:
    """Accuracy by month beside the coin."""
    frame = pd.DataFrame(rows)
    low = min(0.45, float(frame["accuracy"].min()) - 0.01)
    y = alt.Y("accuracy:Q", title=None, scale=alt.Scale(domain=[low, max(0.6, float(frame["accuracy"].max()) + 0.01)]),
              axis=alt.Axis(format=".0%"))  # fmt: skip
    line = alt.Chart(frame).mark_line(point=True, color=CALM).encode(
        x=alt.X("month:O", title=None, axis=alt.Axis(labelAngle=-45, labelOverlap=True)), y=y,
        tooltip=["month:O", alt.Tooltip("accuracy:Q", format=".1%"), "n:Q"],
    )  # fmt: skip
    coin = alt.Chart(pd.DataFrame({"accuracy": [0.5]})).mark_rule(strokeDash=[4, 4], color=WARN).encode(y=y)
    st.altair_chart((line + coin).properties(height=230), key=key, alt="Accuracy by month")


def held_plot(held: Sequence[HeldCount], n_bars: int, *, key: str) -> None:
    """How many bars each gate held."""
    rows = [{"gate": h.gate, "bars": h.n, "share": h.n / max(n_bars, 1)} for h in held]
    bar_plot(rows, "gate", "bars", key=key, form=",d")


def vote_plot(votes: Sequence[Vote], *, key: str) -> None:
    """Each member's chance that the price rises, as a bar from the coin."""
    frame = pd.DataFrame([{"member": v.member, "up": v.probability_up, "weight": v.weight} for v in votes])
    reach = max(0.02, float((frame["up"] - 0.5).abs().max())) * 1.15
    x = alt.X("up:Q", title=None, scale=alt.Scale(domain=[0.5 - reach, 0.5 + reach], nice=False),
              axis=alt.Axis(format=".0%", tickCount=4))  # fmt: skip
    tint = alt.condition("datum.up >= 0.5", alt.value(UP), alt.value(DOWN))
    tips = ["member:N", alt.Tooltip("up:Q", format=".1%"), alt.Tooltip("weight:Q", format=".2f")]
    bars = alt.Chart(frame.assign(coin=0.5)).mark_bar(height={"band": 0.55}).encode(
        y=alt.Y("member:N", title=None, axis=alt.Axis(labelOverlap=False)), x=x, x2="coin:Q", color=tint, tooltip=tips
    )  # fmt: skip
    st.altair_chart(bars.properties(height=50 + 26 * len(frame)), key=key, alt="Votes of the members")


def push_plot(pushes: Mapping[str, float], *, key: str) -> None:
    """What each family of inputs added to the chance of a rise, hardest first."""
    frame = pd.DataFrame([{"family": name, "points": 100 * amount} for name, amount in pushes.items()])
    tint = alt.condition("datum.points >= 0", alt.value(UP), alt.value(DOWN))
    bars = (
        alt.Chart(frame).mark_bar(height={"band": 0.65})
        .encode(
            y=alt.Y("family:N", sort=list(pushes), title=None),
            x=alt.X("points:Q", title="percentage points", axis=alt.Axis(format="+.1f", tickCount=5)), color=tint,
            tooltip=[alt.Tooltip("family:N"), alt.Tooltip("points:Q", format="+.2f")],
        )
        .properties(height=40 + 24 * len(frame))
    )  # fmt: skip
    st.altair_chart(bars, key=key, alt="What each family of inputs added to the chance of a rise")
