"""Order: an instruction with a client id of our own, and the states it passes through."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from engine.domain.interval import iso


class Side(StrEnum):
    """Buy or sell."""

    BUY = "BUY"
    SELL = "SELL"


class OrderType(StrEnum):
    """MARKET, LIMIT, STOP (sells at market once touched). An OCO is a STOP and a LIMIT that share a `list_id`."""

    MARKET = "MARKET"
    LIMIT = "LIMIT"
    STOP = "STOP"


class TimeInForce(StrEnum):
    """How long an order lives: GTC rests until cancelled, FOK fills at once as a whole or expires."""

    GTC = "GTC"
    FOK = "FOK"


class Purpose(StrEnum):
    """Why the order exists. STOP and TARGET protect a position; EXIT closes it."""

    ENTRY = "ENTRY"
    EXIT = "EXIT"
    STOP = "STOP"
    TARGET = "TARGET"


class OrderStatus(StrEnum):
    """INTENT -> SENT -> ACKNOWLEDGED | UNKNOWN -> WORKING -> FILLED | CANCELLED | EXPIRED | REJECTED."""

    INTENT = "INTENT"
    SENT = "SENT"
    UNKNOWN = "UNKNOWN"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    WORKING = "WORKING"
    CANCELLING = "CANCELLING"
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    REJECTED = "REJECTED"

    @property
    def terminal(self) -> bool:
        """True where nothing can happen to the order any more."""
        return self in _TERMINAL


_TERMINAL = frozenset({OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.EXPIRED, OrderStatus.REJECTED})


class ExitReason(StrEnum):
    """What closed a trade."""

    SIGNAL = "signal"
    STOP = "stop"
    TARGET = "target"
    TIME = "time"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """`quantity` in base; `price` for LIMIT, `stop_price` for STOP, else None. `bar_close_at` is the close that
    it was decided on (for a manual order: the moment of the command). `intent_at` is when its row was committed."""

    client_id: str
    account_id: str
    sleeve_id: str
    symbol: str
    side: Side
    type: OrderType
    purpose: Purpose
    quantity: Decimal
    price: Decimal | None
    stop_price: Decimal | None
    list_id: str | None
    bar_close_at: datetime
    intent_at: datetime
    status: OrderStatus
    filled_quantity: Decimal = Decimal(0)
    exit_reason: ExitReason | None = None
    note: str = ""
    stop_ratio: Decimal | None = None
    """On an ENTRY: how far below its fill the stop goes; `target_ratio` likewise above."""
    target_ratio: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    """Only a LIMIT has a choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedOrder:
    """An order that the risk rules let through; only `engine.risk` makes one."""

    order: Order


def client_order_id(
    *, account_id: str, sleeve_id: str, symbol: str, bar_close_at: datetime, purpose: Purpose, generation: int
) -> str:
    """Derive the id that makes a retry the same order: tag `aa` + 25 base32 characters of a SHA-256.

    Legal at Binance (`^[a-zA-Z0-9-_]{1,36}$`). `generation` counts the orders of one purpose at one bar close.
    """
    text = "|".join((account_id, sleeve_id, symbol, iso(bar_close_at), purpose.value, str(generation)))
    return hashed_id("aa", text)


def hashed_id(tag: str, text: str) -> str:
    """`tag` + 25 lower-case base32 characters of the SHA-256 of `text`."""
    digest = hashlib.sha256(text.encode()).digest()
    return tag + base64.b32encode(digest).decode().lower()[:25]
