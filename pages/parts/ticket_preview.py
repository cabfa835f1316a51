"""What a ticket shows before it is sent: the price and its age, the costs, and every gate's word."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from engine.domain.account import Account
from engine.domain.order import Side
from engine.queries.price import Price
from engine.queries.ticket import Estimate, Preview, Ticket
from engine.queries.words import ABSENT, ago, exactly, money
from pages.parts.books import check_list
from pages.parts.zone import show


def price_line(price: Price | None) -> None:
    """The price and how old it is."""
    if price is None:
        st.metric("Price", ABSENT, help="The engine asks for it now; offline, sync or import bars on the Market page.")
        return
    value = exactly(price.mid) if price.bid == price.ask else f"{exactly(price.bid)} / {exactly(price.ask)}"
    origin = "close of the newest bar" if price.from_bar else "bid / ask"
    st.metric(
        f"Price ({origin})", value, f"{ago(price.age)} · {show(price.as_of)}", delta_color="off", delta_arrow="off"
    )


def costs(account: Account, seen: Estimate) -> None:
    """What it costs, and where it would end."""
    total = (seen.fee or Decimal(0)) + (seen.spread_and_slippage or Decimal(0)) if seen.notional else None
    with st.container(horizontal=True, key="ticket_costs"):
        st.metric("Notional", money(seen.notional, account.quote), width="content")
        st.metric("Fee", money(seen.fee, account.quote), width="content")
        st.metric("Spread + slippage", money(seen.spread_and_slippage, account.quote), width="content",
                  help="An estimate: half the spread and the usual slippage.")  # fmt: skip
        st.metric("Costs in all", money(total, account.quote), width="content")
        if seen.at_stop is not None:
            st.metric("If the stop fills", money(seen.at_stop, account.quote, signed=True), width="content",
                      help="Profit or loss, costs included. A gap in the price can make it worse.")  # fmt: skip
        if seen.at_target is not None:
            st.metric("If the target fills", money(seen.at_target, account.quote, signed=True), width="content")


def gates_list(ticket: Ticket, seen: Preview) -> None:
    """What is known here, then what each risk gate says."""
    check_list(seen.checks)
    if ticket.side is Side.SELL:
        st.caption("No risk gate holds a sale back.")
    elif seen.gates is None:
        st.caption("The risk gates are told as soon as there is a quantity and the engine has said how things stand.")
    else:
        passed = sum(gate.passed for gate in seen.gates)
        st.caption(
            f"Risk gates: {passed} of {len(seen.gates)} pass. The engine asks them again when it gets the order."
        )
        check_list(sorted(seen.gates, key=lambda gate: gate.passed))
