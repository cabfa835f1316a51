"""What a commit leaves in the tables beside what the port gives back, and what happens when two meet."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from decimal import Decimal
from threading import Event

from sqlalchemy import select

from engine.adapters.database.commit import StepWriter
from engine.adapters.database.database import Database, open_database
from engine.adapters.database.engine import reading, writing
from engine.adapters.database.tables import order_events, promotions
from engine.domain.errors import TradingHalted
from engine.domain.order import OrderStatus
from engine.ports import OrderUpdate
from tests.contracts.test_model_store import a_model, a_version
from tests.contracts.wall import NOON, PAPER, Wall, a_halt, a_step, an_order, hours, leased


def test_every_transition_is_kept_with_its_cause(database: Database) -> None:
    lease = leased(database.ledger)
    order = an_order()
    sent = OrderUpdate(order=replace(order, status=OrderStatus.SENT), cause="sent", at=hours(1))
    part = replace(order, status=OrderStatus.WORKING, filled_quantity=Decimal("0.5"))
    database.ledger.commit(a_step(intents=[order]), lease)
    database.ledger.commit(a_step(intents=[order], updates=[sent]), lease)
    database.ledger.commit(a_step(updates=[OrderUpdate(order=part, cause="partial fill", at=hours(2))]), lease)
    c = order_events.c
    with reading(database.engine) as connection:
        rows = connection.execute(select(c.at, c.status, c.filled_quantity, c.cause).order_by(c.row)).all()
    assert [tuple(row) for row in rows] == [
        (NOON, OrderStatus.INTENT, Decimal(0), "intent"),
        (hours(1), OrderStatus.SENT, Decimal(0), "sent"),
        (hours(2), OrderStatus.WORKING, Decimal("0.5"), "partial fill"),
    ]


def test_every_promotion_is_kept_with_who_and_when(database: Database) -> None:
    store = database.models
    store.add_model(a_model())
    store.add_version(a_version(1))
    store.add_version(a_version(2))
    store.promote("m1.2", hours(5), "operator")
    store.promote("m1.2", hours(6), "operator")
    c = promotions.c
    with reading(database.engine) as connection:
        rows = connection.execute(select(c.version_id, c.at, c.promoted_by).order_by(c.row)).all()
    assert [tuple(row) for row in rows] == [("m1.1", hours(1), "first version"), ("m1.2", hours(5), "operator")]


def test_the_halt_button_waits_for_an_entry_that_is_being_written(database: Database) -> None:
    lease = leased(database.ledger)
    with ThreadPoolExecutor(1) as pool:
        with writing(database.engine) as connection:
            writer = StepWriter(database.engine.dialect)
            writer.write(connection, a_step(intents=[an_order()]), lease, NOON)
            pressed = pool.submit(database.ledger.raise_halt, a_halt())
            assert wait([pressed], timeout=0.5).not_done, "it answered before the entry was committed"
        assert pressed.result(30)


def test_once_the_halt_button_has_answered_no_entry_is_committed(database: Database, url: str, wall: Wall) -> None:
    """One thread commits entries as fast as it can, another presses the button through connections of its own."""
    lease = leased(database.ledger)
    under_way = Event()

    def trade() -> int:
        for n in range(20_000):
            try:
                database.ledger.commit(a_step(intents=[an_order(f"aa{n}")]), lease)
            except TradingHalted:
                return n
            if n == 20:
                under_way.set()
        return -1

    with ThreadPoolExecutor(1) as pool:
        trading = pool.submit(trade)
        assert under_way.wait(30)
        button = open_database(url, now=wall.now)
        assert button.ledger.raise_halt(a_halt())
        when_answered = len(button.ledger.orders(PAPER))
        stopped_at = trading.result()
        button.close()
    assert stopped_at == when_answered == len(database.ledger.orders(PAPER))
    assert stopped_at > 20
