"""Orders against real prices: recorded ticks and bars decide what fills, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from engine.domain.interval import Interval, from_ms, to_ms
from tests.exchange import recorded
from tests.exchange.client import Trader
from tests.exchange.clock import TurnedClock
from tests.exchange.exchange import Exchange
from tests.exchange.listing import BTCUSDT, ETHUSDT

pytestmark = pytest.mark.market_data


@pytest.fixture
def ticks(shared: Path) -> Path:
    return shared / "data" / "ticks" / "spot-btcusdt-20240809.ns.gz"


def test_a_ladder_of_bids_over_five_minutes_of_ticks(ticks: Path) -> None:
    """Each bid fills exactly when the tape first trades through it, or as much as trades at it, never below."""
    tape = recorded.ticks(BTCUSDT, ticks)
    assert len(tape.times) == 10_147
    clock = TurnedClock(from_ms(int(tape.times[0])))
    exchange = Exchange([tape], clock)
    trader = Trader(exchange, exchange.open_account("main", {"USDT": "1000000"}))
    first = tape.price(0)
    lowest = min(tape.ticks) * BTCUSDT.tick
    prices = [first - 10 * n for n in range(1, 21)]
    for price in prices:
        trader.order("BUY", "LIMIT", timeInForce="GTC", quantity="0.01", price=price)
    for _ in range(31):
        clock.turn(10)
        exchange.settle()
    truth = exchange.truth(trader.account)
    for order in truth.orders:
        through = [i for i in range(len(tape.times)) if tape.price(i) < order.price]
        assert (order.status == "FILLED") >= bool(through)
        if order.price < lowest:
            assert order.executed == 0
        if through and order.executed:
            last = max(fill.time for fill in truth.fills if fill.order_id == order.id)
            assert last <= tape.times[through[0]]
    assert {fill.price for fill in truth.fills} == {order.price for order in truth.orders if order.executed}
    assert 0 < len(truth.fills)


def test_an_oco_meets_recorded_hours(shared: Path) -> None:
    """On 5 August 2024 ETH fell from about 2,690 to 2,111 within hours: the stop sells near its price."""
    path = shared / "data" / "bars" / "ETHUSDT-1h.parquet"
    start = datetime(2024, 8, 4, tzinfo=UTC)
    tape = recorded.bars(ETHUSDT, path, Interval.H1, to_ms(start), to_ms(start + timedelta(days=3)))
    exchange = Exchange([tape], TurnedClock(start + timedelta(hours=12)))
    trader = Trader(exchange, exchange.open_account("main", {"ETH": "1", "USDT": "0"}))
    last = exchange.books["ETHUSDT"].last(exchange.now_ms)
    placed = trader.ask(
        "POST", "orderList/oco", symbol="ETHUSDT", side="SELL", quantity="1", aboveType="LIMIT_MAKER",
        abovePrice=last + 300, belowType="STOP_LOSS", belowStopPrice=last - 200,
    )  # fmt: skip
    assert placed["listOrderStatus"] == "EXECUTING"
    exchange.clock.turn(2 * 86_400)
    stop, target = exchange.truth(trader.account).orders
    assert (stop.status, target.status) == ("FILLED", "EXPIRED")
    assert stop.quote / stop.executed < last - 200
    assert start < from_ms(stop.update_time) < start + timedelta(days=2)
    assert exchange.truth(trader.account).total("USDT") == stop.quote - (stop.quote * Decimal("0.001")).quantize(
        Decimal("1e-8"), "ROUND_DOWN"
    )
