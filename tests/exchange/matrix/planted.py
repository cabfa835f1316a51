"""Bugs to plant: each is a mistake that such engines are known for, and each must be caught by the matrix."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from enum import StrEnum
from typing import Any
from unittest.mock import patch

from engine.adapters.binance import signed
from engine.adapters.binance.broker import BinanceBroker
from engine.adapters.database import commit
from engine.autotrader import cycle, manual_view, views
from engine.domain.errors import OrderOutcomeUnknown
from engine.domain.order import Order, OrderStatus, Purpose
from engine.execution import bundle, machine
from engine.execution.cover import Cover
from engine.execution.sleeve_book import SleeveBook
from engine.ports import OrderReport


class Bug(StrEnum):
    """Each planted alone."""

    RESEND = "resend on timeout"
    ABSENT = "-2013 means absent"
    BEFORE_FEES = "stop sized before fees"
    NO_RESERVE = "no reserve while unknown"
    NO_EPOCH = "epoch not checked"
    NOT_RENEWED = "stop not renewed after the target's partial fill"
    LATE = "late send accepted"


@contextmanager
def planted(bug: Bug) -> Iterator[None]:
    """While the block lasts, the engine makes this mistake."""
    with ExitStack() as stack:
        for target, name, wrong in _PATCHES[bug]():
            stack.enter_context(patch.object(target, name, wrong))
        yield


Patches = Sequence[tuple[Any, str, Any]]


def _resend() -> Patches:
    place = BinanceBroker.place

    def again(self: BinanceBroker, orders: Sequence[Order]) -> Sequence[OrderReport]:
        try:
            return place(self, orders)
        except OrderOutcomeUnknown:
            for order in orders:
                self._register.add(order).sent = False
            return place(self, orders)

    return [(BinanceBroker, "place", again)]


def _absent() -> Patches:
    return [(machine, "_proved", lambda order, event: True)]


def _before_fees() -> Patches:
    """What was bought is taken for what can be sold: a thousandth too much."""

    def lots(page: SleeveBook) -> int:
        holding = page.holding
        if holding is None:
            return 0
        lot = page._book.instruments[holding.symbol].lot_atoms
        return -(-holding.atoms * 1001 // 1000 // lot) if holding.atoms >= lot else 0

    return [(SleeveBook, "lots", property(lots)), (bundle, "sellable", lambda lots, fee, grid: lots)]


def _no_reserve() -> Patches:
    """An order without an answer is taken for one that does not cost anything."""
    account_view, promised = views.account_view, manual_view._promised

    def known(book: Any) -> dict[str, Order]:
        doubtful = (OrderStatus.UNKNOWN, OrderStatus.SENT)
        return {i: o for i, o in book.orders.items() if o.status not in doubtful}

    def view(book: Any, *args: Any, **options: Any) -> Any:
        with patch.object(book, "orders", known(book)):
            return account_view(book, *args, **options)

    def forgetful(session: Any, prices: Any) -> Any:
        with patch.object(session.trader.book, "orders", known(session.trader.book)):
            return promised(session, prices)

    return [(views, "account_view", view), (cycle, "account_view", view), (manual_view, "_promised", forgetful)]


def _no_epoch() -> Patches:
    return [(commit, "renew", lambda connection, lease, now: None)]


def _not_renewed() -> Patches:
    cover = Cover._cover

    def content(self: Cover, sleeve_id: str, *args: Any) -> bool:
        orders = [*self._book.orders.values(), *self._book.lately_over.values()]
        targets = [o for o in orders if o.sleeve_id == sleeve_id and o.purpose is Purpose.TARGET]
        if any(Decimal(0) < o.filled_quantity < o.quantity for o in targets):
            return False
        return cover(self, sleeve_id, *args)

    return [(Cover, "_cover", content)]


def _late() -> Patches:
    return [(signed, "RECEIVE_WINDOW", 60_000)]


_PATCHES: dict[Bug, Callable[[], Patches]] = {
    Bug.RESEND: _resend, Bug.ABSENT: _absent, Bug.BEFORE_FEES: _before_fees, Bug.NO_RESERVE: _no_reserve,
    Bug.NO_EPOCH: _no_epoch, Bug.NOT_RENEWED: _not_renewed, Bug.LATE: _late,
}  # fmt: skip
