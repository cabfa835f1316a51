"""The manual ticket: what to trade, what it costs, what stands against it, and one button that sends one order."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from engine.domain.account import Account, Source
from engine.domain.command import CommandKind
from engine.domain.instrument import Instrument
from engine.domain.order import OrderType, Side
from engine.queries.ticket import KINDS, OCO, Preview, Price, Ticket, keep_looking, preview, read_decimal, read_price
from engine.queries.words import ABSENT, ago, exactly, money
from pages.parts.ask import form_button
from pages.parts.books import check_list
from pages.parts.guard import live
from pages.parts.wiring import console
from pages.parts.zone import show

_HELP = {
    OrderType.MARKET.value: "Fills at once at the market's price.",
    OrderType.LIMIT.value: "Fills at your price or better, or rests until it does.",
    OrderType.STOP.value: "Sells at market once the price falls to your stop.",
    OCO: "A stop and a limit at once: what fills first cancels the other. It protects what you hold.",
}


def ticket_form(account: Account) -> None:
    """Draw the ticket."""
    rules = {rule.symbol: rule for rule in console().bars.rules(account.source.value) if rule.quote == account.quote}
    symbol = st.selectbox("Instrument", sorted(rules), key="ticket_symbol")
    if symbol is None:
        st.caption("No instrument is known yet: the source has not answered. Sync or import bars on the Market page.")
        return
    left, right = st.columns(2)
    side = Side(
        left.segmented_control("Side", list(Side), default=Side.BUY, required=True, key="ticket_side") or Side.BUY
    )
    kinds = KINDS if side is Side.SELL else KINDS[:2]
    kind = right.selectbox(
        "Type", kinds, key=f"ticket_kind_{side.value}", help="Stops and OCO protect what is held, so they sell."
    )
    st.caption(_HELP[kind])
    price = read_price(console(), account, symbol)
    ticket = _numbers(rules[symbol], side, kind, price)
    _quote(account.account_id, symbol)
    _estimate(account, ticket, price)


def _numbers(rule: Instrument, side: Side, kind: str, price: Price | None) -> Ticket:
    """The fields that this kind of order has."""
    quantity = st.text_input(
        f"Quantity ({rule.base})", key="ticket_quantity", placeholder=f"in steps of {exactly(rule.lot_step)}"
    )
    hint = f"now {exactly(price.mid)}" if price else ""
    limit = stop = ""
    if kind in {OrderType.LIMIT.value, OCO}:
        limit = st.text_input(f"Limit price ({rule.quote})", key="ticket_price", placeholder=hint)
    if kind in {OrderType.STOP.value, OCO}:
        stop = st.text_input(f"Stop price ({rule.quote})", key="ticket_stop", placeholder=hint)
    return Ticket(
        symbol=rule.symbol, side=side, kind=kind, quantity=read_decimal(quantity), price=read_decimal(limit),
        stop_price=read_decimal(stop),
    )  # fmt: skip


@live(2, "Price")
def _quote(account_id: str, symbol: str) -> None:
    """The price and how old it is, kept fresh."""
    account = console().ledger.account(account_id)
    if account.source is Source.BINANCE:
        keep_looking(console(), symbol)
    price = read_price(console(), account, symbol)
    if price is None:
        st.metric("Price", ABSENT, help="The engine asks for it now; offline, sync or import bars on the Market page.")
        return
    value = exactly(price.mid) if price.bid == price.ask else f"{exactly(price.bid)} / {exactly(price.ask)}"
    origin = "close of the newest bar" if price.from_bar else "bid / ask"
    st.metric(
        f"Price ({origin})", value, f"{ago(price.age)} · {show(price.as_of)}", delta_color="off", delta_arrow="off"
    )


def _estimate(account: Account, ticket: Ticket, price: Price | None) -> None:
    seen = preview(console(), account, ticket, price)
    _costs(account, seen)
    check_list(seen.checks)
    st.caption("The engine asks its own gates again when it gets the order, and tells their answer.")
    verb = f"{ticket.side.value.capitalize()} {ticket.symbol}"
    form_button(
        f"{verb} · {ticket.kind}", CommandKind.PLACE_ORDER, ticket.payload(), key="ticket_send", type="primary",
        icon=":material/send:", width="stretch", disabled=not seen.ready,
    )  # fmt: skip


def _costs(account: Account, seen: Preview) -> None:
    total = (seen.fee or Decimal(0)) + (seen.spread_and_slippage or Decimal(0)) if seen.notional else None
    with st.container(horizontal=True, key="ticket_costs"):
        st.metric("Notional", money(seen.notional, account.quote), width="content")
        st.metric("Fee", money(seen.fee, account.quote), width="content")
        st.metric("Spread + slippage", money(seen.spread_and_slippage, account.quote), width="content",
                  help="An estimate: half the spread and the usual slippage.")  # fmt: skip
        st.metric("Costs in all", money(total, account.quote), width="content")
