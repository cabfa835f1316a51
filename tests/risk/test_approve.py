"""Entries answer to their decision; exits always pass; a manual order is refused with a reason."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from engine.domain.decision import Decision, GateOutcome
from engine.domain.errors import InvalidOrder
from engine.domain.order import ApprovedOrder, Order, OrderStatus, OrderType, Purpose, Side
from engine.domain.signal import Signal
from engine.risk.approve import ManualView, Refusal, approve_entry, approve_exit, approve_manual
from engine.risk.limits import RiskLimits
from tests.builders import utc

ORDER = Order(
    client_id="aa1", account_id="paper", sleeve_id="s", symbol="BTCUSDT", side=Side.BUY, type=OrderType.MARKET,
    purpose=Purpose.ENTRY, quantity=Decimal("0.01"), price=None, stop_price=None, list_id=None,
    bar_close_at=utc("2025-01-01"), intent_at=utc("2025-01-01"), status=OrderStatus.INTENT,
)  # fmt: skip
DECISION = Decision(
    account_id="paper", sleeve_id="s", symbol="BTCUSDT", bar_close_at=utc("2025-01-01"), action=Signal.BUY,
    quantity=Decimal("0.01"), reference_price=Decimal(50_000),
    gates=(GateOutcome(name="signal", passed=True, detail=""),), held_by=None,
)  # fmt: skip
VIEW = ManualView(
    cash=Decimal(5_000), equity=Decimal(10_000), exposure=Decimal(5_000), price=Decimal(50_000), held=Decimal("0.02"),
    min_notional=Decimal(5), halted_by=None,
)  # fmt: skip


def test_an_entry_must_be_the_one_that_was_decided() -> None:
    assert approve_entry(ORDER, DECISION) == ApprovedOrder(order=ORDER)
    failing = replace(DECISION, gates=(GateOutcome(name="signal", passed=False, detail=""),))
    for order, decision in (
        (replace(ORDER, quantity=Decimal("0.02")), DECISION),
        (replace(ORDER, symbol="ETHUSDT"), DECISION),
        (ORDER, replace(DECISION, action=Signal.HOLD)),
        (ORDER, failing),
    ):
        with pytest.raises(InvalidOrder):
            approve_entry(order, decision)


@pytest.mark.parametrize("purpose", [Purpose.EXIT, Purpose.STOP, Purpose.TARGET])
def test_exits_are_always_approved(purpose: Purpose) -> None:
    order = replace(ORDER, side=Side.SELL, purpose=purpose)
    assert approve_exit(order) == ApprovedOrder(order=order)


def test_nothing_that_buys_passes_as_an_exit() -> None:
    with pytest.raises(InvalidOrder):
        approve_exit(ORDER)
    with pytest.raises(InvalidOrder):
        approve_exit(replace(ORDER, side=Side.SELL))


def test_a_manual_order_within_its_limits_passes() -> None:
    assert isinstance(approve_manual(ORDER, VIEW, RiskLimits()), ApprovedOrder)


@pytest.mark.parametrize(
    ("order", "view", "said"),
    [
        ({}, {"halted_by": "operator"}, "halted by operator"),
        ({"quantity": Decimal("0.00005")}, {}, "below the venue's smallest order of 5"),
        ({"quantity": Decimal("0.2")}, {}, "free cash is 5000"),
        ({"quantity": Decimal("0.06")}, {}, "max_position_ratio"),
        ({}, {"exposure": Decimal(7_600)}, "max_exposure_ratio"),
        ({"side": Side.SELL, "quantity": Decimal("0.03")}, {}, "spot has no short"),
        ({"type": OrderType.LIMIT, "price": Decimal(600_000)}, {}, "free cash"),
    ],
)
def test_a_refused_manual_order_says_why(order: dict[str, Any], view: dict[str, Any], said: str) -> None:
    answer = approve_manual(replace(ORDER, **order), replace(VIEW, **view), RiskLimits())
    assert isinstance(answer, Refusal)
    assert said in answer.reason


def test_a_manual_sale_passes_even_while_halted() -> None:
    sale = replace(ORDER, side=Side.SELL, purpose=Purpose.EXIT)
    assert isinstance(approve_manual(sale, replace(VIEW, halted_by="operator"), RiskLimits()), ApprovedOrder)
