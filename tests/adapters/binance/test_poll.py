"""What happened to our orders: by the stream, and by asking while it is down, was down, or has lost something."""

from __future__ import annotations

import json
from collections import deque
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.domain.errors import VenueError
from engine.domain.order import OrderStatus
from tests.adapters.binance.trading import Trading, filled, statuses
from tests.exchange import Fault

WORKING, FILLED, EXPIRED = OrderStatus.WORKING, OrderStatus.FILLED, OrderStatus.EXPIRED


@pytest.fixture
def quiet() -> Trading:
    """No stream at all."""
    return Trading()


@pytest.fixture
def trading() -> Trading:
    """A stream that is up, with its first gap mended."""
    trading = Trading(streamed=True)
    trading.subscribe()
    trading.venue.poll()
    assert trading.venue.gap is None
    return trading


def asked(trading: Trading) -> int:
    return len(trading.exchange.requests)


def waiting(trading: Trading) -> deque[dict[str, Any]]:
    """What the exchange has said on the line and nobody has read yet."""
    assert trading.wire is not None
    assert trading.wire.subscription is not None
    return trading.wire.subscription.waiting


def reports_waiting(trading: Trading) -> list[dict[str, Any]]:
    return [event for event in waiting(trading) if event["e"] == "executionReport"]


def test_without_a_stream_orders_are_asked_for_every_two_seconds(quiet: Trading) -> None:
    order = quiet.limit("49000")
    quiet.venue.place([order])
    quiet.venue.poll()
    quiet.exchange.trade_through("BTCUSDT", Decimal(49000), Decimal("0.004"))
    quiet.clock.turn(1)
    assert quiet.venue.poll() == []
    quiet.clock.turn(1)
    (report,) = quiet.venue.poll()
    assert (report.status, filled(report)) == (WORKING, Decimal("0.004"))
    quiet.exchange.trade_through("BTCUSDT", Decimal(48000))
    quiet.clock.turn(2)
    (report,) = quiet.venue.poll()
    assert (report.status, filled(report), len(report.fills)) == (FILLED, Decimal("0.01"), 2)
    before = asked(quiet)
    for _ in range(10):
        quiet.clock.turn(2)
        assert quiet.venue.poll() == []
    assert asked(quiet) == before, "where nothing is open nothing is asked"


def test_the_stream_tells_of_fills_without_a_question(trading: Trading) -> None:
    order = trading.limit("49000")
    trading.venue.place([order])
    trading.hear()
    assert trading.venue.poll() == [], "what the answer said already is no news"
    trading.exchange.trade_through("BTCUSDT", Decimal(49000), Decimal("0.004"))
    trading.exchange.trade_through("BTCUSDT", Decimal(49000))
    trading.hear()
    before = asked(trading)
    (report,) = trading.venue.poll()
    assert (report.status, filled(report)) == (FILLED, Decimal("0.01"))
    done = trading.exchange.truth(trading.held).fills
    assert [(f.quantity, f.fee, f.fee_asset) for f in report.fills] == [
        (f.quantity, f.commission, f.commission_asset) for f in done
    ]
    trading.clock.turn(60)
    assert trading.venue.poll() == []
    assert asked(trading) == before


def test_an_entry_in_a_list_learns_its_fills_from_the_stream(trading: Trading, monkeypatch: pytest.MonkeyPatch) -> None:
    real = trading.transport.place

    def without_fills(*args: Any, **named: Any) -> Any:
        body = real(*args, **named)
        for row in body["orderReports"]:
            row.pop("fills", None)
        return body

    monkeypatch.setattr(trading.transport, "place", without_fills)
    orders = trading.otoco()
    assert statuses(trading.venue.place(orders))[0] is WORKING, "the answer to a list names no fills"
    trading.hear()
    before = asked(trading)
    reports = {r.client_id: r for r in trading.venue.poll()}
    assert (reports[orders[0].client_id].status, filled(reports[orders[0].client_id])) == (FILLED, Decimal("0.01"))
    assert asked(trading) == before


def test_a_triggered_stop_says_new_twice_and_takes_the_target_along(trading: Trading) -> None:
    stop, target = trading.oco()
    trading.venue.place([stop, target])
    trading.hear()
    trading.venue.poll()
    trading.exchange.trade_through("BTCUSDT", Decimal(47900))
    trading.hear()
    reports = {r.client_id: r for r in trading.venue.poll()}
    assert (reports[stop.client_id].status, filled(reports[stop.client_id])) == (FILLED, stop.quantity)
    assert reports[target.client_id].status is EXPIRED


def test_a_cancel_by_the_operator_is_told_under_our_id(trading: Trading) -> None:
    order = trading.limit("49000")
    trading.venue.place([order])
    trading.another_venue().cancel([order])
    trading.hear()
    (report,) = trading.venue.poll()
    assert (report.client_id, report.status) == (order.client_id, OrderStatus.CANCELLED)


@pytest.mark.parametrize("lost", ["the first fill", "the last fill", "everything"])
def test_what_the_stream_loses_is_asked_for(trading: Trading, lost: str) -> None:
    order = trading.limit("49000")
    trading.venue.place([order])
    trading.hear()
    trading.exchange.trade_through("BTCUSDT", Decimal(49000), Decimal("0.004"))
    trading.exchange.trade_through("BTCUSDT", Decimal(49000))
    first, last = reports_waiting(trading)
    kept = {"the first fill": [last], "the last fill": [first], "everything": []}[lost]
    waiting(trading).clear()
    waiting(trading).extend(kept)
    trading.hear()
    if lost != "the first fill":  # nothing that came shows that something is missing: only a break can tell
        assert trading.stream is not None
        trading.stream.lost("silent for 45 s")
        assert "down: silent" in str(trading.venue.gap)
        trading.clock.turn(2)
    reports = trading.venue.poll()
    assert (reports[-1].status, filled(reports[-1])) == (FILLED, Decimal("0.01"))


def test_repeated_and_reordered_events_say_the_same(trading: Trading) -> None:
    order = trading.limit("49000")
    trading.venue.place([order])
    trading.hear()
    trading.exchange.trade_through("BTCUSDT", Decimal(49000), Decimal("0.004"))
    trading.exchange.trade_through("BTCUSDT", Decimal(49000))
    backwards = reports_waiting(trading)[::-1]
    waiting(trading).clear()
    waiting(trading).extend(backwards + backwards)
    trading.hear()
    before = asked(trading)
    (report,) = trading.venue.poll()
    assert (report.status, filled(report), len(report.fills)) == (FILLED, Decimal("0.01"), 2)
    assert asked(trading) == before


def test_old_news_does_not_reopen_an_order(trading: Trading) -> None:
    order = trading.limit("49000")
    trading.venue.place([order])
    trading.hear()
    trading.exchange.trade_through("BTCUSDT", Decimal(48000))
    trading.hear()
    trading.venue.poll()
    waiting(trading).extend(e for e in trading.held.inbox.told if e["e"] == "executionReport")
    trading.hear()
    assert trading.venue.poll() == []


def test_a_gap_lasts_until_every_order_was_asked_for(trading: Trading) -> None:
    order = trading.limit("49000")
    trading.venue.place([order])
    trading.hear()
    trading.venue.poll()
    assert trading.stream is not None
    trading.stream.lost("Binance ends the stream: serverShutdown")
    trading.exchange.trade_through("BTCUSDT", Decimal(48000))
    trading.subscribe()
    assert "interrupted" in str(trading.venue.gap)
    trading.exchange.faults.add(Fault.drop().on("openOrders"))
    trading.clock.turn(2)
    with pytest.raises(VenueError):
        trading.venue.poll()
    assert trading.venue.gap is not None
    trading.clock.turn(2)
    assert statuses(trading.venue.poll()) == [FILLED]
    assert trading.venue.gap is None


def test_an_answer_that_is_behind_does_not_reopen_an_order(trading: Trading) -> None:
    """Questions are answered from a copy that may lag: the stream has told the end, the answer still says NEW."""
    order = trading.limit("49000")
    trading.venue.place([order])
    told = trading.exchange.truth(trading.held).orders[0]
    trading.exchange.trade_through("BTCUSDT", Decimal(48000))
    trading.hear()
    trading.venue.poll()
    stale = {
        "symbol": "BTCUSDT", "orderId": told.id, "clientOrderId": order.client_id, "updateTime": told.time,
        "executedQty": "0.00000000", "status": "NEW",
    }  # fmt: skip
    trading.exchange.faults.add(Fault.body(json.dumps(stale)).on("order", "GET"))
    found = trading.venue.find(order)
    assert found is not None
    assert (found.status, filled(found)) == (FILLED, order.quantity)


def test_news_is_not_lost_when_asking_fails(trading: Trading) -> None:
    order, resting = trading.limit("49000"), trading.limit("40000")
    trading.venue.place([resting])
    trading.venue.place([order])
    trading.exchange.trade_through("BTCUSDT", Decimal(48000))
    trading.hear()
    assert trading.stream is not None
    trading.stream.lost("closed")
    trading.exchange.faults.add(Fault.drop(), times=9)
    trading.clock.turn(2)
    reports = {r.client_id: r.status for r in trading.venue.poll()}
    assert reports[order.client_id] is FILLED
    trading.clock.turn(2)
    with pytest.raises(VenueError):
        trading.venue.poll()


def test_after_a_restart_remembered_orders_are_asked_for_and_news_is_told(trading: Trading) -> None:
    stop, target = trading.oco()
    trading.venue.place([stop, target])
    trading.exchange.trade_through("BTCUSDT", Decimal(47900))
    venue = trading.another_venue()
    venue.remember([stop, target])
    reports = {r.client_id: r for r in venue.poll()}
    assert (reports[stop.client_id].status, filled(reports[stop.client_id])) == (FILLED, stop.quantity)
    assert reports[target.client_id].status is EXPIRED


def test_what_never_arrived_is_asked_for_a_minute_and_then_no_more(quiet: Trading) -> None:
    order = quiet.limit("49000")
    quiet.venue.remember([order])
    for _ in range(40):
        quiet.clock.turn(2)
        assert quiet.venue.poll() == []
    before = asked(quiet)
    quiet.clock.turn(2)
    quiet.venue.poll()
    assert asked(quiet) == before


def test_asking_stays_far_from_the_limit(quiet: Trading) -> None:
    """A stream that is down for minutes, with many orders: no 429, and room for orders all the while."""
    orders = [quiet.limit("49000", quantity=Decimal("0.001")) for _ in range(12)]
    for order in orders:
        quiet.venue.place([order])
    for _ in range(600):
        quiet.clock.turn(0.2)
        quiet.venue.poll()
    assert quiet.exchange.limits.refused == {}
    assert quiet.transport.budget.used < 1000
    assert quiet.clock.now() > orders[0].intent_at + timedelta(minutes=1)


def test_a_stream_that_is_back_is_mended_at_once(trading: Trading) -> None:
    trading.venue.place([trading.limit("49000")])
    assert trading.stream is not None
    trading.stream.lost("reset")
    trading.clock.turn(2)
    trading.venue.poll()
    trading.subscribe()
    assert trading.venue.gap is not None
    trading.venue.poll()
    assert trading.venue.gap is None, "no two seconds have passed since the last time"
