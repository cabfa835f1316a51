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
from engine.risk.approve import ManualView, Refusal, approve_entry, approve_exit, approve_manual, manual_outcomes
from engine.risk.gates import GATES
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
        ({"quantity": Decimal("0.00005")}, {}, "below the venue's smallest order of 5.00"),
        ({}, {"cash": Decimal(400)}, "costs about 500.00, free cash is 400.00; reduce the quantity"),
        ({"quantity": Decimal("0.06")}, {}, "3000.00 would be in this instrument, at most 2500.00 (max_position_ratio"),
        ({}, {"in_instrument": Decimal(2_001)}, "2501.00 would be in this instrument"),
        ({}, {"exposure": Decimal(7_600)}, "exposure would be 8100.00, at most 8000.00 (max_exposure_ratio 80 %)"),
        ({"side": Side.SELL, "quantity": Decimal("0.03")}, {}, "spot has no short"),
        ({"type": OrderType.LIMIT, "price": Decimal(600_000)}, {}, "6000.00 would be in this instrument"),
        ({}, {"price_age": 61.0, "good_for": 60.0}, "the price is 61 s old"),
        ({}, {"clock_skew_ms": 1_500}, "1500 ms from the venue's"),
        ({}, {"trading": False}, "does not trade it now"),
        ({}, {"open_positions": 8}, "8 open, at most 8"),
        ({}, {"correlation": 0.95, "open_positions": 1}, "correlation 0.95"),
        ({}, {"recent_entries": 20}, "20 entries within a minute"),
        ({}, {"bars_since_loss": 0}, "0 bars since the last losing trade"),
        ({}, {"day_start": Decimal(11_000)}, "9.09 % below 00:00 UTC, halts at 5 %"),
        ({}, {"peak": Decimal(12_500)}, "20.00 % below the peak, halts at 20 %"),
    ],
)
def test_a_refused_manual_order_says_why(order: dict[str, Any], view: dict[str, Any], said: str) -> None:
    answer = approve_manual(replace(ORDER, **order), replace(VIEW, **view), RiskLimits(cooldown_bars=1))
    assert isinstance(answer, Refusal)
    assert said in answer.reason


def test_before_it_is_sent_every_gate_says_its_word() -> None:
    halted = replace(VIEW, halted_by="operator", quote="USDT", in_instrument=Decimal(100), open_positions=8)
    told = manual_outcomes(ORDER, halted, RiskLimits())
    assert [g.name for g in told] == [name for name in GATES if name in {g.name for g in told}]
    assert [g.name for g in told if not g.passed] == ["halted"], "adding to what is held is no new position"
    words = {g.name: g.detail for g in told}
    assert (
        words["position"] == "600.00 USDT would be in this instrument, at most 2500.00 USDT (max_position_ratio 25 %)"
    )
    assert words["notional"] == "worth 500.00 USDT, at least 5.00"
    refused = approve_manual(ORDER, halted, RiskLimits())
    assert refused == Refusal(reason="halted by operator", gate="halted")
    [sale] = manual_outcomes(replace(ORDER, side=Side.SELL), halted, RiskLimits())
    assert (sale.name, sale.passed, sale.detail) == ("holding", True, "0.02 BTCUSDT can be sold here")


def test_a_manual_sale_passes_even_while_halted() -> None:
    sale = replace(ORDER, side=Side.SELL, purpose=Purpose.EXIT)
    assert isinstance(approve_manual(sale, replace(VIEW, halted_by="operator"), RiskLimits()), ApprovedOrder)
