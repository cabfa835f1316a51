"""Open orders with cancel, positions with move-stop and close, and the two ways out of everything."""

from __future__ import annotations

import streamlit as st

from engine.domain.account import Account
from engine.domain.command import CommandKind
from engine.domain.order import Order, OrderStatus, Purpose
from engine.queries.portfolio import Holding, read_holdings, read_owners
from engine.queries.words import ago, exactly, money
from pages.parts.ask import button
from pages.parts.frame import section
from pages.parts.guard import live
from pages.parts.move_stop import ask_for_stop
from pages.parts.wiring import console
from pages.parts.zone import show

_UNSURE = {
    OrderStatus.INTENT: "not sent yet",
    OrderStatus.SENT: "sent, not answered yet",
    OrderStatus.UNKNOWN: "not answered: it is looked up by its id",
    OrderStatus.CANCELLING: "its cancel is on the way",
}


@live(2, "Orders and positions")
def books(account: Account) -> None:
    """Open orders with cancel, positions with move-stop and close."""
    owners = read_owners(console(), account)
    orders = console().ledger.orders(account.account_id, open_only=True)
    section("Open orders", "Orders that guard a position stay as long as it is open: move the stop, or close it.")
    for order in orders:
        _order(order, owners.get(order.sleeve_id, "of a sleeve that is gone"))
    if not orders:
        st.caption("No open orders. Limit and stop orders rest here until they fill or you cancel them.")
    section("Positions")
    holdings = read_holdings(console(), account)
    for holding in holdings:
        _position(account, holding)
    if not holdings:
        st.caption("Nothing is held. Buy above, or let a model trade on the Auto-trading page.")
    _ways_out(any(o.purpose in (Purpose.ENTRY, Purpose.EXIT) for o in orders), bool(holdings))


def _ways_out(waiting: bool, held: bool) -> None:
    """Both act on each order on its own, and say what is left; pressed again they go on."""
    with st.container(horizontal=True, key="ways_out"):
        button("Cancel all orders", CommandKind.CANCEL_ALL, {}, key="cancel_all", icon=":material/cancel:",
               disabled=not waiting, help="What waits to buy or sell. Stops of open positions stay.")  # fmt: skip
        button(
            "Flatten: close everything", CommandKind.FLATTEN, {}, key="flatten", icon=":material/logout:",
            disabled=not (held or waiting),
            help="Cancels what is open and sells every position of the engine at market.",
        )  # fmt: skip


def _order(order: Order, owner: str) -> None:
    at = " ".join(
        f"{word} {exactly(value)}" for word, value in (("at", order.price), ("stop", order.stop_price)) if value
    )
    state = _UNSURE.get(order.status, order.status.value.lower())
    with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"order_{order.client_id}"):
        st.markdown(f"**{order.side.value} {exactly(order.quantity)} {order.symbol}** {order.type.value} {at}  \n"
                    f":gray[{order.purpose.value.lower()} · {state} · filled {exactly(order.filled_quantity)} · "
                    f"{owner} · {show(order.intent_at)}]")  # fmt: skip
        if order.purpose in (Purpose.ENTRY, Purpose.EXIT):
            button("Cancel", CommandKind.CANCEL_ORDER, {"client_id": order.client_id}, key=f"cancel_{order.client_id}",
                   icon=":material/cancel:")  # fmt: skip


def _position(account: Account, holding: Holding) -> None:
    p, price = holding.position, holding.price
    stop = f"stop {exactly(p.stop_price)}" if p.covered else ":red[**no stop**]"
    target = f"target {exactly(p.target_price)}" if p.target_price is not None else "no target"
    now = f"now {exactly(price.bid)}, {ago(price.age)}" if price else "no price"
    dust = f" · dust {exactly(holding.dust)}" if holding.dust else ""
    with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"position_{p.sleeve_id}"):
        st.markdown(
            f"**{exactly(p.sellable or p.quantity)} {p.symbol}** bought at {exactly(p.entry_price)}, {stop}, {target}"
            f"  \n:gray[{holding.owner} · {now} · profit {money(holding.profit, account.quote, signed=True)} · "
            f"since {show(p.opened_at)}{dust}]"
        )
        if p.sellable:
            _position_buttons(holding)


def _position_buttons(holding: Holding) -> None:
    p = holding.position
    if st.button("Move stop", key=f"move_{p.sleeve_id}", icon=":material/vertical_align_center:"):
        ask_for_stop(p)
    button("Close", CommandKind.CLOSE_POSITION, {"sleeve_id": p.sleeve_id, "symbol": p.symbol},
           key=f"close_{p.sleeve_id}", icon=":material/close:")  # fmt: skip
