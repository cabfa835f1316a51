"""Rows of the books as tables: positions, trades, decisions, orders, messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from engine.domain.decision import Decision, GateOutcome
from engine.domain.order import Order
from engine.domain.trade import Trade
from engine.queries.portfolio import Holding
from engine.queries.reads import Alert
from engine.queries.words import ABSENT, ago, exactly, money, ratio
from pages.parts.tables import Row, table
from pages.parts.zone import show


def holdings_table(holdings: Sequence[Holding], asset: str, *, key: str, empty: str) -> None:
    """Open positions, as text: these values must be readable by everyone."""
    if not holdings:
        st.caption(empty)
        return
    with st.container(key=key):
        st.table([_holding(h, asset) for h in holdings], border="horizontal")


def _holding(h: Holding, asset: str) -> Mapping[str, str]:
    p = h.position
    dust = f" (dust {exactly(h.dust)})" if h.dust else ""
    return {
        "instrument": p.symbol, "quantity": exactly(p.quantity) + dust, "entry": exactly(p.entry_price),
        "now": f"{exactly(h.price.bid)} · {ago(h.price.age)}" if h.price else ABSENT,
        "profit": f"{money(h.profit, asset, signed=True)} ({ratio(h.profit / p.cost, signed=True)})"
        if h.profit is not None and p.cost else ABSENT,
        "stop": exactly(p.stop_price) if p.covered else "NONE: uncovered", "target": exactly(p.target_price),
        "owner": h.owner, "since": show(p.opened_at),
    }  # fmt: skip


def trade_rows(trades: Sequence[Trade], owners: Mapping[str, str]) -> Sequence[Row]:
    """Closed trades, newest first."""
    return [
        {
            "closed": t.closed_at, "instrument": t.symbol, "profit": t.profit, "exit by": t.exit_reason.value,
            "quantity": t.quantity, "entry": t.entry_price, "exit": t.exit_price, "fees": t.fees, "opened": t.opened_at,
            "owner": owners.get(t.sleeve_id, t.sleeve_id),
        }
        for t in reversed(trades)
    ]  # fmt: skip


TRADE_FORMATS = {"profit": "%+.2f", "fees": "%.2f", "quantity": "%.6g", "entry": "%.8g", "exit": "%.8g"}


def trades_table(trades: Sequence[Trade], owners: Mapping[str, str], *, key: str, empty: str) -> None:
    """Closed trades with their download."""
    table(trade_rows(trades, owners), key=key, empty=empty, formats=TRADE_FORMATS)


def decision_rows(decisions: Sequence[Decision], owners: Mapping[str, str]) -> Sequence[Row]:
    """Decisions with what held them."""
    return [
        {
            "bar close": d.bar_close_at,
            "instrument": d.symbol,
            "call": d.prediction.signal.value if d.prediction else ABSENT,
            "decision": d.action.value,
            "held by": d.held_by or "",
            "why": _why(d),
            "probability": d.prediction.probability if d.prediction else None,
            "confidence": d.prediction.confidence if d.prediction else None,
            "price": d.reference_price,
            "owner": owners.get(d.sleeve_id, d.sleeve_id),
        }
        for d in decisions
    ]


def _why(decision: Decision) -> str:
    return next((g.detail for g in decision.gates if g.name == decision.held_by), "")


def decisions_table(decisions: Sequence[Decision], owners: Mapping[str, str], *, key: str, empty: str) -> None:
    """Decisions with their download."""
    formats = {"probability": "%.3f", "confidence": "%.2f", "price": "%.8g"}
    table(decision_rows(decisions, owners), key=key, empty=empty, formats=formats)


def order_rows(orders: Sequence[Order], owners: Mapping[str, str]) -> Sequence[Row]:
    """Orders as they stand."""
    return [
        {
            "intent": o.intent_at, "instrument": o.symbol, "side": o.side.value, "type": o.type.value,
            "purpose": o.purpose.value, "status": o.status.value, "quantity": o.quantity, "filled": o.filled_quantity,
            "price": o.price, "stop price": o.stop_price, "owner": owners.get(o.sleeve_id, o.sleeve_id), "note": o.note,
            "client id": o.client_id,
        }
        for o in orders
    ]  # fmt: skip


ORDER_FORMATS = {"quantity": "%.6g", "filled": "%.6g", "price": "%.8g", "stop price": "%.8g"}
_ICONS = {"error": ":material/error:", "warning": ":material/warning:", "info": ":material/info:"}


def alert_list(alerts: Sequence[Alert], *, empty: str) -> None:
    """Messages, newest first, as text."""
    if not alerts:
        st.caption(empty)
        return
    lines = [f"{_ICONS.get(a.level, _ICONS['info'])} :gray[{show(a.at)}] {a.text}" for a in alerts]
    st.markdown("  \n".join(lines))


def check_list(checks: Sequence[GateOutcome]) -> None:
    """Gates with their answers, as text."""
    icons = {True: ":green[:material/check:]", False: ":red[:material/close:]"}
    lines = [f"{icons[check.passed]} **{check.name}** :gray[{check.detail}]" for check in checks]
    st.markdown("  \n".join(lines))
