"""Uncovered: for how long each position has had neither a resting stop nor a sale under way; law 4, measured."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from decimal import Decimal

from engine.domain.order import OrderStatus, Purpose
from engine.execution.book import Book
from engine.execution.sleeve_book import SleeveBook

MOST = timedelta(seconds=5)
"""So long a position may be bare while the venue takes orders; then the operator is told and no new risk is taken."""
_RESTS = frozenset({OrderStatus.ACKNOWLEDGED, OrderStatus.WORKING, OrderStatus.CANCELLING})


class Uncovered:
    """Counts the time between two looks only where the venue answered in it and takes orders of that instrument."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._bare_for: dict[str, timedelta] = {}
        self._looked_at: datetime | None = None

    def look(self, at: datetime, *, answering: bool, untraced: Collection[str], dust: Collection[str]) -> list[str]:
        """Words about each position that has been bare for too long now, each of them once."""
        passed = timedelta(0) if self._looked_at is None else at - self._looked_at
        self._looked_at = at
        found = []
        for sleeve_id, holding in self._book.portfolio.holdings.items():
            page = self._book.sleeve(sleeve_id)
            if not page.lots or sleeve_id in dust or covered(page, untraced):
                self._bare_for.pop(sleeve_id, None)
                continue
            before = self._bare_for.setdefault(sleeve_id, timedelta(0))
            if answering and self._book.instruments[holding.symbol].trading:
                self._bare_for[sleeve_id] = before + passed
            if before <= MOST < self._bare_for[sleeve_id]:
                found.append(
                    f"{page.quantity:f} {holding.symbol} have been without a stop for more than {MOST.seconds} seconds"
                )
        return found


def covered(page: SleeveBook, untraced: Collection[str] = ()) -> bool:
    """True where stops that rest at the venue, or a sale that it has taken, are for all that could be sold."""
    guarding = Decimal(0)
    for order in page.orders(Purpose.STOP, Purpose.EXIT):
        if order.status in _RESTS and order.client_id not in untraced:
            guarding += order.quantity - order.filled_quantity
    return guarding >= page.quantity
