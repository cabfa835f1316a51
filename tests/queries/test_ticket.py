"""What a manual order costs, and what stands against it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.domain.order import OrderStatus, Purpose, Side
from engine.ports import Step
from engine.queries.manual_gates import read_view, told
from engine.queries.preview import preview, stop_checks
from engine.queries.price import read_price
from engine.queries.ticket import Ticket, after_costs
from tests.pages.full import ACCOUNT, SLEEVE, VIEW
from tests.pages.scene import Scene


def ticket(kind: str = "MARKET", side: Side = Side.BUY, quantity: str = "0.01", **prices: str) -> Ticket:
    given = {name: Decimal(text) for name, text in prices.items()}
    return Ticket(
        symbol="BTCUSDT", side=side, kind=kind, quantity=Decimal(quantity), price=given.get("price"),
        stop_price=given.get("stop_price"), target_price=given.get("target_price"),
        sleeve_id=SLEEVE if side is Side.SELL else None,
    )  # fmt: skip


def failing(scene: Scene, wanted: Ticket) -> set[str]:
    account = scene.ledger.account(ACCOUNT)
    seen = preview(scene, account, wanted, read_price(scene, account, wanted.symbol))
    return {check.name for check in (*seen.checks, *(seen.gates or ())) if not check.passed}


def test_a_market_order_pays_fee_spread_and_slippage(full: Scene) -> None:
    account = full.ledger.account(ACCOUNT)
    price = read_price(full, account, "BTCUSDT")
    assert price is not None
    seen = preview(full, account, ticket(), price)
    assert seen.ready
    cost = seen.estimate
    assert cost.notional == price.ask * Decimal("0.01")
    assert cost.fee == cost.notional * Decimal("0.001")
    assert cost.spread_and_slippage == cost.notional * Decimal("0.0003")


def test_a_limit_order_pays_no_slippage(full: Scene) -> None:
    account = full.ledger.account(ACCOUNT)
    seen = preview(full, account, ticket("LIMIT", price="60000"), read_price(full, account, "BTCUSDT"))
    assert (seen.estimate.notional, seen.estimate.spread_and_slippage) == (Decimal(600), Decimal(0))


@pytest.mark.parametrize(
    ("wanted", "reasons"),
    [
        (ticket(quantity="0.000001"), {"quantity", "notional"}),
        (ticket(quantity="0.00001"), {"notional"}),
        (ticket(quantity="5"), {"cash", "position", "exposure"}),
        (ticket(stop_price="60000.001"), {"stop price"}),
        (ticket(stop_price="90000"), {"stop"}),
        (ticket(target_price="60000"), {"target"}),
        (ticket("LIMIT", price="50000", stop_price="50000"), {"stop"}),
        (ticket("LIMIT"), {"price"}),
        (ticket("LIMIT", price="60000.001"), {"price"}),
        (ticket("STOP", Side.SELL, quantity="0.02"), {"stop price"}),
        (ticket("OCO", Side.SELL, quantity="0.02", price="90000"), {"stop price"}),
        (ticket(side=Side.SELL, quantity="0.03"), {"holding"}),
        (ticket(side=Side.SELL, quantity="0.02"), set()),
        (ticket("STOP", Side.SELL, stop_price="90000"), {"stop"}),
        (ticket("TARGET", Side.SELL, price="60000"), {"target"}),
        (ticket("TARGET", Side.SELL, price="90000"), set()),
        (ticket("OCO", Side.SELL, price="90000", stop_price="70000"), set()),
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


def test_where_stop_and_target_would_end_is_told_with_all_costs(full: Scene) -> None:
    account = full.ledger.account(ACCOUNT)
    price = read_price(full, account, "BTCUSDT")
    seen = preview(full, account, ticket(stop_price="70000", target_price="80000"), price).estimate
    assert price is not None
    paid = price.ask * Decimal("0.01") * Decimal("1.0003") * Decimal("1.001")
    assert seen.at_stop == Decimal(700) * Decimal("0.9997") * Decimal("0.999") - paid
    assert seen.at_target == Decimal(800) * Decimal("0.999") - paid


def test_a_guarded_position_is_reckoned_against_what_it_cost(full: Scene) -> None:
    account = full.ledger.account(ACCOUNT)
    [position] = full.ledger.positions(ACCOUNT)
    wanted = ticket("STOP", Side.SELL, stop_price="70000")
    seen = preview(full, account, wanted, read_price(full, account, "BTCUSDT")).estimate
    assert seen.notional == position.sellable * 70_000
    assert seen.at_stop == after_costs(account, position, Decimal(70_000))
    assert seen.at_target is None


def test_the_view_that_the_engine_tells_comes_back_as_it_was(full: Scene) -> None:
    unknown = replace(VIEW, correlation=float("inf"), peak=None)
    for view in (VIEW, unknown, replace(VIEW, halted_by="drawdown")):
        full.beat(account_id=ACCOUNT, manual=json.loads(json.dumps(told(view, "BTCUSDT"), allow_nan=False)))
        assert read_view(full, "BTCUSDT") == view
        assert read_view(full, "ETHUSDT") is None


@pytest.mark.parametrize(
    ("changes", "gate"),
    [
        ({"halted_by": "drawdown"}, "halted"),
        ({"recent_entries": 20}, "pace"),
        ({"clock_skew_ms": 5_000}, "clock"),
        ({"correlation": 0.99}, "correlation"),
        ({"trading": False}, "trading"),
        ({"open_positions": 8}, "positions"),
        ({"day_start": Decimal(20_000)}, "daily_loss"),
    ],
)
def test_what_a_risk_gate_will_say_is_said_before_sending(full: Scene, changes: dict[str, object], gate: str) -> None:
    full.beat(account_id=ACCOUNT, manual=told(replace(VIEW, **changes), "BTCUSDT"))  # type: ignore[arg-type]
    assert gate in failing(full, ticket())
    assert gate not in failing(full, ticket(side=Side.SELL, quantity="0.02"))


def test_without_the_engines_word_no_gate_is_invented(full: Scene) -> None:
    full.beat(account_id=ACCOUNT)
    account = full.ledger.account(ACCOUNT)
    seen = preview(full, account, ticket(), read_price(full, account, "BTCUSDT"))
    assert seen.gates is None
    assert seen.ready, "the engine asks its gates when it gets the order"


def test_what_is_being_sold_already_cannot_be_sold_again(full: Scene) -> None:
    lease = full.ledger.take_lease(f"trade:{ACCOUNT}", "engine-1", full.clock.at, 3600)
    assert lease is not None
    stop = next(o for o in full.ledger.orders(ACCOUNT) if o.client_id == "aastop")
    sale = replace(stop, client_id="aasale", purpose=Purpose.EXIT, quantity=Decimal("0.02"), status=OrderStatus.INTENT)
    full.ledger.commit(Step(account_id=ACCOUNT, at=full.clock.at, intents=[sale]), lease)
    assert failing(full, ticket(side=Side.SELL, quantity="0.02")) == {"holding"}
    assert failing(full, ticket(side=Side.SELL, quantity="0.009")) == set()


def test_a_stop_is_checked_as_the_engine_will(full: Scene) -> None:
    price = read_price(full, full.ledger.account(ACCOUNT), "BTCUSDT")
    [rule] = [i for i in full.bars.rules("SIMULATED") if i.symbol == "BTCUSDT"]
    assert all(check.passed for check in stop_checks(rule, Decimal(70_000), price))
    for stop in (None, Decimal("70000.001"), Decimal(90_000)):
        assert not all(check.passed for check in stop_checks(rule, stop, price))
