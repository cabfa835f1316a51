"""What a fill is called: one name for one execution, whatever the exchange numbers it, and however often it is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.adapters.binance.register import Register
from engine.adapters.binance.reports import Execution
from engine.domain.fill import Fill
from engine.domain.order import Order
from tests.adapters.binance.trading import Trading


@pytest.fixture
def trading() -> Trading:
    return Trading()


def bought(trading: Trading) -> tuple[Order, Fill]:
    order = trading.order()
    (report,) = trading.venue.place([order])
    (fill,) = report.fills
    return order, fill


def test_a_trade_numbered_as_one_before_the_reset_is_another_fill(trading: Trading) -> None:
    _, before = bought(trading)
    afresh = Trading()  # the exchange counts from the beginning, our orders are new
    afresh.number = trading.number
    _, after = bought(afresh)
    assert before.fill_id.split("-")[:2] == after.fill_id.split("-")[:2]
    assert before.fill_id != after.fill_id


def test_a_fill_that_was_stored_under_its_short_name_keeps_it_and_is_not_told_twice(trading: Trading) -> None:
    order, fill = bought(trading)
    stored = replace(fill, fill_id=fill.fill_id.rpartition("-")[0])
    tracked = Register({"BTCUSDT": ("BTC", "USDT")}, "USDT").add(order)
    tracked.fills[stored.fill_id] = stored
    again = Execution(
        trade_id=int(stored.fill_id.rpartition("-")[2]), quantity=fill.quantity, price=fill.price, fee=fill.fee,
        fee_asset=fill.fee_asset, at=fill.filled_at,
    )  # fmt: skip
    tracked.add([again, replace(again, trade_id=again.trade_id + 1), again])
    other = replace(fill, fill_id=f"BTCUSDT-{again.trade_id + 1}-{order.client_id[-6:]}")
    assert tracked.report().fills == (stored, other)
