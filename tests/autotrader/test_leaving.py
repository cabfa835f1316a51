"""An account at an exchange is left for another: nothing stays behind that could fill with nobody to guard it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from engine.domain.command import CommandKind
from engine.domain.errors import OrderOutcomeUnknown
from engine.domain.order import OrderStatus, Purpose
from tests.autotrader.abroad import K, S, open_account
from tests.autotrader.town import Town
from tests.fakes.venue import FakeVenue

OTHER = {"name": "at home", "source": "SIMULATED", "cash": "1000"}


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """An account on the testnet that waits to buy far below the market, and holds something under its stop."""
    one = Town(tmp_path)
    assert one.house.lease.keep()
    assert one.ask(K.OPEN_ACCOUNT, OTHER).state is S.DONE
    assert open_account(one, "TESTNET", "10000").state is S.DONE
    assert one.buy("0.1", "ETHUSDT").state is S.DONE
    ticket = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "quantity": "0.002", "price": "30000"}
    assert one.ask(K.PLACE_ORDER, ticket).state is S.DONE
    yield one
    one.close()


def left_open(town: Town) -> list[tuple[Purpose, OrderStatus]]:
    [testnet] = [a for a in town.ledger.accounts() if a.kind.at_exchange]
    return sorted({(o.purpose, o.status) for o in town.ledger.orders(testnet.account_id, open_only=True)})


GUARDS = [(Purpose.STOP, OrderStatus.WORKING), (Purpose.TARGET, OrderStatus.WORKING)]


def no_answer(*_: Any) -> Sequence[Any]:
    raise OrderOutcomeUnknown("no answer")


def test_what_waits_to_buy_is_cancelled_and_what_guards_stays(town: Town) -> None:
    assert (Purpose.ENTRY, OrderStatus.WORKING) in left_open(town)
    assert town.ask(K.OPEN_ACCOUNT, OTHER).state is S.DONE
    assert left_open(town) == GUARDS


def test_it_stays_in_use_until_the_cancel_is_confirmed(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    testnet = town.session.account.account_id
    with monkeypatch.context() as away:
        away.setattr(FakeVenue, "cancel", no_answer)
        away.setattr(FakeVenue, "find", no_answer)
        refused = town.ask(K.OPEN_ACCOUNT, OTHER)
    assert (refused.state, "orders on their way (BTCUSDT)" in refused.message) == (S.REFUSED, True)
    assert len(town.ledger.accounts()) == 2
    assert town.board.setting("account_id") == testnet
    assert town.ask(K.OPEN_ACCOUNT, OTHER).state is S.DONE
    assert left_open(town) == GUARDS


def test_without_a_session_nothing_is_confirmed(town: Town) -> None:
    town.house.leave("the exchange is away")
    assert town.ask(K.OPEN_ACCOUNT, OTHER).state is S.REFUSED


@pytest.mark.parametrize("kind", [K.USE_ACCOUNT, K.RESET_ACCOUNT])
def test_another_that_is_used_or_started_again_is_gone_to_the_same_way(town: Town, kind: CommandKind) -> None:
    other = town.ledger.accounts()[0]
    assert town.ask(kind, {"account_id": other.account_id, "typed": "RESET"}).state is S.DONE
    assert left_open(town) == GUARDS


def test_the_one_that_is_in_use_already_is_not_left(town: Town) -> None:
    waiting = left_open(town)
    assert town.ask(K.USE_ACCOUNT, {"account_id": town.session.account.account_id}).state is S.DONE
    assert left_open(town) == waiting
