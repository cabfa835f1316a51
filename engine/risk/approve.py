"""Approval: the only place where an ApprovedOrder is made. Entries answer to the gates; exits and stops always pass."""

from __future__ import annotations

from dataclasses import dataclass

from engine.domain.decision import Decision
from engine.domain.errors import InvalidOrder
from engine.domain.order import ApprovedOrder, Order, Purpose, Side
from engine.domain.signal import Signal
from engine.risk.limits import RiskLimits
from engine.risk.manual import ManualView, manual_outcomes

__all__ = ["ManualView", "Refusal", "approve_entry", "approve_exit", "approve_manual", "manual_outcomes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why an order was not approved, in words for the operator, and the gate that says so."""

    reason: str
    gate: str


def approve_entry(order: Order, decision: Decision) -> ApprovedOrder:
    """Approve the entry that a BUY decision asks for; InvalidOrder where the order is not the one it decided."""
    same = (order.account_id, order.sleeve_id, order.symbol, order.quantity, order.bar_close_at) == (
        decision.account_id, decision.sleeve_id, decision.symbol, decision.quantity, decision.bar_close_at,
    )  # fmt: skip
    entry = order.side is Side.BUY and order.purpose is Purpose.ENTRY
    if decision.action is not Signal.BUY or not entry or not same:
        raise InvalidOrder(f"{order.symbol}: order {order.client_id} is not the entry its decision asked for")
    if any(not gate.passed for gate in decision.gates):
        raise InvalidOrder(f"{order.symbol}: an entry whose gates did not all pass cannot be approved")
    return ApprovedOrder(order=order)


def approve_exit(order: Order) -> ApprovedOrder:
    """Approve an exit, a stop or a target: always. InvalidOrder where it would add risk."""
    if order.side is not Side.SELL or order.purpose is Purpose.ENTRY:
        raise InvalidOrder(f"{order.symbol}: {order.side} {order.purpose} is no exit; it has to pass the gates")
    return ApprovedOrder(order=order)


def approve_manual(order: Order, view: ManualView, limits: RiskLimits) -> ApprovedOrder | Refusal:
    """Approve an order placed by hand, or say which gate is against it. A sale of what its sleeve holds passes."""
    against = next((gate for gate in manual_outcomes(order, view, limits) if not gate.passed), None)
    return ApprovedOrder(order=order) if against is None else Refusal(reason=against.detail, gate=against.name)
