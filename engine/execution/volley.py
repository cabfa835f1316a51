"""Volley: orders that are due at the same moment and go to the venue together, each with an outcome of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from engine.domain.errors import OrderOutcomeUnknown, VenueError
from engine.domain.order import Order, Purpose
from engine.ports import OrderReport, Outcome

URGENCY = {Purpose.EXIT: 0, Purpose.STOP: 1, Purpose.TARGET: 1, Purpose.ENTRY: 2}


def one_by_one(
    place: Callable[[Sequence[Order]], Sequence[OrderReport]], lists: Sequence[Sequence[Order]]
) -> list[Outcome]:
    """The lists in turn, up to and with the first that fails: what has no outcome here was not tried."""
    found: list[Outcome] = []
    for orders in lists:
        try:
            found.append(place(orders))
        except (VenueError, OrderOutcomeUnknown) as error:
            found.append(error)
            break
    return found


def lists_of(orders: Sequence[Order], turn: Callable[[Order], int]) -> list[list[Order]]:
    """Each order with those of its list, an entry first; the most urgent first, and of those what failed least often
    (`turn`). Of a sleeve one list only: what follows depends on what becomes of it."""
    lists: dict[str, list[Order]] = {}
    for order in orders:
        lists.setdefault(order.list_id or order.client_id, []).append(order)
    in_order = sorted(lists.values(), key=lambda some: (max(URGENCY[o.purpose] for o in some), turn(some[0])))
    first_of: dict[str, list[Order]] = {}
    for some in in_order:
        first_of.setdefault(some[0].sleeve_id, some)
    return [entry_first(some) for some in first_of.values()]


def entry_first(orders: Iterable[Order]) -> list[Order]:
    """The order that brings the others before them."""
    return sorted(orders, key=lambda o: o.purpose is not Purpose.ENTRY)
