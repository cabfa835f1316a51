"""Auto-trading: the switch, who trades what, what the gates held, the limits, and replays."""

from __future__ import annotations

import streamlit as st

from engine.domain.account import Account, Source
from engine.domain.command import CommandKind
from engine.domain.interval import Interval
from engine.queries.console import current_account
from engine.queries.market import symbols
from engine.queries.status import moment_of
from pages.parts.access import require_login
from pages.parts.ask import button, form_button
from pages.parts.frame import empty, page, section
from pages.parts.gate_report import gates
from pages.parts.guard import live
from pages.parts.guide import switch
from pages.parts.limits_form import limits_form
from pages.parts.replay_form import replay_controls
from pages.parts.sleeves import sleeves
from pages.parts.strategy_form import strategy_choice
from pages.parts.wiring import console
from pages.parts.zone import show

SPEEDS = {"60": "60 ×", "3600": "1 h a second", "7200": "2 h a second", "36000": "10 h a second"}


@live(3, "Switch")
def the_switch(account: Account) -> None:
    """On or off, and when the next bar is decided."""
    on = console().board.setting("trading_on") is True
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="switch_card"):
        st.markdown(f"#### Auto-trading is {':green[on]' if on else ':gray[off]'}", width="content")
        beat = console().board.heartbeat()
        due, clock = moment_of(beat, "next_close"), moment_of(beat, "clock")
        if on and due and clock:
            st.caption(f"next bar closes at {show(due)}, now {show(clock)}")
        else:
            st.caption(
                "Nothing new is decided. Open positions keep their stops." if not on else "Waiting for the engine."
            )
        switch(key="switch", on=not on, primary=not on)
    if account.source is Source.SIMULATED:
        _speed()


def _speed() -> None:
    stored = str(console().board.setting("simulation_speed") or "7200")
    options = SPEEDS if stored in SPEEDS else {**SPEEDS, stored: f"{stored} ×"}
    with st.container(horizontal=True, vertical_alignment="bottom", key="speed_row"):
        speed = st.segmented_control("Speed of the simulated market", list(options), default=stored, required=True,
                                     format_func=options.__getitem__, key="speed")  # fmt: skip
        if speed and speed != stored:
            button("Use this speed", CommandKind.SET_SPEED, {"speed": speed}, key="set_speed")


def new_sleeve(account: Account) -> None:
    """Let a model or a rule trade an instrument."""
    with st.expander("Let a model or a rule trade", icon=":material/add:", key="new_sleeve_fold", on_change="rerun"):
        strategy, symbol, interval = strategy_choice("sleeve", account.source.value)
        if symbol is None or interval is None:
            left, right = st.columns(2)
            symbol = left.selectbox("Instrument", symbols(console(), account.source.value), key="sleeve_symbol")
            interval = right.selectbox(
                "Interval", list(Interval), index=list(Interval).index(Interval.H1), key="sleeve_interval"
            )
        payload = {"strategy": strategy, "symbol": symbol, "interval": (interval or Interval.H1).value}
        form_button("Start trading", CommandKind.START_SLEEVE, payload, key="start_sleeve",
                    icon=":material/rocket_launch:", disabled=symbol is None)  # fmt: skip


require_login()
with page(
    "Auto-trading", "One switch. At each bar's close every sleeve decides, and every gate says why it let go or held."
):
    chosen = current_account(console())
    if chosen is None:
        empty("No account is open yet: choose a market first.", "overview.py", "Choose a market", key="autotrader")
    else:
        the_switch(chosen)
        section("Who trades")
        sleeves(chosen)
        new_sleeve(chosen)
        section("What the gates said")
        gates(chosen)
        with st.expander("Limits", icon=":material/shield:", key="limits_fold", on_change="rerun"):
            limits_form(chosen)
    with st.expander(
        "Replay a past range through the live machine", icon=":material/fast_forward:", key="replay_fold",
        on_change="rerun",
    ):  # fmt: skip
        replay_controls()
