"""SleeveBook: one sleeve's page of the book, read only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from engine.domain.guard import Guard
from engine.domain.instrument import Instrument
from engine.domain.order import Order, OrderStatus, Purpose
from engine.portfolio.portfolio import Holding, Portfolio


class Pages(Protocol):
    """What it reads from."""

    portfolio: Portfolio
    instruments: Mapping[str, Instrument]
    orders: dict[str, Order]
    entries: dict[str, Order]
    guards: dict[str, list[Guard]]
    generations: dict[tuple[str, Purpose, datetime], int]


class SleeveBook:
    """What a sleeve holds and what is open for it, as of the moment it is asked."""

    def __init__(self, book: Pages, sleeve_id: str) -> None:
        self._book = book
        self._sleeve_id = sleeve_id

    def orders(self, *purposes: Purpose) -> list[Order]:
        """Its open orders of these purposes (all where none is named)."""
        mine = (o for o in self._book.orders.values() if o.sleeve_id == self._sleeve_id)
        return [o for o in mine if not purposes or o.purpose in purposes]

    def generation(self, purpose: Purpose, bar_close_at: datetime) -> int:
        """How many orders of that purpose it has had at that close: the next one's generation."""
        return self._book.generations.get((self._sleeve_id, purpose, bar_close_at), 0)

    @property
    def protection(self) -> list[Order]:
        """Its open stop and target."""
        return self.orders(Purpose.STOP, Purpose.TARGET)

    @property
    def protection_prices(self) -> tuple[Decimal | None, Decimal | None]:
        """Stop and target prices that rest now; None where there is none."""
        stop = target = None
        for order in self.protection:
            if order.status is OrderStatus.CANCELLING:
                continue
            if order.purpose is Purpose.STOP:
                stop = order.stop_price
            else:
                target = order.price
        return stop, target

    @property
    def holding(self) -> Holding | None:
        """What it holds, dust included."""
        return self._book.portfolio.holdings.get(self._sleeve_id)

    @property
    def lots(self) -> int:
        """Whole lots that it could sell; what closed trades have left is dust, and stays so if lots become finer."""
        holding = self.holding
        if holding is None or holding.round is None:
            return 0
        return holding.atoms // self._book.instruments[holding.symbol].lot_atoms

    @property
    def quantity(self) -> Decimal:
        """The whole lots as a quantity; zero where there are none."""
        holding = self.holding
        return Decimal(0) if holding is None else self._book.instruments[holding.symbol].quantity(self.lots)

    @property
    def last_entry(self) -> Order | None:
        """Its newest entry that was filled, at least in part."""
        return self._book.entries.get(self._sleeve_id)

    @property
    def guard(self) -> Guard | None:
        """The operator's newest word on stop and target since its newest entry; None where the entry's own count."""
        entry = self.last_entry
        for guard in reversed(self._book.guards.get(self._sleeve_id, [])):
            if entry is None or guard.entry_id == entry.client_id:
                return guard
            if guard.entry_id is None:
                return guard if guard.set_at >= entry.intent_at else None
        return None
