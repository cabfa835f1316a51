"""Halts on screen: what stops new risk, its history, and the typed reset."""

from __future__ import annotations

import streamlit as st

from engine.domain.account import Account
from engine.domain.command import CommandKind
from engine.domain.halt import HaltKind
from engine.queries.words import ABSENT
from pages.parts.confirm import typed
from pages.parts.frame import section
from pages.parts.tables import table
from pages.parts.wiring import console
from pages.parts.zone import show


def halts(account: Account | None) -> None:
    """What stops new risk, and the typed reset."""
    section("Halts")
    if account is None:
        st.caption("No account, so nothing can be halted.")
        return
    latched = [h for h in console().ledger.halts(account.account_id) if h.kind is HaltKind.HALT]
    for halt in latched:
        st.error(f"**{halt.cause}**: {halt.detail} · since {show(halt.raised_at)}", icon=":material/front_hand:")
    if latched:
        st.caption("After the reset drawdown and daily loss count from the equity of that moment.")
        typed("Reset the halt", CommandKind.RESET_HALT, {}, key="reset_halt", icon=":material/lock_open:")
    else:
        st.caption("Nothing is halted. The halt button stands in the status bar of every page.")
    with st.expander("History of halts and pauses", icon=":material/history:"):
        table(
            [
                {
                    "raised": h.raised_at,
                    "kind": h.kind.value,
                    "cause": h.cause,
                    "detail": h.detail,
                    "cleared": h.cleared_at,
                    "cleared by": h.cleared_by or ABSENT,
                }
                for h in console().reads.halt_history(account.account_id)
            ],
            key="halts",
            empty="There has been none.",
        )
