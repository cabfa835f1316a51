"""What a manual order costs, and what stands against it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from engine.domain.order import Side
from engine.queries.ticket import Ticket, preview, read_price
from tests.pages.full import ACCOUNT
from tests.pages.scene import Scene


def ticket(kind: str = "MARKET", side: Side = Side.BUY, quantity: str = "0.01", **prices: str) -> Ticket:
    given = {name: Decimal(text) for name, text in prices.items()}
    return Ticket(
        symbol="BTCUSDT", side=side, kind=kind, quantity=Decimal(quantity), price=given.get("price"),
        stop_price=given.get("stop_price"),
    )  # fmt: skip


def failing(scene: Scene, wanted: Ticket) -> set[str]:
    account = scene.ledger.account(ACCOUNT)
    seen = preview(scene, account, wanted, read_price(scene, account, wanted.symbol))
    return {check.name for check in seen.checks if not check.passed}


def test_a_market_order_pays_fee_spread_and_slippage(full: Scene) -> None:
    account = full.ledger.account(ACCOUNT)
    price = read_price(full, account, "BTCUSDT")
    assert price is not None
    seen = preview(full, account, ticket(), price)
    assert seen.ready
    assert seen.notional == price.ask * Decimal("0.01")
    assert seen.fee == seen.notional * Decimal("0.001")
    assert seen.spread_and_slippage == seen.notional * Decimal("0.0003")


def test_a_limit_order_pays_no_slippage(full: Scene) -> None:
    account = full.ledger.account(ACCOUNT)
    seen = preview(full, account, ticket("LIMIT", price="60000"), read_price(full, account, "BTCUSDT"))
    assert (seen.notional, seen.spread_and_slippage) == (Decimal(600), Decimal(0))


@pytest.mark.parametrize(
    ("wanted", "reasons"),
    [
        (ticket(quantity="0.000001"), {"quantity", "minimum notional"}),
        (ticket(quantity="0.00001"), {"minimum notional"}),
        (ticket(quantity="5"), {"cash"}),
        (ticket("LIMIT"), {"price"}),
        (ticket("LIMIT", price="60000.001"), {"price"}),
        (ticket("STOP", Side.SELL, quantity="0.02"), {"stop price"}),
        (ticket("OCO", Side.SELL, quantity="0.02", price="90000"), {"stop price"}),
        (ticket(side=Side.SELL, quantity="0.03"), {"holding"}),
        (ticket(side=Side.SELL, quantity="0.02"), set()),
    ],
)
def test_each_reason_against_it_is_named(full: Scene, wanted: Ticket, reasons: set[str]) -> None:
    assert failing(full, wanted) == reasons


def test_old_prices_and_a_silent_engine_stand_against_it(full: Scene) -> None:
    full.beat(account_id=ACCOUNT, source="BINANCE")
    full.clock.at += timedelta(hours=2)
    assert failing(full, ticket()) == {"engine", "price"}


def test_the_engines_own_quote_is_preferred(full: Scene) -> None:
    at = full.clock.at - timedelta(seconds=3)
    full.beat(account_id=ACCOUNT, quotes={"BTCUSDT": {"bid": "100.1", "ask": "100.2", "as_of": at.isoformat()}})
    price = read_price(full, full.ledger.account(ACCOUNT), "BTCUSDT")
    assert price is not None
    assert (price.bid, price.ask, price.age, price.from_bar) == (
        Decimal("100.1"), Decimal("100.2"), timedelta(seconds=3), False,
    )  # fmt: skip


def test_a_payload_writes_decimals_as_text() -> None:
    assert ticket("LIMIT", price="60000.10").payload()["price"] == "60000.10"
