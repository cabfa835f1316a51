"""Orders at the test exchange: what is told is what happened, and nothing is sent twice or late."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.adapters.binance.signed import RECEIVE_WINDOW
from engine.domain.errors import ClockSkew, OrderOutcomeUnknown, RateLimited, VenueError, VenueUnavailable
from engine.domain.order import OrderStatus, OrderType, Side, TimeInForce, hashed_id
from tests.adapters.binance.trading import Trading, filled, statuses
from tests.exchange import Fault

WORKING, FILLED, EXPIRED = OrderStatus.WORKING, OrderStatus.FILLED, OrderStatus.EXPIRED
CANCELLED, REJECTED = OrderStatus.CANCELLED, OrderStatus.REJECTED


@pytest.fixture
def trading() -> Trading:
    return Trading()


def test_a_market_order_comes_back_with_its_fills_and_fees(trading: Trading) -> None:
    order = trading.order()
    (report,) = trading.venue.place([order])
    (fill,) = report.fills
    (done,) = trading.exchange.truth(trading.held).fills
    assert (report.client_id, report.status) == (order.client_id, FILLED)
    assert (fill.fill_id, fill.client_id, fill.account_id, fill.sleeve_id) == (
        f"BTCUSDT-{done.id}-{order.client_id[-6:]}", order.client_id, "t1", "s1",
    )  # fmt: skip
    assert (fill.quantity, fill.price) == (Decimal("0.01"), done.price)
    assert (fill.fee, fill.fee_asset) == (done.commission, "BTC")
    assert fill.filled_at == trading.clock.now()


def test_what_is_sent_is_fixed_point_with_our_id_and_a_short_window(trading: Trading) -> None:
    order = trading.order(quantity=Decimal("1E-4"))
    trading.venue.place([order])
    request = trading.exchange.requests[-1]
    sent = dict(pair.split("=") for pair in request.body.decode().split("&"))
    assert sent["quantity"] == "0.0001"
    assert sent["newClientOrderId"] == order.client_id
    assert int(sent["recvWindow"]) == RECEIVE_WINDOW == 3000
    assert request.raw_query == ""


def test_a_limit_rests_and_a_hopeless_fok_expires(trading: Trading) -> None:
    resting, hopeless = trading.limit("49000"), trading.limit("49000", time_in_force=TimeInForce.FOK)
    assert statuses(trading.venue.place([resting])) == [WORKING]
    assert statuses(trading.venue.place([hopeless])) == [EXPIRED]


def test_a_stop_and_an_oco_rest(trading: Trading) -> None:
    assert statuses(trading.venue.place([trading.stop("48000")])) == [WORKING]
    pair = trading.oco()
    assert statuses(trading.venue.place(pair)) == [WORKING, WORKING]
    there = {o.client_id: o for o in trading.exchange.truth(trading.held).open_orders()}
    assert [there[o.client_id].type for o in pair] == ["STOP_LOSS", "LIMIT_MAKER"]
    (listed,) = trading.exchange.truth(trading.held).lists
    assert listed.client_id == pair[0].list_id


def test_an_entry_brings_its_protection_in_the_same_request(trading: Trading) -> None:
    entry, stop, target = trading.otoco()
    trading.venue.place([entry, stop, target])
    found = [trading.venue.find(order) for order in (entry, stop, target)]
    assert [r and r.status for r in found] == [FILLED, WORKING, WORKING]
    assert found[0] is not None
    assert filled(found[0]) == Decimal("0.01")
    assert [r.method for r in trading.exchange.requests if r.method == "POST"] == ["POST"]


def test_an_entry_that_does_not_fill_takes_its_protection_with_it(trading: Trading) -> None:
    assert statuses(trading.venue.place(trading.otoco("49000"))) == [EXPIRED] * 3
    assert trading.exchange.truth(trading.held).open_orders() == ()


def test_an_entry_with_only_a_stop(trading: Trading) -> None:
    entry, stop, _ = trading.otoco()
    trading.venue.place([entry, stop])
    found = trading.venue.find(stop)
    assert found is not None
    assert found.status is WORKING


def test_a_refusal_is_a_report_and_leaves_nothing_behind(trading: Trading) -> None:
    (report,) = trading.venue.place([trading.order(quantity=Decimal(9))])
    assert report.status is REJECTED
    assert "insufficient balance" in report.message
    pair = trading.oco(stop="51000")
    assert statuses(trading.venue.place(pair)) == [REJECTED, REJECTED]
    assert trading.exchange.truth(trading.held).orders == ()


def test_what_cannot_be_said_is_refused_before_it_is_sent(trading: Trading) -> None:
    before = len(trading.exchange.requests)
    for wrong in (
        [trading.order(symbol="BTC/USDT")],
        [trading.order(OrderType.LIMIT)],
        [trading.order(), trading.order()],
        [trading.stop("48000"), trading.stop("47000")],
        [replace(o, quantity=o.quantity * (i + 1)) for i, o in enumerate(trading.oco())],
    ):
        assert set(statuses(trading.venue.place(wrong))) == {REJECTED}
    assert len(trading.exchange.requests) == before + 1, "the clock was asked for the first of them, nothing else"


# ---------------------------------------------------------------- nothing twice, nothing late


@pytest.mark.parametrize(
    "fault", [Fault.lost_reply(), Fault.slow_reply(20), Fault.unexpected().after(), Fault.timed_out().after()]
)
def test_a_lost_answer_is_looked_up_and_never_sent_again(trading: Trading, fault: Fault) -> None:
    order = trading.order()
    trading.exchange.faults.add(fault.on("order", "POST"))
    with pytest.raises(OrderOutcomeUnknown):
        trading.venue.place([order])
    with pytest.raises(OrderOutcomeUnknown, match="was sent before"):
        trading.venue.place([order])
    found = trading.venue.find(order)
    assert found is not None
    assert (found.status, filled(found)) == (FILLED, order.quantity)
    assert len(trading.exchange.truth(trading.held).orders) == 1


def test_an_order_that_surely_did_not_arrive_may_go_once_more(trading: Trading) -> None:
    order = trading.order()
    trading.exchange.faults.add(Fault.clock(ahead=True).on("order"))
    with pytest.raises(ClockSkew):
        trading.venue.place([order])
    assert statuses(trading.venue.place([order])) == [FILLED]
    assert trading.exchange.paths().count("time") == 2, "the clock is measured again before the next order"


def test_the_exchange_itself_refuses_an_order_that_is_sent_late(trading: Trading) -> None:
    """Law 3: a paused process wakes and sends. Its request carries the moment of the intent, not of the sending."""
    order, in_time = trading.order(), trading.order()
    trading.clock.turn(2.5)
    assert statuses(trading.venue.place([in_time])) == [FILLED]
    trading.clock.turn(1)
    with pytest.raises(ClockSkew, match="outside of the recvWindow"):
        trading.venue.place([order])
    assert len(trading.exchange.truth(trading.held).orders) == 1


def test_a_clock_that_is_wrong_by_minutes_costs_nothing(trading: Trading) -> None:
    trading.exchange.faults.drift_ms = 180_000
    assert statuses(trading.venue.place([trading.order()])) == [FILLED]
    assert statuses(trading.venue.place([trading.stop("48000")])) == [WORKING]


def test_a_clock_that_was_set_back_does_not_hide_a_late_order(trading: Trading) -> None:
    order = trading.order()
    trading.clock.turn(-5)
    with pytest.raises(ClockSkew, match="set back"):
        trading.venue.place([order])
    assert trading.exchange.truth(trading.held).orders == ()


def test_another_process_never_sends_what_an_earlier_one_may_have_sent(trading: Trading) -> None:
    order = trading.order()
    venue = trading.another_venue()
    venue.remember([order])
    with pytest.raises(OrderOutcomeUnknown):
        venue.place([order])
    assert venue.find(order) is None


def test_an_open_order_of_this_id_is_there_not_refused(trading: Trading) -> None:
    order = trading.limit("49000")
    trading.venue.place([order])
    with pytest.raises(OrderOutcomeUnknown, match="Duplicate"):
        trading.another_venue().place([order])


@pytest.mark.parametrize("fault", [Fault.too_fast(), Fault.region_block(), Fault.error(401, -2015, "Invalid API-key")])
def test_what_surely_did_not_happen_is_a_venue_error(trading: Trading, fault: Fault) -> None:
    trading.exchange.faults.add(fault.on("order"))
    with pytest.raises(VenueError):
        trading.venue.place([trading.order()])


def test_too_many_orders_hold_up_orders_not_questions(trading: Trading) -> None:
    trading.exchange.faults.add(Fault.error(429, -1015, "Too many new orders; current limit is 50.").on("order"))
    for _ in range(2):
        with pytest.raises(RateLimited):
            trading.venue.place([trading.order()])
    assert trading.exchange.paths().count("order") == 1, "the second was not even sent"
    assert trading.venue.standing().open_orders == []
    trading.clock.turn(10)
    assert statuses(trading.venue.place([trading.order()])) == [FILLED]


# ---------------------------------------------------------------- cancel and find


def test_cancel_one_order_and_a_whole_list(trading: Trading) -> None:
    single, pair = trading.limit("49000"), trading.oco()
    trading.venue.place([single])
    trading.venue.place(pair)
    assert statuses(trading.venue.cancel([single])) == [CANCELLED]
    reports = trading.venue.cancel(pair[:1])
    assert {r.client_id for r in reports} == {o.client_id for o in pair}
    assert set(statuses(reports)) == {CANCELLED}


def test_a_cancel_that_comes_too_late_tells_what_it_came_to(trading: Trading) -> None:
    order = trading.limit("49000")
    trading.venue.place([order])
    trading.exchange.trade_through("BTCUSDT", Decimal(48000))
    (report,) = trading.venue.cancel([order])
    assert (report.status, filled(report)) == (FILLED, order.quantity)


def test_a_cancel_keeps_the_part_that_was_filled(trading: Trading) -> None:
    order = trading.limit("49000")
    trading.venue.place([order])
    trading.exchange.trade_through("BTCUSDT", Decimal(49000), Decimal("0.004"))
    (report,) = trading.venue.cancel([order])
    assert (report.status, filled(report)) == (CANCELLED, Decimal("0.004"))


def test_a_cancel_without_an_answer_is_unknown(trading: Trading) -> None:
    order = trading.limit("49000")
    trading.venue.place([order])
    trading.exchange.faults.add(Fault.lost_reply().on("order", "DELETE"))
    with pytest.raises(OrderOutcomeUnknown):
        trading.venue.cancel([order])
    assert statuses(trading.venue.cancel([order])) == [CANCELLED]


def test_what_never_arrived_has_no_report(trading: Trading) -> None:
    order = trading.limit("49000")
    assert trading.venue.cancel([order]) == []
    assert trading.venue.find(order) is None
    assert not trading.venue.not_found_is_proof


def test_a_question_without_an_answer_is_no_answer(trading: Trading) -> None:
    order = trading.limit("49000")
    trading.venue.place([order])
    for fault in (Fault.drop(), Fault.body("null"), Fault.body("[]"), Fault.body("<html>"), Fault.unexpected()):
        trading.exchange.faults.add(fault.on("order", "GET"))
        with pytest.raises(VenueUnavailable):
            trading.venue.find(order)


def test_an_end_is_told_only_with_all_its_fills(trading: Trading) -> None:
    """The list of trades may lag behind the order: told as EXPIRED without them, nobody would ask for them again."""
    order = trading.order()
    trading.exchange.faults.add(Fault.lost_reply().on("order", "POST"))
    trading.exchange.thin("BTCUSDT", Decimal("0.4"))
    with pytest.raises(OrderOutcomeUnknown):
        trading.venue.place([order])
    trading.exchange.faults.add(Fault.body("[]").on("myTrades"))
    report = trading.venue.find(order)
    assert report is not None
    assert (report.status, report.fills) == (WORKING, ())
    (report,) = trading.venue.poll()
    assert (report.status, filled(report)) == (EXPIRED, Decimal("0.004"))


# ---------------------------------------------------------------- the whole account


def test_the_standing_tells_ours_from_the_operators_own(trading: Trading) -> None:
    ours, theirs = trading.limit("49000"), trading.limit("48000", client_id="web_123")
    orphan = trading.limit("47000", client_id=hashed_id("aa", "of another ledger"))
    trading.venue.place([ours])
    for other in (theirs, orphan):
        trading.another_venue().place([other])
    standing = trading.venue.standing()
    assert {(r.client_id, r.symbol, r.status) for r in standing.open_orders} == {
        (ours.client_id, "BTCUSDT", WORKING), (orphan.client_id, "BTCUSDT", WORKING),
    }  # fmt: skip
    assert standing.foreign_orders == 1
    assert standing.balances["USDT"].locked == Decimal("1440")
    assert standing.balances["BTC"].total == 1
    assert "ETH" not in standing.balances


def test_a_side_of_an_oco_for_a_purchase_lies_the_other_way_round(trading: Trading) -> None:
    pair = [replace(o, side=Side.BUY) for o in trading.oco(stop="52000", target="48000")]
    assert statuses(trading.venue.place(pair)) == [WORKING, WORKING]
