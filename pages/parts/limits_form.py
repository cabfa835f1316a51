"""The limits form: what the operator allows the engine to risk."""

from __future__ import annotations

import streamlit as st

from engine.domain.account import Account
from engine.domain.command import CommandKind
from engine.domain.errors import ConfigurationError
from engine.risk.limits import RiskLimits
from pages.parts.ask import draw, send
from pages.parts.wiring import console

FIELDS = {
    "min_confidence": ("Confidence above", "Calls must be stronger than this share of the model's own calls."),
    "min_edge_multiple": ("Edge over costs", "Expected edge must be this many times the cost of a round trip."),
    "kelly_fraction": ("Kelly fraction", "Share of the full Kelly size that is taken."),
    "volatility_target": ("Volatility target", "Annual volatility that one position may bring."),
    "max_position_ratio": ("One position at most", "Share of equity in one instrument."),
    "max_exposure_ratio": ("All positions at most", "Share of equity in all instruments together."),
    "max_positions": ("Positions at most", "How many at a time."),
    "max_correlation": ("Correlation at most", "With what is held, over 30 days; more is the same bet. 1: not asked."),
    "max_drawdown": ("Halt at drawdown", "Below its peak by this much, trading halts until a typed reset."),
    "shrink_from": ("Shrink from", "From this share of the halting drawdown on, entries shrink; 1: they do not."),
    "max_daily_loss": ("Halt at daily loss", "Lost since 00:00 UTC by this much, trading halts until a typed reset."),
    "stop_loss": ("Stop below entry", "Every position gets a stop this far below its fill."),
    "take_profit": ("Target above entry", "And a target this far above it."),
    "cooldown_bars": ("Cooldown in bars", "After a losing trade its sleeve enters nothing for so many bars."),
    "max_orders_per_minute": ("Entries per minute", "How many at most; exits and stops always go out."),
    "max_clock_skew_ms": ("Clock skew at most", "Milliseconds between our clock and the venue's."),
    "max_strangeness": ("Strangeness at most", "Bars unlike those a model learned from are held. 1: not asked."),
    "max_price_gap": ("Price gap at most", "Between Binance's and CoinGecko's; more pauses entries. 1: not asked."),
}


def limits_form(account: Account) -> None:
    """Fields with what holds now; stored limits hold from the next bar close on."""
    stored = console().board.setting(f"limits:{account.account_id}")
    now = RiskLimits.from_mapping(stored if isinstance(stored, dict) else {}).to_mapping()
    draw("limits")
    with st.form("limits_form", border=False):
        columns = st.columns(3)
        typed = {
            name: columns[i % 3].text_input(label, str(now[name]), key=f"limit_{name}", help=words)
            for i, (name, (label, words)) in enumerate(FIELDS.items())
        }
        sent = st.form_submit_button("Store limits", key="limits_store", icon=":material/shield:")
    if sent:
        _store(typed)


def _store(typed: dict[str, str]) -> None:
    try:
        limits = RiskLimits.from_mapping({name: text.strip() for name, text in typed.items()})
    except ConfigurationError as error:
        st.error(f"{error}. Nothing was stored.", icon=":material/block:")
        return
    send("limits", CommandKind.SET_LIMITS, {"limits": limits.to_mapping()})
    st.rerun()
