"""What a ticket is told of the gates beforehand is what they say when the order comes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from engine.autotrader.status import status_of
from engine.domain.command import CommandKind, CommandState
from engine.domain.halt import HaltKind
from engine.domain.interval import iso
from engine.domain.order import Side
from engine.ports import LOOKED_AT
from engine.queries.manual_gates import TELLS, gates_before, read_view
from engine.queries.price import read_price
from engine.queries.ticket import Ticket
from tests.autotrader.test_desk_work import near, ticket
from tests.autotrader.town import ACCOUNT, Town
from tests.contracts.wall import a_halt

K, S = CommandKind, CommandState


def look(town: Town, symbol: str = "BTCUSDT", seconds: int = 40) -> None:
    """A screen looks at an instrument, and the engine tells how things stand."""
    until = iso(town.clock.now() + timedelta(seconds=seconds))
    town.board.put_setting(LOOKED_AT, {"symbol": symbol, "until": until}, quiet=True)
    town.board.beat("engine-1", town.clock.now(), status_of(town.house))


def said_before(town: Town, wanted: Ticket) -> str | None:
    """The first gate that is against it, as the console shows it."""
    account = town.ledger.account(ACCOUNT)
    price = read_price(town.stores, account, wanted.symbol)
    assert price is not None
    gates = gates_before(town.stores, account, wanted, price)
    assert gates is not None
    return next((gate.detail for gate in gates if not gate.passed), None)


def buying(quantity: str, symbol: str = "BTCUSDT") -> Ticket:
    return Ticket(symbol=symbol, side=Side.BUY, kind="MARKET", quantity=Decimal(quantity))


@pytest.mark.parametrize("quantity", ["0.001", "0.02", "0.06", "0.1", "1"])
@pytest.mark.parametrize("before", ["nothing", "held", "waiting", "halted"])
def test_the_gates_say_before_what_they_say_afterwards(town: Town, quantity: str, before: str) -> None:
    if before == "held":
        town.buy("0.80", "ETHUSDT")
        town.buy("0.02")
    if before == "waiting":
        town.ask(K.PLACE_ORDER, ticket("BUY", "LIMIT", "0.04", price=near(town, "0.5")))
    if before == "halted":
        town.ledger.raise_halt(a_halt("drawdown", HaltKind.HALT, account_id=ACCOUNT))
    town.session.price("BTCUSDT")
    look(town)
    wanted = buying(quantity)
    foretold = said_before(town, wanted)
    answered = town.ask(K.PLACE_ORDER, wanted.payload())
    assert (answered.state is S.REFUSED) == (foretold is not None), answered.message
    if foretold is not None:
        assert answered.message == foretold


def test_only_what_a_screen_looks_at_now_is_told(town: Town) -> None:
    town.session.price("BTCUSDT")
    look(town, seconds=-1)
    assert status_of(town.house)[TELLS] is None
    look(town, "ETHUSDT")
    assert status_of(town.house)[TELLS] is None, "its price has not been asked for yet"
    look(town)
    view = read_view(town.stores, "BTCUSDT")
    assert view is not None
    assert (view.cash, view.equity, view.held) == (Decimal(10_000), Decimal(10_000), Decimal(0))
    assert view.quote == "USDT"


def test_open_buys_count_as_if_they_were_filled(town: Town) -> None:
    limit = near(town, "0.5")
    town.ask(K.PLACE_ORDER, ticket("BUY", "LIMIT", "0.04", price=limit))
    town.session.price("BTCUSDT")
    look(town)
    view = read_view(town.stores, "BTCUSDT")
    assert view is not None
    waiting = Decimal(limit) * Decimal("0.04")
    assert (view.cash, view.exposure, view.in_instrument) == (10_000 - waiting, waiting, waiting)
