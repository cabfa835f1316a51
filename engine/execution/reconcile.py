"""Reconcile: law 6. compare(book, standing) says in which ways ledger and venue differ; it changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.domain.money import from_atoms, to_atoms
from engine.domain.order import Order, OrderStatus
from engine.execution.book import Book
from engine.ports import OrderReport, Standing

_THERE = frozenset({OrderStatus.ACKNOWLEDGED, OrderStatus.WORKING, OrderStatus.CANCELLING})
_IN_DOUBT = frozenset({OrderStatus.SENT, OrderStatus.UNKNOWN, OrderStatus.CANCELLING})


class Kind(StrEnum):
    """In which way they differ, and what is to be done."""

    SHORT = "we claim more than there is: where it stays so, halt"
    UNLISTED = "open here, not listed there: look it up"
    ORPHAN = "ours and open there, not open here: look it up, cancel it, tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """`subject` is an asset (SHORT) or a client id; `report` is what the venue says of an orphan."""

    kind: Kind
    subject: str
    words: str
    order: Order | None = None
    report: OrderReport | None = None


def compare(book: Book, standing: Standing) -> list[Difference]:
    """Balances first, then orders. What the venue holds beyond our claims is not ours, and no difference."""
    return [*_short(book, standing), *_unlisted(book, standing), *_orphans(book, standing)]


def claims(book: Book) -> Mapping[str, int]:
    """Atoms of each asset that the ledger says are ours: cash, and what the sleeves hold, dust included."""
    found = {book.portfolio.quote: book.portfolio.cash}
    for holding in book.portfolio.holdings.values():
        base = book.instruments[holding.symbol].base
        found[base] = found.get(base, 0) + holding.atoms
    return found


def _short(book: Book, standing: Standing) -> list[Difference]:
    """An asset with an order in doubt is not judged: what that order did to the balance is not known yet."""
    doubtful = {
        asset
        for order in book.orders.values() if order.status in _IN_DOUBT
        for asset in (book.instruments[order.symbol].base, book.instruments[order.symbol].quote)
    }  # fmt: skip
    found = []
    for asset, atoms in sorted(claims(book).items()):
        balance = standing.balances.get(asset)
        there = 0 if balance is None else to_atoms(balance.total)
        if atoms > there and asset not in doubtful:
            words = f"the ledger claims {from_atoms(atoms):f} {asset}, the venue holds {from_atoms(there):f}"
            found.append(Difference(kind=Kind.SHORT, subject=asset, words=words))
    return found


def _unlisted(book: Book, standing: Standing) -> list[Difference]:
    listed = {report.client_id for report in standing.open_orders}
    return [
        Difference(
            kind=Kind.UNLISTED, subject=order.client_id, order=order,
            words=f"{order.symbol} {order.purpose.value.lower()} {order.client_id} is open here and not at the venue",
        )
        for order in book.orders.values() if order.status in _THERE and order.client_id not in listed
    ]  # fmt: skip


def _orphans(book: Book, standing: Standing) -> list[Difference]:
    return [
        Difference(
            kind=Kind.ORPHAN, subject=report.client_id, order=book.lately_over.get(report.client_id), report=report,
            words=f"{report.symbol} order {report.client_id} carries our tag, is open at the venue and not here",
        )
        for report in standing.open_orders if report.client_id not in book.orders
    ]  # fmt: skip
