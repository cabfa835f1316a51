"""Judge: after a session the ledger is held against the exchange's own books, to the last digit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from engine.adapters.database.database import Database
from engine.domain.errors import LedgerError
from engine.domain.fill import Fill
from engine.domain.halt import Halt
from engine.domain.instrument import Instrument
from engine.domain.interval import to_ms
from engine.domain.money import from_atoms
from engine.domain.order import Order, OrderStatus, Purpose
from engine.execution.book import Book
from engine.execution.cover import UNCOVERED
from engine.execution.machine import SEND_WINDOW
from tests.exchange import Account, Exchange
from tests.exchange.matrix.bare import ALERT, OURS, Bare, Spell
from tests.exchange.matrix.furnish import ACCOUNT
from tests.exchange.matrix.troubles import Troubles
from tests.exchange.orders import Execution
from tests.exchange.truth import OrderTruth, Truth
from tests.exchange.wallet import ZERO


class Scene(Protocol):
    """What is judged: an exchange, the ledger of the engine that traded there, and what it told."""

    database: Database
    exchange: Exchange
    held: Account
    bare: Bare
    troubles: Troubles
    began_with: Mapping[str, Decimal]

    def alerts(self) -> list[tuple[datetime, str, str]]: ...

    def halts(self) -> list[Halt]: ...

    def instruments(self) -> dict[str, Instrument]: ...


_S = OrderStatus
_ENDS = {
    "FILLED": {_S.FILLED}, "CANCELED": {_S.CANCELLED, _S.EXPIRED}, "EXPIRED": {_S.EXPIRED, _S.CANCELLED},
    "EXPIRED_IN_MATCH": {_S.EXPIRED}, "REJECTED": {_S.REJECTED},
    "NEW": {_S.WORKING, _S.ACKNOWLEDGED}, "PARTIALLY_FILLED": {_S.WORKING},
    "PENDING_NEW": {_S.WORKING, _S.ACKNOWLEDGED},
}  # fmt: skip
"""What our ledger may say of an order that stands so at the exchange."""
SLACK = 0.1
"""Seconds by which the measured clock may be off."""
FAULTS = ("fault", "ledger")
"""Causes of halts that say that the engine itself failed."""


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What was found, in words; empty lists are what we want."""

    duplicates: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    mismatches: list[str] = field(default_factory=list)
    uncovered: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not any(self.found().values())

    def found(self) -> dict[str, list[str]]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def lines(self) -> list[str]:
        return [f"{name}: {word}" for name, words in self.found().items() for word in words]


def judged(scene: Scene) -> Verdict:
    """Compare everything."""
    ledger, truth = scene.database.ledger, scene.exchange.truth(scene.held)
    orders = {o.client_id: o for o in ledger.orders(ACCOUNT)}
    verdict = Verdict()
    verdict.duplicates += _duplicates(orders, truth)
    verdict.uncovered += [_bare_words(spell) for spell in scene.bare.too_long if not _alerted(scene, spell)]
    if scene.troubles.was_reset:
        return verdict
    verdict.orphans += _orphans(orders, truth)
    verdict.uncovered += [f"{symbol} lies bare at the end" for symbol in scene.bare.left()]
    verdict.mismatches += [*_orders(orders, truth), *_fills(ledger.fills(ACCOUNT), truth), *_late(scene, orders, truth)]
    verdict.mismatches += [*scene.bare.oversold, *scene.bare.overguarded.values()]
    verdict.mismatches += _claims(scene, truth)
    verdict.mismatches += [
        f"the engine failed: {h.cause}: {h.detail}" for h in ledger.halts(ACCOUNT) if h.cause in FAULTS
    ]
    return verdict


def _ours(truth: Truth) -> list[OrderTruth]:
    return [o for o in truth.orders if o.client_id.startswith(OURS)]


def _duplicates(orders: dict[str, Order], truth: Truth) -> Iterator[str]:
    """The same order twice at the exchange, or two entries for one decision."""
    for client_id, n in Counter(o.client_id for o in _ours(truth)).items():
        if n > 1:
            yield f"{client_id} is {n} times at the exchange"
    there = {o.client_id for o in _ours(truth)}
    entries = Counter(
        (o.sleeve_id, o.bar_close_at)
        for o in orders.values()
        if o.purpose is Purpose.ENTRY and o.client_id in there and "manual" not in o.sleeve_id
    )
    yield from (f"{sleeve} entered {n} times at {at}" for (sleeve, at), n in entries.items() if n > 1)


def _orphans(orders: dict[str, Order], truth: Truth) -> Iterator[str]:
    """At the exchange under our tag, and not, or no longer, in our ledger."""
    for there in _ours(truth):
        ours = orders.get(there.client_id)
        if ours is None:
            yield f"{there.client_id} ({there.side} {there.type} {there.status}) is not in the ledger"
        elif there.open and ours.status.terminal:
            yield f"{there.client_id} ({ours.purpose}) rests at the exchange, the ledger says {ours.status}"


def _orders(orders: dict[str, Order], truth: Truth) -> Iterator[str]:
    for order in orders.values():
        there, name = truth.order(order.client_id), f"{order.purpose} {order.symbol} {order.client_id}"
        if there is None:
            if order.status not in (_S.EXPIRED, _S.REJECTED, _S.CANCELLED) or order.filled_quantity:
                yield f"{name} is {order.status} with {order.filled_quantity:f} filled; the exchange never had it"
            continue
        if order.status not in _ENDS[there.status]:
            yield f"{name} is {order.status}, at the exchange {there.status}"
        ours = (order.side.value, order.quantity, order.filled_quantity, order.price or ZERO, order.stop_price or ZERO)
        if ours != (there.side, there.quantity, there.executed, there.price, there.stop_price):
            yield f"{name}: {ours} here, {there} there"


def _late(scene: Scene, orders: dict[str, Order], truth: Truth) -> Iterator[str]:
    """Law 3: the exchange took nothing later than the window after its intent."""
    if scene.troubles.drifted:
        return
    for there in _ours(truth):
        ours = orders.get(there.client_id)
        after = 0.0 if ours is None else (there.time - to_ms(ours.intent_at)) / 1000
        if after > SEND_WINDOW.total_seconds() + SLACK:
            yield f"{there.client_id} was taken {after:.1f} s after its intent"


def _fills(fills: Sequence[Fill], truth: Truth) -> Iterator[str]:
    here = {f.fill_id: _said(f) for f in fills}
    there = {f"{e.symbol}-{e.id}-{e.client_id[-6:]}": _told(e) for e in truth.fills if e.client_id.startswith(OURS)}
    if len(here) != len(fills):
        yield "a fill is twice in the ledger"
    for fill_id in sorted(here.keys() | there.keys()):
        if here.get(fill_id) != there.get(fill_id):
            yield f"fill {fill_id}: {here.get(fill_id)} here, {there.get(fill_id)} there"


_Row = tuple[str, str, Decimal, Decimal, Decimal, int]


def _said(fill: Fill) -> _Row:
    return fill.client_id, fill.side.value, fill.quantity, fill.price, fill.fee, to_ms(fill.filled_at)


def _told(execution: Execution) -> _Row:
    side = "BUY" if execution.buyer else "SELL"
    e = execution
    return e.client_id, side, e.quantity, e.price, e.commission, e.time


def _claims(scene: Scene, truth: Truth) -> Iterator[str]:
    """What the ledger claims is there, and what lies in the account beside it is what was there before."""
    instruments = scene.instruments()
    account = scene.database.ledger.account(ACCOUNT)
    try:
        book = Book.load(scene.database.ledger, account, instruments)
    except LedgerError as error:
        yield f"the ledger cannot be: {error}"
        return
    claims: dict[str, Decimal] = {"USDT": from_atoms(book.portfolio.cash)}
    for holding in book.portfolio.holdings.values():
        base = instruments[holding.symbol].base
        claims[base] = claims.get(base, ZERO) + from_atoms(holding.atoms)
    if claims["USDT"] < 0:
        yield f"the ledger's cash is {claims['USDT']:f}"
    for asset, claim in claims.items():
        before = scene.began_with.get(asset, ZERO) - (account.cash if asset == "USDT" else ZERO)
        if claim > truth.total(asset):
            yield f"{asset}: {claim:f} claimed, {truth.total(asset):f} there"
        elif claim + before != truth.total(asset) and asset != "BNB":
            yield f"{asset}: {claim:f} claimed beside {before:f} of the operator's, {truth.total(asset):f} there"
    rows = {p.sleeve_id: p.quantity for p in scene.database.ledger.positions(ACCOUNT)}
    held = {s: from_atoms(h.atoms) for s, h in book.portfolio.holdings.items() if book.sleeve(s).lots}
    if any(rows[s] != held.get(s) for s in rows) or any(s not in rows for s in held if _worth_showing(scene, book, s)):
        yield f"positions {rows} are not what the fills make: {held}"


def _worth_showing(scene: Scene, book: Book, sleeve: str) -> bool:
    """More than dust by any rules that were in force."""
    holding = book.portfolio.holdings[sleeve]
    return not scene.bare.dust(holding.symbol, from_atoms(holding.atoms))


def _bare_words(spell: Spell) -> str:
    return f"{spell.symbol} lay bare from {spell.began_at:%H:%M:%S.%f} on for {spell.counted:.1f} s"


def _alerted(scene: Scene, spell: Spell) -> bool:
    """The operator was told of this instrument in time, or has been and nothing new was risked since."""
    assert spell.due_at is not None
    until = spell.due_at + timedelta(seconds=ALERT)
    if any(h.cause == UNCOVERED and spell.symbol in h.detail and h.raised_at <= until for h in scene.halts()):
        return True
    return any(
        spell.began_at <= at <= until and spell.symbol in words and level in ("error", "warning")
        for at, level, words in scene.alerts()
    )
