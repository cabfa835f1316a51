"""Predictions: what each model says now, how sure it is, and what the gates made of it."""

from __future__ import annotations

import streamlit as st

from engine.domain.decision import Decision
from engine.domain.signal import Prediction, Signal
from engine.queries.console import current_account
from engine.queries.predictions import Call, confidence_sentence, direction_words, read_calls
from engine.queries.words import age, exactly, ratio
from pages.parts.access import require_login
from pages.parts.books import check_list
from pages.parts.frame import empty, page, section
from pages.parts.guard import live
from pages.parts.plots import vote_plot
from pages.parts.tables import table
from pages.parts.wiring import console
from pages.parts.zone import show

_COLORS = {Signal.BUY: "green", Signal.SELL: "red", Signal.HOLD: "gray"}


@live(5, "Predictions")
def calls() -> None:
    """The newest prediction of every model."""
    account = current_account(console())
    found = read_calls(console(), account.account_id if account else None)
    if not found:
        empty(
            "No model has been trained yet, so nothing is predicted.", "models.py", "Train a model", key="predictions"
        )
    for call in found:
        with st.container(border=True, key=f"call_{call.version.version_id}"):
            _card(call)


def _card(call: Call) -> None:
    trading = "trading" if call.sleeve else "not trading"
    prediction = call.prediction
    if prediction is None:
        st.markdown(f"**{call.name}** · {call.model.symbol} {call.model.interval.value} · {trading}")
        st.caption("No prediction yet: it comes at the close of the next bar once the model trades.")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{call.name}** · {call.model.symbol} {call.model.interval.value} · {trading}")
        st.badge(prediction.signal.value, color=_COLORS[prediction.signal])  # type: ignore[arg-type]
        st.caption(f"at {show(prediction.as_of)}, price {prediction.price:,.8g}")
    _numbers(prediction)
    st.markdown(f"{direction_words(prediction)}.  \n{confidence_sentence(prediction, call.version.metrics)}")
    left, middle, right = st.columns([3, 3, 4], gap="medium")
    with left:
        st.markdown("**Why**")
        st.markdown("\n".join(f"- {reason}" for reason in prediction.reasons) or "No reasons were recorded.")
    with middle:
        st.markdown("**Votes** :gray[chance that the price rises]")
        if prediction.votes:
            vote_plot(prediction.votes, key=f"votes_{call.version.version_id}")
        else:
            st.caption("No votes were recorded.")
    with right:
        st.markdown("**Gates**")
        gates(call.decision)


def _numbers(prediction: Prediction) -> None:
    with st.container(horizontal=True):
        st.metric(
            "Probability",
            ratio(prediction.probability, 1),
            width="content",
            delta=f"{ratio(prediction.probability_low, 1)} to {ratio(prediction.probability_high, 1)}",
            delta_color="off",
            delta_arrow="off",
            help="Calibrated chance that the call's direction is right, with its interval. It sets the size.",
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


def gates(decision: Decision | None) -> None:
    """Every gate's answer at that bar."""
    if decision is None:
        st.caption("Not decided: this model trades no instrument now.")
        return
    check_list(decision.gates)
    held = f"held by **{decision.held_by}**" if decision.held_by else f"quantity {exactly(decision.quantity)}"
    st.markdown(f"Decision: **{decision.action.value}**, {held}.")


def history() -> None:
    """Stored predictions of one version."""
    rows = [v for m in console().models.models() for v in console().models.versions(m.model_id)]
    if not rows:
        return
    section("History")
    names = {f"{console().models.model(v.model_id).name} v{v.version}": v for v in rows}
    chosen = st.selectbox("Model version", list(names), key="history_version")
    stored = console().models.predictions(names[chosen].version_id, limit=500)
    table(
        [
            {
                "bar close": p.as_of,
                "instrument": p.symbol,
                "call": p.signal.value,
                "probability": p.probability,
                "low": p.probability_low,
                "high": p.probability_high,
                "confidence": p.confidence,
                "price": p.price,
                "expected move": p.expected_move,
                "reasons": "; ".join(p.reasons),
            }
            for p in stored
        ],
        key="predictions",
        empty="No stored predictions of this version yet; they come at each bar's close while it trades.",
        formats=dict.fromkeys(("probability", "low", "high", "confidence"), "%.3f")
        | {"price": "%.8g", "expected move": "%.4f"},
    )
    if stored:
        newest = console().clock.now() - stored[0].as_of
        st.caption(f"The newest is {age(newest)} old.")


require_login()
with page(
    "Predictions",
    "Probability says how likely the direction is right; confidence says how strong this call is among its own.",
):
    calls()
    history()
