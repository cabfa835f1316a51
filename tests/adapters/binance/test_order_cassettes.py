"""The venue plays every recorded signed call, without a server; what it sends has to be what was sent then."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from vcr.errors import CannotOverwriteExistingCassetteException

from engine.adapters.binance.signing import api_key
from engine.domain.order import OrderStatus, OrderType, Purpose, Side
from engine.domain.venue import OTOCO, CanaryResult, Commission
from engine.ports import Standing
from tests.adapters.binance.trading import filled, statuses
from tests.exchange import TurnedClock
from tests.record import calls
from tests.record.cassette import deck, recorded_at
from tests.record.orders import Caller

NOBODY = "http://127.0.0.1:9"
CASSETTES = calls.FOLDER / "binance" / "cassettes"
KEY = api_key(key="another key", secret="than was used")
FILLED, WORKING, EXPIRED = OrderStatus.FILLED, OrderStatus.WORKING, OrderStatus.EXPIRED


def played(name: str) -> Any:
    path = CASSETTES / f"{name}.yaml"
    with deck("none").use_cassette(str(path)) as cassette:
        result = Caller(NOBODY, KEY, TurnedClock(recorded_at(path)), name).run()
        assert cassette.all_played
    return result


def test_a_market_order() -> None:
    (report,) = played("order_market")
    assert (report.status, filled(report)) == (FILLED, Decimal("0.001"))


def test_a_refused_order() -> None:
    (report,) = played("order_refused")
    assert report.status is OrderStatus.REJECTED
    assert "insufficient balance" in report.message


def test_looking_up() -> None:
    assert played("order_found").status is WORKING
    assert played("order_not_found") is None


def test_cancelling() -> None:
    assert statuses(played("order_cancelled")) == [OrderStatus.CANCELLED]
    assert played("order_not_cancelled") == []
    assert statuses(played("list_cancelled")).count(OrderStatus.CANCELLED) == 2


def test_an_entry_with_its_protection() -> None:
    assert statuses(played("entry_filled")) == [FILLED, WORKING, WORKING]
    assert statuses(played("entry_expired")) == [EXPIRED] * 3


def test_the_account() -> None:
    standing = played("standing")
    assert isinstance(standing, Standing)
    assert statuses(standing.open_orders) == [WORKING]
    assert standing.balances["USDT"].locked > 0
    assert played("open_orders") == []
    fees = played("commission")
    assert isinstance(fees, Commission)
    assert 0 <= fees.buy_ratio < Decimal("0.01")


def test_the_canary() -> None:
    result = played("canary")
    assert isinstance(result, CanaryResult)
    assert result.proved(OTOCO), result.details


def test_another_quantity_does_not_play() -> None:
    path = CASSETTES / "order_market.yaml"
    with deck("none").use_cassette(str(path)):
        caller = Caller(NOBODY, KEY, TurnedClock(recorded_at(path)), "order_market")
        order = caller.order(OrderType.MARKET, Side.BUY, Purpose.ENTRY, quantity=Decimal("0.002"))
        with pytest.raises(CannotOverwriteExistingCassetteException):
            caller.venue.place([order])
