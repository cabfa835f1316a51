"""Open orders with cancel, positions with close."""

from __future__ import annotations

import streamlit as st

from engine.domain.account import Account
from engine.domain.command import CommandKind
from engine.domain.order import Order, Purpose
from engine.domain.position import Position
from engine.queries.portfolio import read_holdings, read_owners
from engine.queries.words import ago, exactly, money
from pages.parts.ask import button
from pages.parts.frame import section
from pages.parts.guard import live
from pages.parts.wiring import console
from pages.parts.zone import show


@live(2, "Orders and positions")
def books(account: Account) -> None:
    """Open orders with cancel, positions with close."""
    owners = read_owners(console(), account)
    orders = console().ledger.orders(account.account_id, open_only=True)
    section("Open orders", "Orders that guard a position stay as long as it is open: close the position instead.")
    for order in orders:
        _order(order, owners.get(order.sleeve_id, order.sleeve_id))
    if not orders:
        st.caption("No open orders. Limit and stop orders rest here until they fill or you cancel them.")
    section("Positions")
    holdings = read_holdings(console(), account)
    for holding in holdings:
        now = f"now {exactly(holding.price.bid)}, {ago(holding.price.age)}" if holding.price else "no price"
        _position(
            holding.position, f"{holding.owner} · {now} · profit {money(holding.profit, account.quote, signed=True)}"
        )
    if not holdings:
        st.caption("Nothing is held. Buy above, or let a model trade on the Auto-trading page.")
    with st.container(horizontal=True, key="ways_out"):
        button("Cancel all orders", CommandKind.CANCEL_ALL, {}, key="cancel_all", icon=":material/cancel:",
               disabled=not any(o.purpose in (Purpose.ENTRY, Purpose.EXIT) for o in orders))  # fmt: skip
        button(
            "Flatten: close everything",
            CommandKind.FLATTEN,
            {},
            key="flatten",
            icon=":material/logout:",
            disabled=not holdings,
            help="Cancels what is open and sells every position of the engine at market.",
        )


def _order(order: Order, owner: str) -> None:
    at = " ".join(
        f"{word} {exactly(value)}" for word, value in (("at", order.price), ("stop", order.stop_price)) if value
    )
    with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"order_{order.client_id}"):
        st.markdown(f"**{order.side.value} {exactly(order.quantity)} {order.symbol}** {order.type.value} {at}  \n"
                    f":gray[{order.purpose.value.lower()} · {order.status.value.lower()} · filled "
                    f"{exactly(order.filled_quantity)} · {owner} · {show(order.intent_at)}]")  # fmt: skip
        if order.purpose in (Purpose.ENTRY, Purpose.EXIT):
            button("Cancel", CommandKind.CANCEL_ORDER, {"client_id": order.client_id}, key=f"cancel_{order.client_id}")


def _position(p: Position, words: str) -> None:
    stop = f"stop {exactly(p.stop_price)}" if p.covered else ":red[no stop]"
    with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"position_{p.sleeve_id}"):
        st.markdown(f"**{exactly(p.quantity)} {p.symbol}** bought at {exactly(p.entry_price)}, {stop}, target "
                    f"{exactly(p.target_price)}  \n:gray[{words}]")  # fmt: skip
        button(
            "Close",
            CommandKind.CLOSE_POSITION,
            {"sleeve_id": p.sleeve_id, "symbol": p.symbol},
            key=f"close_{p.sleeve_id}",
            icon=":material/close:",
        )
