"""Predictions: what each model says now, how sure it is, and what the gates made of it."""

from __future__ import annotations

import streamlit as st

from engine.queries.console import current_account
from engine.queries.predictions import read_calls, read_history, read_outcomes
from pages.parts.access import require_login
from pages.parts.call_card import call_card
from pages.parts.frame import empty, page, section
from pages.parts.guard import live
from pages.parts.live_calls import live_calls_view
from pages.parts.predict_form import predict_form
from pages.parts.tables import table
from pages.parts.wiring import console


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
            call_card(call)


def history() -> None:
    """Stored predictions of one version."""
    rows = [v for m in console().models.models() for v in console().models.versions(m.model_id)]
    if not rows:
        return
    section("Looking back")
    names = {f"{console().models.model(v.model_id).name} v{v.version}": v for v in rows}
    chosen = st.selectbox("Model version", list(names), key="history_version")
    live_calls_view(console().models.model(names[chosen].model_id))
    section("Every stored prediction")
    stored = read_history(console(), names[chosen].version_id)
    came = read_outcomes(console(), names[chosen].version_id)
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
                "realised": came[p.as_of].realised if p.as_of in came else None,
                "right": ("yes" if came[p.as_of].hit else "no") if p.as_of in came else "",
                "price": p.price,
                "expected move": p.expected_move,
                "reasons": "; ".join(p.reasons),
            }
            for p in stored
        ],
        key="predictions",
        empty="This version has predicted nothing yet: ask it above, or let it trade.",
        formats=dict.fromkeys(("probability", "low", "high", "confidence"), "%.3f")
        | {"price": "%.8g", "expected move": "%.4f", "realised": "%+.4f"},
    )


require_login()
with page(
    "Predictions",
    "Probability says how likely the call comes true; confidence says how strong this call is among its own.",
):
    predict_form()
    calls()
    history()
