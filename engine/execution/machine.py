"""The life of an order as a sans-I/O machine: step(order, event) -> order, effects.

INTENT -> SENT -> ACKNOWLEDGED | UNKNOWN -> WORKING -> FILLED | CANCELLED | EXPIRED | REJECTED, and CANCELLING from any
open state. The machine touches nothing: whoever drives it carries out the effects and feeds back what came of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from engine.domain.errors import LedgerError, Overfill
from engine.domain.order import Order, OrderStatus

SEND_WINDOW = timedelta(seconds=3)
"""Law 3: the venue itself refuses a request that arrives later than this after the intent."""
LOOKUP_TIME = timedelta(seconds=10)
"""How long after the window a lookup may still miss an order that exists (`-2013` right after a fill)."""


class Effect(StrEnum):
    """What the driver has to do next about the order."""

    PLACE = "place"
    LOOK_UP = "look up"
    CANCEL = "cancel"
    TELL = "tell the operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Time to send a committed intent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswer:
    """The request left, no answer came: a timeout, a dropped line, any 5xx."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """The engine came back and finds the order open in its ledger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """The venue says: this status, so much filled in all."""

    status: OrderStatus
    filled: Decimal
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFound:
    """The venue does not know the id, asked at `at`."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAsked:
    """We want it gone."""


Event = Send | NoAnswer | Resume | Reported | NotFound | CancelAsked

_S = OrderStatus
_OPEN = frozenset(s for s in OrderStatus if not s.terminal)
_AFTER_REPORT: dict[OrderStatus, frozenset[OrderStatus]] = {
    _S.INTENT: frozenset(OrderStatus) - {_S.INTENT},
    _S.SENT: frozenset(OrderStatus) - {_S.INTENT, _S.SENT},
    _S.UNKNOWN: frozenset(OrderStatus) - {_S.INTENT, _S.SENT, _S.UNKNOWN},
    _S.ACKNOWLEDGED: frozenset({_S.ACKNOWLEDGED, _S.WORKING, _S.FILLED, _S.CANCELLED, _S.EXPIRED, _S.REJECTED}),
    _S.WORKING: frozenset({_S.WORKING, _S.FILLED, _S.CANCELLED, _S.EXPIRED}),
    _S.CANCELLING: frozenset({_S.WORKING, _S.FILLED, _S.CANCELLED, _S.EXPIRED, _S.REJECTED}),
}


def step(order: Order, event: Event) -> tuple[Order, tuple[Effect, ...]]:
    """Take one event. A terminal order stays what it is. Overfill and LedgerError mean: halt and reconcile."""
    match event:
        case Reported():
            return _reported(order, event)
        case NotFound(at=at):
            return _not_found(order, at)
        case Send() if order.status is _S.INTENT:
            return replace(order, status=_S.SENT), (Effect.PLACE,)
        case NoAnswer() if order.status in (_S.INTENT, _S.SENT):
            return replace(order, status=_S.UNKNOWN), (Effect.LOOK_UP,)
        case Resume() if order.status in (_S.INTENT, _S.SENT, _S.UNKNOWN, _S.CANCELLING):
            return order, (Effect.LOOK_UP,)
        case Resume() | NoAnswer() | Send():
            return order, ()
        case CancelAsked() if order.status in _OPEN:
            return replace(order, status=_S.CANCELLING), (Effect.CANCEL,)
        case CancelAsked():
            return order, ()


def _reported(order: Order, event: Reported) -> tuple[Order, tuple[Effect, ...]]:
    if event.filled > order.quantity:
        raise Overfill(
            f"{order.symbol} order {order.client_id}: {event.filled} filled of {order.quantity} ordered; reconcile"
        )
    filled = max(event.filled, order.filled_quantity)  # reports may arrive out of order; fills never shrink
    if order.status.terminal:
        return replace(order, filled_quantity=filled), ()
    if event.status not in _AFTER_REPORT[order.status]:
        if event.status in _OPEN:  # an older report, overtaken by what we know already
            return replace(order, filled_quantity=filled), ()
        raise LedgerError(f"order {order.client_id}: {order.status} cannot become {event.status}; reconcile")
    if event.status is _S.FILLED and filled < order.quantity:  # the venue's list of fills lags behind its word
        unsure = order.status if order.status is _S.CANCELLING else _S.UNKNOWN
        return replace(order, status=unsure, filled_quantity=filled), (Effect.LOOK_UP,)
    status = order.status if order.status is _S.CANCELLING and event.status in _OPEN else event.status
    effects = (Effect.TELL,) if status is _S.REJECTED else ()
    return replace(order, status=status, filled_quantity=filled, note=event.message or order.note), effects


def _not_found(order: Order, at: datetime) -> tuple[Order, tuple[Effect, ...]]:
    """Inside the send window the same order may still be sent; later, only time proves that it never arrived."""
    if order.status.terminal:
        return order, ()
    if order.status not in (_S.INTENT, _S.SENT, _S.UNKNOWN, _S.CANCELLING) or order.filled_quantity:
        raise LedgerError(f"order {order.client_id}: {order.status} here, unknown at the venue; reconcile")
    if order.status is not _S.CANCELLING and at - order.intent_at <= SEND_WINDOW:
        return replace(order, status=_S.SENT), (Effect.PLACE,)
    if at - order.intent_at <= SEND_WINDOW + LOOKUP_TIME:
        return order, (Effect.LOOK_UP,)
    return replace(order, status=_S.EXPIRED, note="it never reached the venue"), (Effect.TELL,)
