"""The manual ticket: what to trade, what it costs, what stands against it, and one button that sends one order."""

from __future__ import annotations

import streamlit as st

from engine.domain.account import Account
from engine.domain.command import CommandKind
from engine.domain.instrument import Instrument
from engine.domain.order import Side
from engine.domain.position import Position
from engine.queries.manual_gates import read_limits
from engine.queries.portfolio import read_owners
from engine.queries.preview import preview, sellable
from engine.queries.price import keep_looking, read_price
from engine.queries.ticket import KINDS, LIMIT, LIMITED, MARKET, OCO, STOP, STOPPED, TARGET, Ticket, read_decimal
from engine.queries.words import exactly, ratio
from pages.parts.ask import form_button
from pages.parts.guard import live
from pages.parts.ticket_preview import costs, gates_list, price_line
from pages.parts.wiring import console

_HELP = {
    (Side.BUY, MARKET): "Fills at once at the market's price.",
    (Side.BUY, LIMIT): "Fills at your price or better, or rests until it does.",
    (Side.SELL, MARKET): "Sells at once at the market's price: all of it or a part.",
    (Side.SELL, LIMIT): "Sells all of it at your price or better; the stop that rests now stays beside it.",
    (Side.SELL, STOP): "Sells all of it at market once the price falls to your stop. It stands alone: no target.",
    (Side.SELL, TARGET): "Moves the target of the position; its stop stays.",
    (Side.SELL, OCO): "A stop and a target at once: what fills first cancels the other.",
}
READY = "ticket_ready"


def ticket_form(account: Account) -> None:
    """Draw the ticket."""
    rules = {rule.symbol: rule for rule in console().bars.rules(account.source.value) if rule.quote == account.quote}
    symbol = st.selectbox("Instrument", sorted(rules), key="ticket_symbol")
    if symbol is None:
        st.caption("No instrument is known yet: the source has not answered. Sync or import bars on the Market page.")
        return
    keep_looking(console(), symbol)
    left, right = st.columns(2)
    side = Side(
        left.segmented_control("Side", list(Side), default=Side.BUY, required=True, key="ticket_side") or Side.BUY
    )
    kind = right.selectbox("Type", KINDS[side], key=f"ticket_kind_{side.value}")
    st.caption(_HELP[side, kind])
    ticket = _purchase(account, rules[symbol], kind) if side is Side.BUY else _sale(account, rules[symbol], kind)
    _preview(account.account_id, ticket)
    form_button(
        f"{side.value.capitalize()} {symbol} · {kind}", CommandKind.PLACE_ORDER, ticket.payload(), key="ticket_send",
        type="primary", icon=":material/send:", width="stretch", disabled=not st.session_state[READY],
    )  # fmt: skip


def _purchase(account: Account, rule: Instrument, kind: str) -> Ticket:
    """Quantity, perhaps a limit, perhaps a stop and a target of its own."""
    limits = read_limits(console(), account)
    quantity = _number(f"Quantity ({rule.base})", "ticket_quantity", f"in steps of {exactly(rule.lot_step)}")
    price = _number(f"Limit price ({rule.quote})", "ticket_price", "at most") if kind in LIMITED else ""
    left, right = st.columns(2)
    with left:
        stop = _number("Stop (optional)", "ticket_own_stop", f"{ratio(limits.stop_loss)} below the fill")
    with right:
        target = _number("Target (optional)", "ticket_own_target", f"{ratio(limits.take_profit)} above the fill")
    return Ticket(
        symbol=rule.symbol, side=Side.BUY, kind=kind, quantity=read_decimal(quantity), price=read_decimal(price),
        stop_price=read_decimal(stop), target_price=read_decimal(target),
    )  # fmt: skip


def _sale(account: Account, rule: Instrument, kind: str) -> Ticket:
    """Whose coins, how many at market, and where stop and target lie."""
    position = _whose(account, rule)
    quantity = _how_many(rule, position) if kind == MARKET else ""
    price = _number(f"Limit price ({rule.quote})", "ticket_price", "above the price") if kind in LIMITED else ""
    stop = _number(f"Stop price ({rule.quote})", "ticket_stop", "below the price") if kind in STOPPED else ""
    return Ticket(
        symbol=rule.symbol, side=Side.SELL, kind=kind, quantity=read_decimal(quantity), price=read_decimal(price),
        stop_price=read_decimal(stop), sleeve_id=position.sleeve_id if position else None,
    )  # fmt: skip


def _whose(account: Account, rule: Instrument) -> Position | None:
    """The position that is sold from."""
    owners = read_owners(console(), account)
    held = {p.sleeve_id: p for p in sellable(console(), account, rule.symbol)}
    if not held:
        st.caption(f"No {rule.base} is held here. Spot has no short: only what was bought here can be sold.")
        return None
    chosen = st.selectbox(
        "Sell from", list(held), key="ticket_from",
        format_func=lambda s: f"{owners.get(s, 'gone')} · {exactly(held[s].sellable, rule.base)}",
    )  # fmt: skip
    return held[chosen]


def _how_many(rule: Instrument, position: Position | None) -> str:
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    if position is not None:
        right.button("All", key="ticket_all", on_click=_all_of, args=(str(position.sellable),), width="stretch")
    with left:
        return _number(f"Quantity ({rule.base})", "ticket_quantity", f"in steps of {exactly(rule.lot_step)}")


def _all_of(quantity: str) -> None:
    st.session_state["ticket_quantity"] = quantity


def _number(label: str, key: str, hint: str) -> str:
    return st.text_input(label, key=key, placeholder=hint)


@live(2, "Price and gates")
def _preview(account_id: str, ticket: Ticket) -> None:
    """Price, costs and gates, kept fresh. The button below opens or shuts with them."""
    account = console().ledger.account(account_id)
    keep_looking(console(), ticket.symbol)
    price = read_price(console(), account, ticket.symbol)
    price_line(price)
    seen = preview(console(), account, ticket, price)
    costs(account, seen.estimate)
    gates_list(ticket, seen)
    before = st.session_state.get(READY)
    st.session_state[READY] = seen.ready
    if before is not None and before != seen.ready and st.session_state.get("ticket_drawn") == ticket:
        st.rerun()
    st.session_state["ticket_drawn"] = ticket
