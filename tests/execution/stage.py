"""A stage for the desk: one account on SQLite, a book, a desk, a venue; `restart` is what a kill leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from engine.adapters.database.database import open_database
from engine.adapters.paper.venue import PaperVenue
from engine.domain.account import AccountKind
from engine.domain.decision import Decision
from engine.domain.order import ApprovedOrder, ExitReason, Order, OrderStatus, Purpose, client_order_id
from engine.domain.quote import Quote
from engine.domain.signal import Signal
from engine.execution.book import Book
from engine.execution.desk import Desk
from engine.execution.protect import closing
from engine.portfolio.canonical import ledger_sha256, trades_sha256
from engine.ports import Broker, Lease, Ledger, Step
from engine.risk.approve import approve_entry, approve_exit
from tests.builders import instrument
from tests.contracts.wall import NOON, PAPER, Wall, a_decision, an_account, an_order
from tests.execution.venues import PRICE, ScriptedVenue
from tests.sqlite_file import migrated_file

BTC = instrument(lot="0.001")
SLEEVE = "s1"


class Told:
    """Implements ports.Notifier."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def tell(self, level: str, text: str) -> None:
        self.texts.append(f"{level}: {text}")


class Stage:
    """`between` may wrap ledger and broker, to break a call."""

    def __init__(self, folder: Path, *, paper: bool = False) -> None:
        self.wall = Wall()
        self.database = open_database(migrated_file(folder), now=self.wall.now)
        self.ledger: Ledger = self.database.ledger
        self.account = an_account(kind=AccountKind.REPLAY if paper else AccountKind.PAPER)
        self.ledger.open_account(self.account)
        self.venue = ScriptedVenue(self.ledger)
        self.told = Told()
        self.instrument = BTC
        self._paper = paper
        self.wrap: Callable[[Ledger, Broker], tuple[Ledger, Broker]] = lambda ledger, broker: (ledger, broker)
        self.load()

    def load(self) -> None:
        """Begin as a new process does: everything from the ledger, orders looked up, then what is due."""
        broker: Broker = self._paper_venue() if self._paper else self.venue
        ledger, broker = self.wrap(self.ledger, broker)
        self.book = Book.load(ledger, self.account, {"BTCUSDT": self.instrument})
        self.desk = Desk(
            self.book, broker, ledger, clock=self.wall, notifier=self.told, lease=self._take_lease
        )  # fmt: skip

    def restart(self) -> None:
        """Load anew and take up what was left."""
        self.load()
        self.desk.resolve()
        self.desk.collect()
        self.desk.carry_out()

    def with_smallest_order(self, least: str) -> Stage:
        """The same account, where the venue's smallest order is another now."""
        self.instrument = replace(self.instrument, min_notional=Decimal(least))
        self.load()
        return self

    def _take_lease(self) -> Lease:
        lease = self.ledger.take_lease(PAPER, "engine-1", self.wall.now(), 60)
        assert lease is not None
        return lease

    def _paper_venue(self) -> PaperVenue:
        venue = PaperVenue(self.account, {"BTCUSDT": BTC}, self.account.costs)
        ledger = self.ledger
        venue.restore(ledger.orders(PAPER), ledger.fills(PAPER), ledger.flows(PAPER))
        venue.quote(Quote(symbol="BTCUSDT", bid=PRICE, ask=PRICE, as_of=NOON))
        return venue

    # ------------------------------------------------------------------ what a cycle would ask for

    def decide_entry(self, quantity: str = "0.1", *, sleeve_id: str = SLEEVE, **changes: Any) -> Order:
        """Commit an entry's intent, decided and intended now; nothing is sent."""
        client_id = client_order_id(
            account_id=PAPER, sleeve_id=sleeve_id, symbol="BTCUSDT", bar_close_at=self.wall.now(),
            purpose=Purpose.ENTRY, generation=self.book.sleeve(sleeve_id).generation(Purpose.ENTRY, self.wall.now()),
        )  # fmt: skip
        order = an_order(
            client_id, quantity=Decimal(quantity), target_ratio=Decimal("0.05"), bar_close_at=self.wall.now(),
            intent_at=self.wall.now(), sleeve_id=sleeve_id, **changes,
        )  # fmt: skip
        draft = self.desk.draft()
        draft.decisions.append(_bought(order))
        self.book.add(self.approved(order), draft)
        self.desk.commit(draft)
        return order

    def approved(self, order: Order) -> ApprovedOrder:
        """As the gates let it through."""
        return approve_entry(order, _bought(order))

    def decide_exit(self, quantity: str | None = None) -> Order:
        """Ask for the protection to be cancelled and commit the exit's intent, as a SELL decision does; of a part, as
        the operator may."""
        draft = self.desk.draft()
        self.book.ask_cancel(self.book.sleeve(SLEEVE).protection, "exit decided", draft)
        order = closing(self.book, SLEEVE, ExitReason.SIGNAL, self.wall.now(), self.wall.now())
        if quantity is not None:
            order = replace(order, quantity=Decimal(quantity))
        self.book.add(approve_exit(order), draft)
        self.desk.commit(draft)
        return order

    def file_order(self, order: Order) -> None:
        """Commit an order of another account, past the desk."""
        step = Step(account_id=order.account_id, at=self.wall.now(), intents=(order,))
        self.ledger.commit(step, self._take_lease())

    def enter(self, quantity: str = "0.1") -> Order:
        """Buy, and be protected."""
        order = self.decide_entry(quantity)
        self.desk.carry_out()
        return order

    # ------------------------------------------------------------------ what came of it

    def status(self, order: Order) -> OrderStatus:
        """As the ledger has it."""
        return next(o.status for o in self.ledger.orders(PAPER) if o.client_id == order.client_id)

    def orders(self, purpose: Purpose) -> list[Order]:
        """The ledger's orders of one purpose."""
        return [o for o in self.ledger.orders(PAPER) if o.purpose is purpose]

    def causes(self) -> list[str]:
        """Open halts' causes."""
        return [h.cause for h in self.ledger.halts(PAPER)]

    def hashes(self) -> tuple[str, str]:
        """Canonical hashes of everything that happened."""
        ledger = self.ledger
        return (
            ledger_sha256(ledger.decisions(PAPER), ledger.orders(PAPER), ledger.fills(PAPER)),
            trades_sha256(ledger.trades(PAPER)),
        )

    def covered(self) -> bool:
        """The venue holds a stop over exactly what the ledger says can be sold."""
        return sum(self.venue.resting().values(), Decimal(0)) == self.book.sleeve(SLEEVE).quantity

    def check(self) -> None:
        """Book and ledger agree, on orders, money and coins."""
        again = Book.load(self.ledger, self.account, {"BTCUSDT": self.instrument})
        assert again.orders == self.book.orders
        assert again.portfolio == self.book.portfolio
        positions = {p.sleeve_id: p.sellable for p in self.ledger.positions(PAPER)}
        held = {s: self.book.sleeve(s).quantity for s in self.book.portfolio.holdings}
        assert positions == {s: quantity for s, quantity in held.items() if quantity}

    def close(self) -> None:
        """Let the database go."""
        self.database.close()


def _bought(order: Order) -> Decision:
    return a_decision(
        order.bar_close_at, action=Signal.BUY, quantity=order.quantity, sleeve_id=order.sleeve_id, gates=(),
        held_by=None,
    )  # fmt: skip


__all__ = ["BTC", "NOON", "PRICE", "SLEEVE", "Stage"]
