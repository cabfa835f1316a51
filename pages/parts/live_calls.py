"""Live calls on screen: how often they came true, by band and month, and what was stated against what was realised."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd
import streamlit as st

from engine.domain.model import Model
from engine.queries.asked import EVENT, asked_of
from engine.queries.performance import Performance, Slice, read_performance
from engine.queries.words import count, ratio
from pages.parts.charts import CALM
from pages.parts.frame import empty, section
from pages.parts.plots import reliability_plot
from pages.parts.tables import table
from pages.parts.wiring import console
from pages.parts.zone import show


def live_calls_view(model: Model) -> None:
    """What came of a model's stored predictions."""
    found = read_performance(console(), model)
    note = "Predictions that were stored before their outcome, at bars that the version had not learned from."
    section(f"How the live calls of {model.name} came true", note)
    if found.overall is None:
        waiting = f" {count(found.n_waiting, 'prediction')} wait for that." if found.n_waiting else ""
        empty(
            f"Nothing has matured yet: a call is judged {count(model.horizon, 'bar')} after it was made.{waiting} Let "
            "the model trade, or ask it on the Predictions page.", key="live_calls",
        )  # fmt: skip
        return
    _headline(found, found.overall)
    event = EVENT[asked_of(console().models.version(model.model_id))]
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(f"**Stated against realised** :gray[chance of {event}; the bars are 95 % intervals]")
        if found.reliability:
            rows = [
                {"stated": r.stated, "came_true": r.came_true, "plus_minus": r.plus_minus, "n": r.n}
                for r in found.reliability
            ]
            reliability_plot(rows, key=f"live_reliability_{model.model_id}")
        else:
            st.caption("Too few independent calls for a plot: 40 are needed.")
    with right:
        st.markdown("**By confidence** :gray[share right, 95 % interval; the tick is what was stated]")
        _band_plot(found.bands, key=f"live_bands_{model.model_id}")
    _tables(found)


def _headline(found: Performance, overall: Slice) -> None:
    with st.container(horizontal=True, key="live_figures"):
        st.metric("Right", f"{ratio(overall.right, 1)} ± {ratio(overall.plus_minus, 1)}", border=True,
                  help="Share of calls that came true, with its 95 % interval.")  # fmt: skip
        st.metric("Stated", ratio(overall.stated, 1), border=True, help="Mean probability of those calls.")
        st.metric("Matured", f"{overall.n:,}", f"{overall.n_independent:,} independent", delta_color="off",
                  delta_arrow="off", border=True)  # fmt: skip
        st.metric("Waiting", f"{found.n_waiting:,}", border=True, help="Their horizon has not passed yet.")
    verdict = "lies within the interval of" if overall.within else "does not lie within the interval of"
    st.caption(f"Since {show(found.since)}. What was stated {verdict} what came true.")


def _tables(found: Performance) -> None:
    for title, rows, key in (
        ("By version", found.versions, "live_versions"),
        ("By confidence", found.bands, "live_bands"),
        ("By month", found.months, "live_months"),
    ):
        with st.expander(title, expanded=key == "live_months", icon=":material/table:"):
            table([_row(r) for r in rows], key=key, empty="",
                  formats=dict.fromkeys(("right", "plus minus", "stated"), "percent"))  # fmt: skip


def _row(r: Slice) -> dict[str, object]:
    return {
        "": r.name, "right": r.right, "plus minus": r.plus_minus, "stated": r.stated, "calls": r.n,
        "independent": r.n_independent, "as stated": "yes" if r.within else "no",
    }  # fmt: skip


def _band_plot(rows: Sequence[Slice], *, key: str) -> None:
    frame = pd.DataFrame(
        [{"band": r.name, "right": r.right, "low": max(0.0, r.right - r.plus_minus), "stated": r.stated, "n": r.n,
          "high": min(1.0, r.right + r.plus_minus)} for r in rows]
    )  # fmt: skip
    low = min(0.4, float(frame[["low", "stated"]].min().min()) - 0.02)
    high = max(0.65, float(frame[["high", "stated"]].max().max()) + 0.02)
    span = alt.Scale(domain=[low, high], nice=False)
    y = alt.Y("right:Q", title=None, axis=alt.Axis(format=".0%"), scale=span)
    x = alt.X("band:N", title="confidence", sort=None, axis=alt.Axis(labelAngle=-45))
    shares = [alt.Tooltip(f"{name}:Q", format=".1%") for name in ("right", "low", "high", "stated")]
    tips = [alt.Tooltip("band:N"), *shares, alt.Tooltip("n:Q")]
    base = alt.Chart(frame).encode(x=x, tooltip=tips)
    bars = base.mark_rule(color=CALM, strokeWidth=2).encode(y=alt.Y("low:Q", scale=span), y2="high:Q")
    dots = base.mark_circle(color=CALM, size=70, opacity=1).encode(y=y)
    said = base.mark_tick(color="#8fa3ad", thickness=2, width=18).encode(y=alt.Y("stated:Q", scale=span))
    st.altair_chart((bars + dots + said).properties(height=280), key=key, alt="Share right by confidence")
