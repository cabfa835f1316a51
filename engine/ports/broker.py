"""Broker: a venue that takes orders, and what it says about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from engine.domain.errors import OrderOutcomeUnknown, VenueError
from engine.domain.fill import Fill
from engine.domain.order import Order, OrderStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReport:
    """What the venue says about one order. `fills` are all of the order's fills known now, repeats included.

    `symbol` is needed in a Standing, where the ledger may not know the order.
    """

    client_id: str
    status: OrderStatus
    fills: tuple[Fill, ...] = ()
    message: str = ""
    symbol: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What the venue holds of one asset for the key, ours or not. `locked` is promised to resting orders."""

    free: Decimal
    locked: Decimal

    @property
    def total(self) -> Decimal:
        """All of it."""
        return self.free + self.locked


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the account stands at the venue at `as_of`: what reconciliation holds the ledger against.

    `open_orders` are those that carry our tag; `foreign_orders` counts the operator's own, which are never touched.
    """

    as_of: datetime
    balances: Mapping[str, Balance]
    open_orders: Sequence[OrderReport]
    foreign_orders: int = 0


Outcome = Sequence[OrderReport] | VenueError | OrderOutcomeUnknown
"""What came of one list of orders: what the venue says of them, or why it says nothing."""


class Broker(Protocol):
    """A venue that takes orders. Calls may raise VenueError (nothing happened) or OrderOutcomeUnknown (look it up)."""

    @property
    def not_found_is_proof(self) -> bool:
        """True where `find` without a find proves that the order never arrived: a venue in this process. Over a network
        only time proves it."""
        ...

    def place(self, orders: Sequence[Order]) -> Sequence[OrderReport]:
        """Place one order; an OCO (a STOP and a LIMIT of one `list_id`); or an entry that brings its protection (an
        ENTRY of type LIMIT and FOK, with the STOP and perhaps the TARGET of its `list_id`, resting from its fill on).

        REJECTED is a report, not an error. All orders of a list are placed, or none.
        """
        ...

    def place_all(self, lists: Sequence[Sequence[Order]]) -> Sequence[Outcome]:
        """Place several such lists, none waiting for the answer to another where the venue can do that; the outcomes in
        their order. Lists without an outcome, at the end, were not tried. Raises neither error itself."""
        ...

    def cancel(self, orders: Sequence[Order]) -> Sequence[OrderReport]:
        """Cancel one order or a whole list; reports tell what it came to (perhaps FILLED first). An order that is not
        open there, and that `find` does not know either, has no report."""
        ...

    def cancel_all(self, lists: Sequence[Sequence[Order]]) -> Sequence[Outcome]:
        """Cancel several orders or lists, as `place_all` places them."""
        ...

    def find(self, order: Order) -> OrderReport | None:
        """Look an order up by its client id; None where the venue does not know it. Once proves nothing."""
        ...

    def poll(self) -> Sequence[OrderReport]:
        """What happened to our orders since the last poll, in the order it happened; repeats are allowed."""
        ...

    def standing(self) -> Standing:
        """Balances and open orders now."""
        ...
