"""Accounts on screen: all of them, using another one, opening a new one."""

from __future__ import annotations

import streamlit as st

from engine.domain.account import Account, AccountKind
from engine.domain.command import CommandKind
from engine.queries.status import mode_words
from pages.parts.ask import form_button
from pages.parts.exchange import open_exchange
from pages.parts.frame import section
from pages.parts.tables import table
from pages.parts.wiring import console


def accounts(current: Account | None) -> None:
    """All accounts; another one can be used or opened."""
    section("Accounts", "Accounts never share a ledger. Changing moves no position and switches auto-trading off.")
    found = console().ledger.accounts()
    table(
        [
            {
                "account": a.name,
                "id": a.account_id,
                "mode": mode_words(a),
                "cash at start": a.cash,
                "opened": a.created_at,
                "closed": a.closed_at,
                "in use": current is not None and a.account_id == current.account_id,
            }
            for a in reversed(found)
        ],
        key="accounts",
        empty="No account yet: choose a market on the Overview page.",
        formats={"cash at start": "%.2f"},
    )
    others = [a for a in found if a.closed_at is None and a.kind is not AccountKind.REPLAY and a != current]
    if others:
        labels = {f"{a.name} · {mode_words(a)} · {a.account_id}": a.account_id for a in others}
        with st.container(horizontal=True, vertical_alignment="bottom", key="use_row"):
            label = st.selectbox("Use another account", list(labels), key="use_choice")
            form_button("Use it", CommandKind.USE_ACCOUNT, {"account_id": labels[label]}, key="use_account")
    with st.expander("Open a paper account", icon=":material/add:"):
        left, middle, right = st.columns(3)
        name = left.text_input("Name", "Paper", key="open_name")
        source = middle.selectbox("Prices", ["SIMULATED", "BINANCE"], key="open_source")
        cash = right.text_input("Cash (USDT)", "10000", key="open_cash")
        form_button(
            "Open", CommandKind.OPEN_ACCOUNT, {"name": name, "source": source, "cash": cash}, key="open_account"
        )
    open_exchange()
