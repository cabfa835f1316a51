"""The life of an order as a sans-I/O machine: step(order, event) -> order, effects.

INTENT -> SENT -> ACKNOWLEDGED | UNKNOWN -> WORKING -> FILLED | CANCELLED | EXPIRED | REJECTED, and CANCELLING from any
open state. The machine touches nothing: whoever drives it carries out the effects and feeds back what came of them.
`TABLE` is all of it; the functions below it only find the row. An end stays an end, and fills never shrink.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

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
    HALT = "halt: ledger and venue disagree"


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Time to send a committed intent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """The send window is over, and nothing of the intent has left this process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moot:
    """What it would sell is not held any more, and nothing of the intent has left this process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswer:
    """The request left, no answer came: a timeout, a dropped line, any 5xx."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """The engine came back and finds the order open in its ledger: the process before it may have sent it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAsked:
    """We want it gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFound:
    """The venue does not know the id, asked at `at` and since `first_at`; `proof` where it misses nothing it has."""

    at: datetime
    first_at: datetime | None = None
    proof: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """The venue says: this status, so much filled in all."""

    status: OrderStatus
    filled: Decimal
    message: str = ""


Event = Send | Late | Moot | NoAnswer | Resume | CancelAsked | NotFound | Reported


class Word(StrEnum):
    """The rows of the table: an event, and how much it proves."""

    SEND = "send"
    LATE = "late"
    MOOT = "moot"
    NO_ANSWER = "no answer"
    RESUME = "resume"
    CANCEL_ASKED = "cancel asked"
    MISSING = "not found, which proves nothing yet"
    ABSENT = "not found by a venue that misses nothing"
    GONE = "not found for so long that it is proved"
    ACKNOWLEDGED = "acknowledged"
    WORKING = "working"
    LAGGING = "filled, but not all of its fills are told yet"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"


class Cell(NamedTuple):
    """What becomes of the order (None: it stays), and what is to be done."""

    becomes: OrderStatus | None = None
    todo: Effect | None = None


_S, _E, _W = OrderStatus, Effect, Word
COLUMNS = (_S.INTENT, _S.SENT, _S.UNKNOWN, _S.ACKNOWLEDGED, _S.WORKING, _S.CANCELLING)
_STAY, _ASK = Cell(), Cell(None, _E.LOOK_UP)
_SENT = Cell(_S.SENT, _E.PLACE)
_DOUBT = Cell(_S.UNKNOWN, _E.LOOK_UP)
_UNSENT = Cell(_S.INTENT)
_TAKEN, _WORKS = Cell(_S.ACKNOWLEDGED), Cell(_S.WORKING)
_LEAVING = Cell(_S.CANCELLING, _E.CANCEL)
_FULL, _ENDED, _OVER = Cell(_S.FILLED), Cell(_S.CANCELLED), Cell(_S.EXPIRED)
_NEVER = Cell(_S.EXPIRED, _E.TELL)
_LOST = Cell(_S.EXPIRED, _E.HALT)
_REFUSED = Cell(_S.REJECTED, _E.TELL)

TABLE: Mapping[Word, tuple[Cell, ...]] = {
    #                  INTENT    SENT      UNKNOWN   ACKNOWLEDGED  WORKING   CANCELLING
    _W.SEND:          (_SENT,    _STAY,    _STAY,    _STAY,        _STAY,    _STAY),
    _W.LATE:          (_NEVER,   _STAY,    _STAY,    _STAY,        _STAY,    _STAY),
    _W.MOOT:          (_OVER,    _STAY,    _STAY,    _STAY,        _STAY,    _STAY),
    _W.NO_ANSWER:     (_DOUBT,   _DOUBT,   _ASK,     _STAY,        _STAY,    _ASK),
    _W.RESUME:        (_DOUBT,   _DOUBT,   _ASK,     _STAY,        _STAY,    _ASK),
    _W.CANCEL_ASKED:  (_ENDED,   _LEAVING, _LEAVING, _LEAVING,     _LEAVING, _LEAVING),
    _W.MISSING:       (_STAY,    _DOUBT,   _ASK,     _ASK,         _ASK,     _ASK),
    _W.ABSENT:        (_STAY,    _UNSENT,  _UNSENT,  _LOST,        _LOST,    _ENDED),
    _W.GONE:          (_NEVER,   _NEVER,   _NEVER,   _LOST,        _LOST,    _ENDED),
    _W.ACKNOWLEDGED:  (_TAKEN,   _TAKEN,   _TAKEN,   _STAY,        _STAY,    _STAY),
    _W.WORKING:       (_WORKS,   _WORKS,   _WORKS,   _WORKS,       _STAY,    _STAY),
    _W.LAGGING:       (_DOUBT,   _DOUBT,   _ASK,     _DOUBT,       _DOUBT,   _ASK),
    _W.FILLED:        (_FULL,    _FULL,    _FULL,    _FULL,        _FULL,    _FULL),
    _W.CANCELLED:     (_ENDED,   _ENDED,   _ENDED,   _ENDED,       _ENDED,   _ENDED),
    _W.EXPIRED:       (_OVER,    _OVER,    _OVER,    _OVER,        _OVER,    _OVER),
    _W.REJECTED:      (_REFUSED, _REFUSED, _REFUSED, _REFUSED,     _REFUSED, _REFUSED),
}  # fmt: skip

_NOTES = {
    _W.LATE: "it was not sent within three seconds",
    _W.MOOT: "what it was to sell was sold before it",
    _W.GONE: "it never reached the venue",
    _W.ABSENT: "it never reached the venue",
}
_TOLD: Mapping[OrderStatus, Word] = {
    _S.ACKNOWLEDGED: _W.ACKNOWLEDGED, _S.WORKING: _W.WORKING, _S.CANCELLING: _W.WORKING, _S.FILLED: _W.FILLED,
    _S.CANCELLED: _W.CANCELLED, _S.EXPIRED: _W.EXPIRED, _S.REJECTED: _W.REJECTED,
}  # fmt: skip


def step(order: Order, event: Event) -> tuple[Order, tuple[Effect, ...]]:
    """Take one event. A terminal order stays what it is. Overfill and LedgerError mean: halt and reconcile."""
    if isinstance(event, Reported):
        return _reported(order, event)
    if order.status.terminal:
        return order, ()
    word = _word(order, event)
    column = order.status
    if isinstance(event, NotFound) and order.filled_quantity and column is not _S.CANCELLING:
        column = _S.WORKING  # what has fills was there, whatever we are in doubt about
    cell = TABLE[word][COLUMNS.index(column)]
    note = order.note
    if cell.becomes is not None and cell.becomes.terminal:
        note = "the venue no longer knows it" if cell.todo is _E.HALT else _NOTES.get(word, note)
    return replace(order, status=cell.becomes or order.status, note=note), _effects(cell)


def _reported(order: Order, event: Reported) -> tuple[Order, tuple[Effect, ...]]:
    if event.filled > order.quantity:
        raise Overfill(
            f"{order.symbol} order {order.client_id}: {event.filled} filled of {order.quantity} ordered; reconcile"
        )
    filled = max(event.filled, order.filled_quantity)  # reports may arrive out of order; fills never shrink
    if order.status.terminal:
        return replace(order, filled_quantity=filled), ()
    if event.status not in _TOLD:
        raise LedgerError(f"order {order.client_id}: no venue can report {event.status}, which is ours to say")
    word = _TOLD[event.status]
    if word is _W.FILLED and filled < order.quantity:
        word = _W.LAGGING
    cell = TABLE[word][COLUMNS.index(order.status)]
    note = event.message or order.note
    return replace(order, status=cell.becomes or order.status, filled_quantity=filled, note=note), _effects(cell)


def _word(order: Order, event: Send | Late | Moot | NoAnswer | Resume | CancelAsked | NotFound) -> Word:
    match event:
        case Send():
            return _W.SEND
        case Late():
            return _W.LATE
        case Moot():
            return _W.MOOT
        case NoAnswer():
            return _W.NO_ANSWER
        case Resume():
            return _W.RESUME
        case CancelAsked():
            return _W.CANCEL_ASKED
        case NotFound(proof=True):
            return _W.ABSENT
        case NotFound():
            return _W.GONE if _proved(order, event) else _W.MISSING


def _proved(order: Order, event: NotFound) -> bool:
    """Only time proves absence: the window and the lookup time after the intent; where the venue may have known the
    order, the lookup time since it was first missed as well."""
    if event.at - order.intent_at <= SEND_WINDOW + LOOKUP_TIME:
        return False
    if order.status in (_S.SENT, _S.UNKNOWN, _S.INTENT) and not order.filled_quantity:
        return True
    return event.first_at is not None and event.at - event.first_at > LOOKUP_TIME


def _effects(cell: Cell) -> tuple[Effect, ...]:
    return () if cell.todo is None else (cell.todo,)
