"""Paper money in and out, and a fresh start."""

from __future__ import annotations

import streamlit as st

from engine.domain.account import Account
from engine.domain.command import CommandKind
from engine.queries.words import money
from pages.parts.ask import form_button
from pages.parts.confirm import typed


def manage(account: Account) -> None:
    """Paper money in and out, and a fresh start."""
    with st.expander("Move paper money", icon=":material/payments:", key="cash_fold", on_change="rerun"):
        left, right = st.columns(2)
        amount = left.text_input("Amount", key="cash_amount", placeholder="500, or -500 to withdraw")
        note = right.text_input("Note", key="cash_note")
        form_button("Move", CommandKind.MOVE_CASH, {"amount": amount.strip(), "note": note}, key="move_cash",
                    disabled=not amount.strip())  # fmt: skip
    with st.expander("Start this paper account again", icon=":material/restart_alt:"):
        st.markdown(
            f"Closes this account and opens a fresh one with {money(account.cash, account.quote)}. Its history stays "
            "and can be looked at above. Auto-trading is switched off."
        )
        typed("Reset the account", CommandKind.RESET_ACCOUNT, {"account_id": account.account_id}, key="reset_account",
              icon=":material/restart_alt:")  # fmt: skip
