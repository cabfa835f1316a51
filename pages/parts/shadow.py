"""Challengers on screen: the evidence against 20 over time, and how long it may take."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd
import streamlit as st

from engine.domain.account import Costs
from engine.domain.model import Model
from engine.queries.challenges import Rival, read_rivals
from engine.queries.console import current_account
from engine.queries.registry import lineage
from engine.queries.words import number
from pages.parts.charts import CALM, TIME_AXIS, WARN
from pages.parts.frame import empty, section
from pages.parts.wiring import console
from pages.parts.zone import zone

_TINTS = [CALM, "#9a86c2", "#7fb685", "#c97b84"]


def shadow_view(model: Model) -> None:
    """Who runs in shadow, and how each stands against the champion."""
    account = current_account(console())
    cost = float((account.costs if account else Costs()).round_trip_ratio)
    rivals = read_rivals(console(), model, cost)
    section(
        "In shadow",
        "Rivals say their chance at the same live bars as the champion and trade nothing. K is the wealth of a bet "
        "that a rival is better: it reaches 20 in at most 1 of 20 challenges where it is not, however often one "
        "looks.",
    )
    if not rivals:
        empty(
            "Nobody challenges the champion. Train this name with other members: the version runs in shadow wherever "
            "the champion trades, and takes over only on evidence.", key="shadow",
        )  # fmt: skip
        return
    drawn = [r for r in rivals if r.challenge.n]
    if drawn:
        _wealth_plot(drawn)
    for rival in rivals:
        with st.container(border=True, key=f"rival_{rival.version.version_id}"):
            _card(rival)


def _card(rival: Rival) -> None:
    stands = rival.challenge
    st.markdown(f"**v{rival.version.version}** :gray[{lineage(rival.version)}, "
                f"{', '.join(rival.version.members)}]")  # fmt: skip
    with st.container(horizontal=True):
        st.metric("K of 20", number(round(stands.wealth, 2), 2), width="content")
        st.metric("Bars so far", f"{stands.n:,}", width="content")
        days = "—" if rival.days_left is None else f"{rival.days_left:,.0f} days"
        st.metric("Proved in, as things go", days, width="content")
    clear, small = rival.usual_days
    st.caption(
        f"{stands.words}.  \nAs measured at a horizon of one bar, a clear gain (0.0056 in Brier score) took some "
        f"{clear:,.0f} days of such bars to show, a small one (0.0013) some {small:,.0f}; longer horizons take longer."
    )


def _wealth_plot(rivals: Sequence[Rival]) -> None:
    where = zone()
    rows = []
    for rival in rivals:
        stands = rival.challenge
        step = max(1, stands.n // 400)
        keep = sorted({*range(0, stands.n, step), stands.n - 1})
        name = f"v{rival.version.version}"
        rows += [
            {"at": stands.at[i].astimezone(where).replace(tzinfo=None), "rival": name,
             "K": max(1e-3, float(stands.evidence.wealth[i]))}
            for i in keep
        ]  # fmt: skip
    frame = pd.DataFrame(rows)
    names = list(dict.fromkeys(frame["rival"]))
    top = max(40.0, float(frame["K"].max()) * 1.3)
    y = alt.Y("K:Q", title="K", scale=alt.Scale(type="log", domain=[min(0.05, float(frame["K"].min())), top]),
              axis=alt.Axis(values=[0.01, 0.1, 1, 5, 20, 100, 1000], format=",~g"))  # fmt: skip
    lines = alt.Chart(frame).mark_line(strokeWidth=1.8).encode(
        x=alt.X("at:T", title=None, axis=TIME_AXIS), y=y,
        color=alt.Color("rival:N", scale=alt.Scale(domain=names, range=_TINTS[: len(names)]),
                        legend=alt.Legend(orient="top", title=None)),
        tooltip=["rival:N", alt.Tooltip("at:T", format="%Y-%m-%d %H:%M"), alt.Tooltip("K:Q", format=",.2f")],
    )  # fmt: skip
    line = alt.Chart(pd.DataFrame({"K": [20.0]})).mark_rule(strokeDash=[5, 4], color=WARN).encode(y=y)
    st.altair_chart((lines + line).properties(height=260), key="wealth", alt="Evidence for each rival against 20")
