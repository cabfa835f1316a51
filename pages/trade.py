"""Trade: orders by hand, on paper; what is open, and what is held."""

from __future__ import annotations

import streamlit as st

from engine.domain.account import Account
from engine.domain.interval import Interval
from engine.queries.chart import read_chart
from engine.queries.console import current_account
from engine.queries.portfolio import read_owners
from pages.parts.access import require_login
from pages.parts.books import ORDER_FORMATS, order_rows
from pages.parts.charts import price_chart
from pages.parts.frame import empty, page
from pages.parts.guard import live
from pages.parts.move_stop import move_stop_dialog
from pages.parts.open_books import books
from pages.parts.tables import table
from pages.parts.ticket_form import ticket_form
from pages.parts.wiring import console


@live(3, "Chart")
def chart(account: Account) -> None:
    """The bars of the ticket's instrument."""
    symbol = st.session_state.get("ticket_symbol")
    covered = {c.interval for c in console().bars.coverage(account.source.value) if c.symbol == symbol}
    if not isinstance(symbol, str) or not covered:
        st.caption("No bars of this instrument are stored. Sync or import them on the Market page.")
        return
    preferred: list[Interval] = [i for i in (Interval.M15, Interval.H1, Interval.H4) if i in covered]
    chosen = st.segmented_control("Interval", sorted(covered, key=_length), key="trade_interval", required=True,
                                  default=(preferred or [*covered])[0], label_visibility="collapsed")  # fmt: skip
    drawn = read_chart(
        console(),
        account.source.value,
        symbol,
        Interval(chosen or Interval.H1),
        n_bars=200,
        account_id=account.account_id,
    )
    price_chart(drawn, key="trade_chart", marks=("entry", "exit", "stop", "target"), height=330)


def _length(interval: Interval) -> int:
    return interval.ms


def history(account: Account) -> None:
    """Every order, with its state."""
    with st.expander("All orders", icon=":material/receipt_long:"):
        table(
            order_rows(console().reads.recent_orders(account.account_id), read_owners(console(), account)),
            key="orders",
            empty="No order has been placed yet.",
            formats=ORDER_FORMATS,
        )


require_login()
with page("Trade", "Orders by hand. On a paper account nothing leaves this machine."):
    chosen = current_account(console())
    if chosen is None:
        empty("No account is open yet: choose a market first.", "overview.py", "Choose a market", key="trade")
    else:
        form, picture = st.columns([5, 8], gap="medium")
        with form.container(border=True, key="ticket_card"):
            ticket_form(chosen)
        with picture:
            chart(chosen)
        books(chosen)
        history(chosen)
        move_stop_dialog(chosen)
