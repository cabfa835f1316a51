"""Drift on screen, and what the operator wants done about it."""

from __future__ import annotations

import streamlit as st

from engine.domain.command import CommandKind
from engine.domain.drift import DriftAction, DriftKind
from engine.domain.model import Model, ModelVersion
from engine.queries.drifting import CHOICES, WORDS, DriftState, Looks, read_drift
from pages.parts.ask import form_button
from pages.parts.frame import section
from pages.parts.tables import table
from pages.parts.wiring import console
from pages.parts.zone import show

_COLORS = {"drifted": "red", "calm": "green"}


def care_view(model: Model, version: ModelVersion) -> None:
    """How a version drifts, the choices, and every look so far."""
    looks = read_drift(console(), model, version)
    section(
        f"Drift of v{version.version}",
        "Looked for each Monday 00:00 UTC while it trades. Losing a four-point edge takes weeks to see: the cost gate "
        "and the drawdown stop protect first.",
    )
    for column, state in zip(st.columns(len(looks.states), gap="medium"), looks.states, strict=True):
        with column.container(border=True, key=f"drift_{state.kind}", height="stretch"):
            _state(state)
    _choices(model, looks)
    section("Looks so far")
    table(
        [
            {"at": d.at, "kind": d.kind.value, "drifted": "yes" if d.drifted else "no", "score": d.score,
             "limit": d.limit, "what was found": d.detail}
            for d in looks.history
        ],
        key="drift",
        empty="None yet: let the model trade over a Monday.",
        formats={"score": "%.4f", "limit": "%.4f"},
    )  # fmt: skip


def _state(state: DriftState) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{state.kind.value.capitalize()}**")
        st.badge(state.words, color=_COLORS.get(state.words, "gray"))  # type: ignore[arg-type]
    st.caption(WORDS[state.kind])
    if state.newest is not None:
        st.markdown(f"{state.newest.detail[0].upper()}{state.newest.detail[1:]}.")
        st.caption(f"Looked at {show(state.newest.at)}. If it drifts: {CHOICES[state.action]}.")


def _choices(model: Model, looks: Looks) -> None:
    """Stored for the model, whichever version leads."""
    section(
        "What to do",
        "For this model, whichever version leads. What is trained anew must pass the checks of a refit before it takes "
        "over. Replays and backtests know no drift.",
    )
    options = list(DriftAction)
    columns = st.columns(len(DriftKind) + 1, gap="small")
    actions: dict[str, str] = {}
    for column, kind in zip(columns, DriftKind, strict=False):
        chosen = column.selectbox(
            f"{kind.value.capitalize()} drifts", options, index=options.index(looks.care.action(kind)),
            format_func=lambda action: CHOICES[action], key=f"care_{model.model_id}_{kind}",
        )  # fmt: skip
        actions[kind.value] = chosen.value
    days = columns[-1].number_input(
        "Train anew every .. days", 0, 365, looks.care.retrain_days or 0, key=f"care_{model.model_id}_days",
        help="0: never by itself. Days of its market, counted from the end of the champion's training.",
    )  # fmt: skip
    form_button(
        "Store", CommandKind.SET_CARE, {"model_id": model.model_id, "actions": actions, "retrain_days": int(days)},
        key=f"care_store_{model.model_id}", icon=":material/save:",
    )  # fmt: skip
