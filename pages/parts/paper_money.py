"""Money in and out of an account, and a fresh start."""

from __future__ import annotations

import streamlit as st

from engine.domain.account import Account, AccountKind
from engine.domain.command import CommandKind
from engine.queries.words import money
from pages.parts.ask import form_button
from pages.parts.confirm import typed

_FRESH = {
    AccountKind.LIVE: "Auto-trading is switched off. It must hold nothing: flatten it first.",
    AccountKind.TESTNET: "Limits, sleeves and the switch go on, with what is free where that is less. What it holds "
    "stays at the testnet, which forgets everything about once a month.",
}


def manage(account: Account) -> None:
    """Money in and out, and a fresh start. At an exchange money moves in its own screens; here it is allotted."""
    real = account.kind.at_exchange
    title = "Allot more or less of the balance" if real else "Move paper money"
    with st.expander(title, icon=":material/payments:", key="cash_fold", on_change="rerun"):
        if account.kind is AccountKind.LIVE:
            st.caption("More than was armed ends the arming: arm it again for the new amount.")
        left, right = st.columns(2)
        amount = left.text_input("Amount", key="cash_amount", placeholder="500, or -500 to withdraw")
        note = right.text_input("Note", key="cash_note")
        form_button("Move", CommandKind.MOVE_CASH, {"amount": amount.strip(), "note": note}, key="move_cash",
                    disabled=not amount.strip())  # fmt: skip
    with st.expander(f"Start this {account.kind.lower()} account again", icon=":material/restart_alt:"):
        st.markdown(
            f"Closes this account and opens a fresh one with {money(account.cash, account.quote)}. Its history stays "
            f"and can be looked at above. {_FRESH.get(account.kind, 'Auto-trading is switched off.')}"
        )
        typed("Reset the account", CommandKind.RESET_ACCOUNT, {"account_id": account.account_id}, key="reset_account",
              icon=":material/restart_alt:")  # fmt: skip
