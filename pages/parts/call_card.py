"""A model's newest prediction on one card: numbers, sentence, reasons, votes, gates."""

from __future__ import annotations

import streamlit as st

from engine.domain.decision import Decision
from engine.domain.signal import Prediction, Signal
from engine.domain.target import barrier_of
from engine.queries.asked import EVENT, asked_of, call_words
from engine.queries.performance import live_sentence
from engine.queries.predictions import Call, confidence_sentence, made_of
from engine.queries.words import exactly, ratio
from pages.parts.books import check_list
from pages.parts.plots import push_plot, vote_plot
from pages.parts.wiring import console
from pages.parts.zone import show

_COLORS = {Signal.BUY: "green", Signal.SELL: "red", Signal.HOLD: "gray"}


def call_card(call: Call) -> None:
    """Draw the card."""
    trading = "trading" if call.sleeve else "not trading"
    prediction = call.prediction
    if prediction is None:
        st.markdown(f"**{call.name}** · {call.model.symbol} {call.model.interval.value} · {trading}")
        st.caption("No prediction yet: ask for one above, or let the model trade.")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{call.name}** · {call.model.symbol} {call.model.interval.value} · {trading}")
        st.badge(prediction.signal.value, color=_COLORS[prediction.signal])  # type: ignore[arg-type]
        st.caption(f"at {show(prediction.as_of)}, price {prediction.price:,.8g}")
    _numbers(prediction)
    barrier = barrier_of(call.version.parameters)
    said = [f"{call_words(prediction, barrier)}.", confidence_sentence(prediction, call.version.metrics)]
    calls = console().models.matured(call.version.version_id, call.version.trained_to)
    if barrier is not None:
        calls = [one for one in calls if one.signal is prediction.signal]
    lately = live_sentence(prediction.confidence, calls, call.model.horizon)
    st.markdown("  \n".join([*said, *([lately] if lately else [])]))
    left, middle, right = st.columns([3, 3, 4], gap="medium")
    with left:
        st.markdown("**Why**")
        st.markdown("\n".join(f"- {reason}" for reason in prediction.reasons) or "No reasons were recorded.")
        _made_of(call, prediction)
    with middle:
        st.markdown("**Votes** :gray[chance that the price rises]")
        if prediction.votes:
            vote_plot(prediction.votes, key=f"votes_{call.version.version_id}")
        else:
            st.caption("No votes were recorded.")
    with right:
        st.markdown("**Gates**")
        _gates(call.decision)


def _numbers(prediction: Prediction) -> None:
    with st.container(horizontal=True):
        st.metric(
            "Probability",
            ratio(prediction.probability, 1),
            width="content",
            delta=f"{ratio(prediction.probability_low, 1)} to {ratio(prediction.probability_high, 1)}",
            delta_color="off",
            delta_arrow="off",
            help="Calibrated chance that the call comes true, with its interval. It sets the size.",
        )
        st.metric(
            "Confidence",
            f"{prediction.confidence:.2f}",
            "0.70 is needed by default",
            delta_color="off",
            delta_arrow="off",
            width="content",
            help="Share of this model's out-of-sample calls that were weaker than this one. It is no probability.",
        )
        st.metric(
            "Expected move",
            ratio(prediction.expected_move),
            f"volatility {ratio(prediction.volatility)}",
            delta_color="off",
            delta_arrow="off",
            width="content",
            help=f"Average size of the move over {prediction.horizon} bars, and its standard deviation.",
        )


def _made_of(call: Call, prediction: Prediction) -> None:
    """All of the chance of a rise, not the loudest part alone."""
    made = prediction.contributions
    if made is None:
        return
    with st.expander(f"What made this chance of {EVENT[asked_of(call.version)]}", icon=":material/stacked_bar_chart:"):
        push_plot(made.pushes, key=f"pushes_{call.version.version_id}")
        st.caption(made_of(made))


def _gates(decision: Decision | None) -> None:
    """Every gate's answer at that bar."""
    if decision is None:
        st.caption("Not decided: this model trades no instrument in the account in use.")
        return
    check_list(decision.gates)
    held = f"held by **{decision.held_by}**" if decision.held_by else f"quantity {exactly(decision.quantity)}"
    st.markdown(f"Decision: **{decision.action.value}**, {held}.")
