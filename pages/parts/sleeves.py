"""Sleeves on screen: who trades what, and the question that comes before one is retired."""

from __future__ import annotations

import streamlit as st

from engine.domain.account import Account
from engine.domain.command import CommandKind
from engine.domain.sleeve import SleeveState
from engine.queries.trading import SleeveRow, read_sleeves
from engine.queries.words import count, exactly
from engine.strategy.rules import RULES
from pages.parts.ask import draw, send
from pages.parts.frame import empty
from pages.parts.guard import live
from pages.parts.wiring import console
from pages.parts.zone import show

_COLORS = {SleeveState.ACTIVE: "green", SleeveState.STOP_ONLY: "orange", SleeveState.RETIRED: "gray"}
_WORDS = {SleeveState.ACTIVE: "decides", SleeveState.STOP_ONLY: "stop only", SleeveState.RETIRED: "retired"}
STOP_ONLY = SleeveState.STOP_ONLY
RETIRING = "retiring"
"""Session key: the sleeve whose retirement is being asked about."""
CHOICES = {
    "close": "Close it now, at market",
    "keep_stop": "Keep it under its stop and target until one of them is hit",
    "inherit": "Let another version or rule take it over",
}


def sleeves(account: Account) -> None:
    """Who trades, and the question about the one that is being retired."""
    _cards(account)
    for row in _rows(account):
        if st.session_state.get(RETIRING) == row.sleeve.sleeve_id:
            retire(row)


def _rows(account: Account) -> list[SleeveRow]:
    """Sleeves that are not over: one that kept its stop only is, once that has sold its position."""
    rows = read_sleeves(console(), account.account_id)
    return [r for r in rows if r.sleeve.state is SleeveState.ACTIVE or (r.position and r.sleeve.state is STOP_ONLY)]


@live(3, "Sleeves")
def _cards(account: Account) -> None:
    """One card per sleeve, kept fresh."""
    rows = _rows(account)
    for row in rows:
        _card(row)
    if not rows:
        empty("Nobody trades yet. Train a model and press “Trade with this model”, or start a rule below.", "models.py",
              "Models", key="sleeves")  # fmt: skip


def _card(row: SleeveRow) -> None:
    sleeve, position = row.sleeve, row.position
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"sleeve_{sleeve.sleeve_id}"):
        st.badge(_WORDS[sleeve.state], color=_COLORS[sleeve.state])  # type: ignore[arg-type]
        held = (
            f"holds {exactly(position.quantity)} from {exactly(position.entry_price)}" if position else "holds nothing"
        )
        missed = f" · :orange[{count(row.n_missed, 'missed bar')}]" if row.n_missed else ""
        st.markdown(
            f"**{row.name}** on **{sleeve.symbol} {sleeve.interval.value}** · {held}  \n"
            f":gray[{count(row.n_decisions, 'bar')} decided, {count(row.n_entries, 'entry decision')} · newest bar "
            f"{show(row.last_bar_close_at)}]{missed}"
        )
        st.space("stretch")
        if sleeve.state is SleeveState.ACTIVE and st.button(
            "Retire", key=f"retire_{sleeve.sleeve_id}", type="tertiary"
        ):
            st.session_state[RETIRING] = sleeve.sleeve_id
            st.rerun()  # the whole page: the dialog is drawn outside of this part


def _forget() -> None:
    st.session_state.pop(RETIRING, None)


@st.dialog("Retire this sleeve", on_dismiss=_forget)
def retire(row: SleeveRow) -> None:
    """Ask what becomes of the position, then retire."""
    sleeve_id = row.sleeve.sleeve_id
    st.markdown(f"**{row.name}** stops deciding about {row.sleeve.symbol}.")
    policy, successor = "close", None
    if row.position is not None:
        st.markdown(f"It holds {exactly(row.position.quantity)} {row.sleeve.symbol}. What becomes of that?")
        choices = list(CHOICES)
        policy = st.radio("Position", choices, format_func=CHOICES.__getitem__, key=f"policy_{sleeve_id}") or "close"
        if policy == "inherit":
            successor = _successor(row)
    draw(f"retire:{sleeve_id}")
    payload = {"sleeve_id": sleeve_id, "position": policy, "successor": successor}
    missing = policy == "inherit" and successor is None
    st.button(
        "Retire", key=f"retire_now_{sleeve_id}", type="primary", disabled=missing, on_click=_retire, args=(payload,)
    )


def _retire(payload: dict[str, object]) -> None:
    _forget()
    send(f"retire:{payload['sleeve_id']}", CommandKind.RETIRE_SLEEVE, payload)


def _successor(row: SleeveRow) -> str:
    """Other versions of models of the same instrument and interval, then the rules."""
    fitting = [
        m for m in console().models.models() if (m.symbol, m.interval) == (row.sleeve.symbol, row.sleeve.interval)
    ]
    versions = {
        f"{m.name} v{v.version}": f"model:{v.version_id}"
        for m in fitting
        for v in console().models.versions(m.model_id)
    }
    versions |= {f"rule {name}": f"rule:{name}" for name in RULES}
    others = {name: strategy for name, strategy in versions.items() if strategy != row.sleeve.strategy}
    return others[st.selectbox("Successor", list(others), key=f"successor_{row.sleeve.sleeve_id}")]
