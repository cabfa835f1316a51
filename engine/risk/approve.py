"""Approval: the only place where an ApprovedOrder is made. Entries answer to the gates; exits and stops always pass."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from engine.domain.decision import Decision
from engine.domain.errors import InvalidOrder
from engine.domain.order import ApprovedOrder, Order, OrderType, Purpose, Side
from engine.domain.signal import Signal
from engine.risk.limits import RiskLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why an order was not approved, in words for the operator."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualView:
    """The account as a manual order meets it: amounts in quote; `price` is what the order would fill at about now.

    `held` is what its sleeve could sell; `halted_by` names an open halt or pause.
    """

    cash: Decimal
    equity: Decimal
    exposure: Decimal
    price: Decimal
    held: Decimal
    min_notional: Decimal
    halted_by: str | None


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
    """Approve an order placed by hand, or say why not. A sale of what its sleeve holds is always let through."""
    if order.side is Side.SELL:
        if order.quantity > view.held:
            return Refusal(
                reason=f"{view.held:f} {order.symbol} can be sold here, not {order.quantity:f}: spot has no short"
            )
        return ApprovedOrder(order=order)
    price = order.price if order.type is OrderType.LIMIT and order.price is not None else view.price
    value = order.quantity * price
    after = view.exposure + value
    for fails, reason in (
        (view.halted_by is not None, f"trading is halted by {view.halted_by}; reset it first, exits still work"),
        (value < view.min_notional, f"{value:f} is below the venue's smallest order of {view.min_notional:f}"),
        (value > view.cash, f"it costs about {value:f}, free cash is {view.cash:f}; reduce the quantity"),
        (
            value > limits.max_position_ratio * view.equity,
            f"{value:f} is over {limits.max_position_ratio:%} of equity {view.equity:f} (max_position_ratio)",
        ),
        (
            after > limits.max_exposure_ratio * view.equity,
            f"exposure would be {after:f}, over {limits.max_exposure_ratio:%} of equity (max_exposure_ratio)",
        ),
    ):
        if fails:
            return Refusal(reason=reason)
    return ApprovedOrder(order=order)
