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
    with st.container(horizontal=True, gap="medium", key="ticket_costs"):
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
    """What stands against it, in sight; then every check and every risk gate with its answer."""
    gates = () if seen.gates is None else seen.gates
    everything = [*seen.checks, *gates]
    against = [check for check in everything if not check.passed]
    if against:
        check_list(against)
    word = "Checks and risk gates" if gates else "Checks"
    icon = ":material/check:" if not against else ":material/block:"
    with st.expander(f"{word}: {len(everything) - len(against)} of {len(everything)} pass", icon=icon):
        check_list(everything)
    if ticket.side is Side.SELL:
        st.caption("No risk gate holds a sale back.")
    elif seen.gates is None:
        st.caption("The risk gates speak as soon as there is a quantity and the engine has told how things stand.")
    else:
        st.caption("The engine asks its gates again when it gets the order.")
