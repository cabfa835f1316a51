"""What an order's own size costs at the paper venue: the backtest's hand vector (tests/backtest/test_run.py)."""

from __future__ import annotations

from array import array
from dataclasses import replace
from decimal import Decimal

from engine.adapters.paper.venue import PaperVenue
from engine.domain.account import Account, AccountKind, Source
from engine.domain.interval import Interval
from engine.domain.order import OrderStatus, OrderType, Side
from tests.adapters.paper.test_venue import BTC, COSTS, T0, bar, order, quote
from tests.builders import bars_at, utc

SIZED = replace(COSTS, fee_ratio=Decimal(0), impact=Decimal("0.1"))
WINDOW = replace(bars_at("2025-01-01", [100, 110, 99]), volume=array("d", [59.4, 0, 0]))
AT = utc("2025-01-01 03:00")


def venue() -> PaperVenue:
    account = Account(
        account_id="paper", name="Paper", kind=AccountKind.REPLAY, source=Source.SIMULATED, quote="USDT",
        cash=Decimal(10_000), costs=SIZED, created_at=T0,
    )  # fmt: skip
    return PaperVenue(account, {"BTCUSDT": BTC}, SIZED)


def test_a_market_order_pays_spread_slippage_and_its_impact_in_whole_ticks() -> None:
    """10 at 99 in a market of 1,980 a bar: 7,072 millionths beside the 1,000 of spread and slippage are 80 ticks."""
    broker = venue()
    broker.quote(quote("99", at=AT), WINDOW)
    [report] = broker.place([order(quantity="10", at=AT)])
    assert report.fills[0].price == Decimal("99.80")
    assert broker.place([order(Side.SELL, quantity="10", at=AT)])[0].fills[0].price == Decimal("98.20")


def test_a_stop_pays_it_too_and_a_target_does_not() -> None:
    """950 of 1,980: 6,927 + 1,000 millionths of 9,500 ticks are 76 ticks."""
    for high, low, price in ((100.0, 94.0, "94.24"), (106.0, 98.0, "105")):
        broker = venue()
        broker.quote(quote("99", at=AT), WINDOW)
        broker.place([order(quantity="10", at=AT)])
        guards = [
            order(Side.SELL, kind, "10", price=at, list_id="al1", at=AT)
            for kind, at in ((OrderType.STOP, "95"), (OrderType.LIMIT, "105"))
        ]
        broker.place(guards)
        broker.poll()
        lived = bars_at("2025-01-01", [100, 110, 99, 99])
        lived = replace(lived, volume=array("d", [59.4, 0, 0, 1_000]))  # the bar itself does not count
        broker.bar("BTCUSDT", bar(99, high, low, 99, AT), Interval.H1, window=lived)
        filled = [r.fills[0].price for r in broker.poll() if r.status is OrderStatus.FILLED]
        assert filled == [Decimal(price)]


def test_without_bars_before_it_nothing_is_added() -> None:
    broker = venue()
    broker.quote(quote("99", at=AT))
    assert broker.place([order(quantity="10", at=AT)])[0].fills[0].price == Decimal("99.10")
