"""The dialog that moves a stop: where it lies, where the price is, and one field. Enter sends, Escape leaves it be."""

from __future__ import annotations

import streamlit as st

from engine.domain.account import Account
from engine.domain.command import CommandKind
from engine.domain.position import Position
from engine.queries.portfolio import Holding, read_holdings
from engine.queries.preview import stop_checks
from engine.queries.ticket import after_costs, read_decimal
from engine.queries.words import ABSENT, ago, exactly, money
from pages.parts.ask import draw, send
from pages.parts.books import check_list
from pages.parts.guard import guard
from pages.parts.wiring import console

MOVING = "moving_stop_of"
"""Whose stop is being moved: the dialog is drawn by the whole page, not by the part that the button stands in."""


def ask_for_stop(position: Position) -> None:
    """Open the dialog."""
    st.session_state[MOVING] = position.sleeve_id
    st.rerun()


def move_stop_dialog(account: Account) -> None:
    """Draw the dialog if it was asked for."""
    sleeve_id = st.session_state.get(MOVING)
    found = next((h for h in read_holdings(console(), account) if h.position.sleeve_id == sleeve_id), None)
    if found is not None:
        _dialog(account.account_id, found)
    else:
        _forget()


def _forget() -> None:
    st.session_state.pop(MOVING, None)


@st.dialog("Move the stop", on_dismiss=_forget)
def _dialog(account_id: str, found: Holding) -> None:
    with guard("Move the stop"):
        account, sleeve_id = console().ledger.account(account_id), found.position.sleeve_id
        _where_it_lies(account, found)
        with st.form("move_stop_form", border=False):
            text = st.text_input("New stop price", key=f"stop_of_{sleeve_id}",
                                 placeholder=exactly(found.position.stop_price))  # fmt: skip
            sent = st.form_submit_button("Move the stop", key="move_stop_send", type="primary", width="stretch")
        draw(f"move_{sleeve_id}")
        if sent:
            _send(account, found, text)


def _where_it_lies(account: Account, found: Holding) -> None:
    p, stop = found.position, found.position.stop_price
    price = f"{exactly(found.price.bid)}, {ago(found.price.age)}" if found.price else ABSENT
    st.markdown(
        f"**{exactly(p.sellable)} {p.symbol}** · {found.owner}  \nStop {exactly(stop)} · target "
        f"{exactly(p.target_price)} · bought at {exactly(p.entry_price)} · price now {price}"
    )
    worth = "" if stop is None else (
        f"If the stop fills where it lies: {money(after_costs(account, p, stop), account.quote, signed=True)}, costs "
        "included. "
    )  # fmt: skip
    st.caption(
        f"{worth}The old stop is cancelled, and once that is sure the new one is placed; the target stays where it is."
    )


def _send(account: Account, found: Holding, text: str) -> None:
    """What stands against it is told here, so that the typed price is not lost; else ask, and close."""
    p, wanted = found.position, read_decimal(text)
    rule = next((i for i in console().bars.rules(account.source.value) if i.symbol == p.symbol), None)
    against = [check for check in stop_checks(rule, wanted, found.price) if not check.passed]
    if wanted is None or against:
        check_list(against)
        return
    send(f"move_{p.sleeve_id}", CommandKind.MOVE_STOP, {"sleeve_id": p.sleeve_id, "stop_price": str(wanted)})
    _forget()
    st.rerun()
