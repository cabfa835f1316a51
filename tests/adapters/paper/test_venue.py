"""The paper venue: what fills, when, at which price, and what is refused with which words."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import count

import pytest

from engine.adapters.paper.venue import PaperVenue
from engine.domain.account import Account, AccountKind, Costs, Source
from engine.domain.bar import Bar
from engine.domain.interval import Interval
from engine.domain.order import Order, OrderStatus, OrderType, Purpose, Side
from engine.domain.quote import Quote
from engine.ports import OrderReport
from tests.builders import instrument, utc

BTC = instrument(lot="0.001")
COSTS = Costs(fee_ratio=Decimal("0.001"), half_spread_ratio=Decimal("0.0005"), slippage_ratio=Decimal("0.0005"))
T0 = utc("2025-01-01")
_ids = count(1)


def venue(kind: AccountKind = AccountKind.PAPER, cash: str = "10000") -> PaperVenue:
    account = Account(
        account_id="paper", name="Paper", kind=kind, source=Source.SIMULATED, quote="USDT", cash=Decimal(cash),
        costs=COSTS, created_at=T0,
    )  # fmt: skip
    return PaperVenue(account, {"BTCUSDT": BTC}, COSTS)


def order(
    side: Side = Side.BUY, kind: OrderType = OrderType.MARKET, quantity: str = "0.1", *, price: str | None = None,
    list_id: str | None = None, at: datetime = T0,
) -> Order:  # fmt: skip
    decimal = None if price is None else Decimal(price)
    return Order(
        client_id=f"aa{next(_ids)}", account_id="paper", sleeve_id="s", symbol="BTCUSDT", side=side, type=kind,
        purpose=Purpose.ENTRY if side is Side.BUY else Purpose.EXIT, quantity=Decimal(quantity),
        price=decimal if kind is OrderType.LIMIT else None, stop_price=decimal if kind is OrderType.STOP else None,
        list_id=list_id, bar_close_at=at, intent_at=at, status=OrderStatus.INTENT,
    )  # fmt: skip


def quote(bid: str, ask: str | None = None, at: datetime = T0) -> Quote:
    return Quote(symbol="BTCUSDT", bid=Decimal(bid), ask=Decimal(ask or bid), as_of=at, spread_included=ask is not None)


def bar(opened: float, high: float, low: float, close: float, at: datetime = T0) -> Bar:
    return Bar(open_at=at, open=opened, high=high, low=low, close=close, volume=1)


def oco(quantity: str = "0.099", stop: str = "49000", target: str = "52000", at: datetime = T0) -> list[Order]:
    return [
        order(Side.SELL, OrderType.STOP, quantity, price=stop, list_id="al1", at=at),
        order(Side.SELL, OrderType.LIMIT, quantity, price=target, list_id="al1", at=at),
    ]


def holding(kind: AccountKind = AccountKind.PAPER) -> PaperVenue:
    """A venue that has bought 0.1 at 50,050; 0.0999 are left after the fee."""
    broker = venue(kind)
    broker.quote(quote("50000"))
    [report] = broker.place([order()])
    assert report.status is OrderStatus.FILLED
    return broker


def states(reports: object) -> list[str]:
    assert isinstance(reports, list)
    return [r.status.value for r in reports]


def test_a_market_order_fills_at_once_at_a_fresh_quote_with_costs() -> None:
    broker = venue()
    broker.quote(quote("50000"))
    [report] = broker.place([entry := order()])
    [fill] = report.fills
    assert report.status is OrderStatus.FILLED
    assert (fill.price, fill.fee, fill.fee_asset) == (Decimal(50_050), Decimal("0.0001"), "BTC")
    assert (fill.fill_id, fill.filled_at) == (f"{entry.client_id}-1", T0)
    assert broker.poll() == [], "what place() answered is not told again"


def test_a_quote_with_its_spread_adds_slippage_only() -> None:
    broker = venue()
    broker.quote(quote("49990", "50010"))
    assert broker.place([order()])[0].fills[0].price == Decimal("50035.01")  # 50010 x 1.0005 rounded up
    assert broker.place([order(Side.SELL, quantity="0.05")])[0].fills[0].price == Decimal("49965.00")


def test_a_market_order_waits_for_a_quote_of_its_own_time() -> None:
    broker, later = venue(), utc("2025-01-01 01:00")
    broker.quote(quote("50000"))
    [report] = broker.place([waiting := order(at=later)])
    assert report.status is OrderStatus.WORKING
    broker.quote(quote("51000", at=later))
    [told] = broker.poll()
    assert (told.client_id, told.fills[0].price, told.fills[0].filled_at) == (waiting.client_id, Decimal(51_051), later)


def test_placing_the_same_id_again_repeats_the_report() -> None:
    broker = venue()
    broker.quote(quote("50000"))
    entry = order()
    assert broker.place([entry]) == broker.place([entry]) == [broker.find(entry)]
    assert broker.find(order()) is None


def test_a_stop_sells_at_market_and_cancels_its_target() -> None:
    broker = holding()
    assert states(broker.place(oco())) == ["WORKING", "WORKING"]
    broker.bar("BTCUSDT", bar(50_000, 50_100, 48_900, 49_500), Interval.H1)
    cancelled, filled = broker.poll()
    assert (cancelled.status, filled.status) == (OrderStatus.CANCELLED, OrderStatus.FILLED)
    [fill] = filled.fills
    assert (fill.price, fill.filled_at) == (Decimal("48951.00"), utc("2025-01-01 01:00"))  # 49000 x 0.999
    assert fill.fee == Decimal("4.846149")


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        ((50_000, 52_000, 49_500, 51_000), "52000"),  # the target, at its price
        ((50_000, 52_500, 48_000, 51_000), "48951"),  # both touched: the stop
        ((48_000, 52_500, 47_000, 51_000), "47952"),  # a gap below the stop: its open less costs
        ((52_800, 53_000, 48_000, 51_000), "52000"),  # a gap above the target: it rests at its own price
    ],
)
def test_one_of_an_oco_fills_in_a_bar(prices: tuple[float, float, float, float], expected: str) -> None:
    broker = holding()
    broker.place(oco())
    broker.bar("BTCUSDT", bar(*prices), Interval.H1)
    assert [f.price for r in broker.poll() for f in r.fills] == [Decimal(expected)]


def test_a_bar_touches_only_orders_decided_by_its_open() -> None:
    broker = holding()
    broker.place(oco(at=utc("2025-01-01 00:30")))
    broker.bar("BTCUSDT", bar(50_000, 50_100, 40_000, 49_500), Interval.H1)
    assert broker.poll() == []
    broker.bar("BTCUSDT", bar(49_500, 49_500, 48_000, 49_000, utc("2025-01-01 01:00")), Interval.H1)
    assert states(broker.poll()) == ["CANCELLED", "FILLED"]


def test_quotes_touch_resting_orders_but_not_in_a_replay() -> None:
    for kind, fills in ((AccountKind.PAPER, 1), (AccountKind.REPLAY, 0)):
        broker = holding(kind)
        broker.place(oco())
        broker.quote(quote("48500", at=utc("2025-01-01 00:10")))
        assert sum(len(r.fills) for r in broker.poll()) == fills


def test_a_limit_buy_rests_with_its_money_promised() -> None:
    broker = venue()
    broker.quote(quote("50000"))
    [resting] = broker.place([order(kind=OrderType.LIMIT, quantity="0.15", price="48000")])
    assert resting.status is OrderStatus.WORKING
    [refused] = broker.place([order(kind=OrderType.LIMIT, quantity="0.06", price="48000")])
    assert refused == OrderReport(
        client_id=refused.client_id, status=OrderStatus.REJECTED, message="BTCUSDT: 2880 USDT to pay, free are 2800"
    )
    broker.bar("BTCUSDT", bar(50_000, 50_100, 47_900, 48_500), Interval.H1)
    assert broker.poll()[0].fills[0].price == Decimal(48_000)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (order(quantity="0.0005"), "quantity 0.0005 must be a positive multiple of 0.001"),
        (order(kind=OrderType.LIMIT, price="50000.005"), "price 50000.005 must be a positive multiple of 0.01"),
        (order(kind=OrderType.LIMIT), "a LIMIT order needs a price"),
        (order(Side.SELL, OrderType.STOP), "a STOP order needs a stop price"),
        (order(kind=OrderType.STOP, price="1"), "a stop sells"),
        (order(kind=OrderType.LIMIT, quantity="0.001", price="4000"), "4 USDT is below the smallest order of 5"),
        (order(quantity="1"), "to pay, free are 10000"),
        (order(Side.SELL, quantity="0.1"), "0.1 BTC to sell, free are 0"),
        (replace(order(), symbol="DOGEUSDT"), "DOGEUSDT is not listed here"),
    ],
)
def test_what_breaks_a_rule_is_rejected_in_words(wrong: Order, said: str) -> None:
    broker = venue()
    broker.quote(quote("50000"))
    [report] = broker.place([wrong])
    assert report.status is OrderStatus.REJECTED
    assert said in report.message
    assert broker.find(wrong) == report


def test_an_oco_must_be_one() -> None:
    broker = holding()
    stop, target = oco()
    for pair, said in (
        ([stop, replace(stop, client_id="other")], "one STOP and one LIMIT"),
        ([stop, replace(target, client_id="b", list_id="al9")], "share symbol, quantity and list_id"),
        (oco(stop="53000"), "below its limit"),
    ):
        fresh = [replace(o, client_id=f"aa{next(_ids)}") for o in pair]
        reports = broker.place(fresh)
        assert states(reports) == ["REJECTED"] * 2
        assert said in reports[0].message


def test_coins_under_an_oco_are_promised_once_and_free_again_after_cancel() -> None:
    broker = holding()
    pair = oco()
    broker.place(pair)
    [refused] = broker.place([order(Side.SELL, quantity="0.099")])
    assert "free are 0.0009" in refused.message
    assert states(broker.cancel([pair[0]])) == ["CANCELLED"]
    assert states(broker.poll()) == ["CANCELLED"], "its other leg went with it"
    assert states(broker.place([order(Side.SELL, quantity="0.099")])) == ["FILLED"]


def test_a_cancelled_id_never_arrives_later() -> None:
    broker = venue()
    broker.quote(quote("50000"))
    entry = order()
    assert states(broker.cancel([entry])) == states(broker.place([entry])) == ["CANCELLED"]


def test_a_filled_order_cannot_be_cancelled() -> None:
    broker = venue()
    broker.quote(quote("50000"))
    entry = order()
    broker.place([entry])
    assert states(broker.cancel([entry])) == ["FILLED"]


def test_restored_from_the_ledger_it_goes_on_as_if_unbroken() -> None:
    broker, entry, pair = venue(), order(), oco()
    broker.quote(quote("50000"))
    [report] = broker.place([entry])
    broker.place(pair)
    again = venue()
    working = [replace(o, status=OrderStatus.WORKING) for o in pair]
    never_sent = order(Side.SELL, quantity="0.001")
    again.restore(
        [replace(entry, status=OrderStatus.FILLED), *working, never_sent], report.fills, [(T0, Decimal(7), "")]
    )
    assert again.find(never_sent) is None
    known = again.find(entry)
    assert known is not None
    assert known.fills == report.fills
    for one in (broker, again):
        one.bar("BTCUSDT", bar(50_000, 52_000, 50_000, 52_000), Interval.H1)
    assert broker.poll() == again.poll()
    again.quote(quote("52000", at=utc("2025-01-01 02:00")))
    [rejected] = again.place([order(quantity="10", at=utc("2025-01-01 02:00"))])
    assert "free are 10144.852" in rejected.message  # 10,000 + 7 - 5,005 + 5,148 - 5.148 of fee


def test_money_moved_in_can_be_spent() -> None:
    broker = venue(cash="1000")
    broker.quote(quote("50000"))
    broker.deposit(Decimal(9_000))
    assert states(broker.place([order()])) == ["FILLED"]
