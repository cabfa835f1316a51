"""Live against backtest: nothing where both are the same, and each planted difference by its name and its money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.backtest.against import Cause, Comparison, Lived, compare
from engine.backtest.plan import BacktestPlan, lay_out
from engine.backtest.run import walk
from engine.domain.decision import MISSED, Decision
from engine.domain.order import Order, OrderStatus, Purpose
from engine.domain.signal import Signal
from engine.domain.trade import Trade
from tests.backtest.report.sample import plan_of, walk_of
from tests.backtest.stepper import Stepped, Stepper
from tests.backtest.worlds import random_plan

HOUR = timedelta(hours=1)


def lived(plan: BacktestPlan, stepped: Stepped, **changes: Any) -> Lived:
    """What the stepped run left in its ledger; `changes` replace lists of it."""
    last = max(d.bar_close_at for d in stepped.decisions)
    told = Lived(
        decisions=stepped.decisions, orders=list(stepped.orders.values()), trades=stepped.trades, last=last
    )  # fmt: skip
    return replace(told, **changes)


def against(plan: BacktestPlan, told: Lived) -> Comparison:
    market, voices = lay_out(plan)
    return compare(told, walk(plan, market, voices), market, voices)


@pytest.fixture(scope="module")
def plan() -> BacktestPlan:
    return plan_of(walk_of("BTCUSDT", 500, 7), walk_of("ETHUSDT", 500, 11))


@pytest.fixture(scope="module")
def stepped(plan: BacktestPlan) -> Stepped:
    return Stepper(plan).run()


def only(found: Comparison) -> tuple[Cause, Any]:
    [one] = found.differences
    return one.cause, one.profit


def changed(trades: Sequence[Trade], place: int, **changes: Any) -> list[Trade]:
    return [replace(t, **changes) if i == place else t for i, t in enumerate(trades)]


def assert_adds_up(found: Comparison) -> None:
    total = sum(one.profit for one in found.differences)
    assert abs(total - (found.live_profit - found.tested_profit)) < Decimal("1e-6")
    assert sum(found.by_cause.values()) == total


def test_the_same_run_has_no_difference(plan: BacktestPlan, stepped: Stepped) -> None:
    found = against(plan, lived(plan, stepped))
    assert found.differences == ()
    assert (found.paired, found.live_trades) == (len(stepped.trades), found.tested_trades)
    assert found.paired > 20
    assert (found.calls, found.same_calls) == (1000, 1000)


def test_random_worlds_have_none_either() -> None:
    for seed in range(12):
        world = random_plan(seed)
        run = Stepper(world).run()
        if run.decisions:
            found = against(world, lived(world, run))
            assert found.differences == (), (seed, found.differences)


def test_dearer_fees_are_fees(plan: BacktestPlan, stepped: Stepped) -> None:
    t = stepped.trades[3]
    more = Decimal("0.31")
    dearer = changed(stepped.trades, 3, fees=t.fees + more, profit=t.profit - more)
    found = against(plan, lived(plan, stepped, trades=dearer))
    assert only(found) == (Cause.FEES, -more)
    assert_adds_up(found)


def test_a_worse_entry_is_slippage(plan: BacktestPlan, stepped: Stepped) -> None:
    t = stepped.trades[3]
    late = t.opened_at + HOUR / 60
    worse = changed(stepped.trades, 3, entry_price=t.entry_price + 1, profit=t.profit - t.quantity, opened_at=late)
    found = against(plan, lived(plan, stepped, trades=worse))
    assert only(found) == (Cause.SLIPPAGE, -t.quantity)
    assert "entry at" in found.differences[0].detail


def test_another_way_out_is_another_exit(plan: BacktestPlan, stepped: Stepped) -> None:
    t = stepped.trades[3]
    other = changed(stepped.trades, 3, exit_price=t.exit_price + 2, profit=t.profit + 2 * t.quantity,
                    closed_at=t.closed_at + 2 * HOUR)  # fmt: skip
    found = against(plan, lived(plan, stepped, trades=other))
    assert only(found) == (Cause.OTHER_EXIT, 2 * t.quantity)


def test_another_size_is_size(plan: BacktestPlan, stepped: Stepped) -> None:
    t = stepped.trades[3]
    half = t.quantity / 2
    earned = t.profit + half * (t.exit_price - t.entry_price) - t.fees / 2
    bigger = changed(stepped.trades, 3, quantity=t.quantity + half, profit=earned, fees=t.fees * 3 / 2)
    found = against(plan, lived(plan, stepped, trades=bigger))
    assert only(found) == (Cause.SIZE, earned - t.profit)
    assert_adds_up(found)


def without(stepped: Stepped, place: int) -> tuple[Trade, list[Trade]]:
    trade = stepped.trades[place]
    return trade, [t for t in stepped.trades if t is not trade]


def decided(stepped: Stepped, trade: Trade, **changes: Any) -> list[Decision]:
    return [
        replace(d, **changes) if (d.symbol, d.bar_close_at) == (trade.symbol, trade.opened_at) else d
        for d in stepped.decisions
    ]


def test_a_bar_that_was_slept_through_is_missed(plan: BacktestPlan, stepped: Stepped) -> None:
    trade, others = without(stepped, 3)
    asleep = decided(stepped, trade, action=Signal.HOLD, held_by=MISSED)
    found = against(plan, lived(plan, stepped, trades=others, decisions=asleep))
    assert only(found) == (Cause.MISSED_BAR, -trade.profit)
    assert found.calls == 999
    assert_adds_up(found)


def test_a_call_that_was_another_is_another_signal(plan: BacktestPlan, stepped: Stepped) -> None:
    trade, others = without(stepped, 3)
    quiet = decided(stepped, trade, action=Signal.HOLD, held_by="signal")
    found = against(plan, lived(plan, stepped, trades=others, decisions=quiet))
    assert only(found)[0] is Cause.OTHER_SIGNAL
    assert found.same_calls == found.calls - 1


def test_a_gate_that_held_live_is_named(plan: BacktestPlan, stepped: Stepped) -> None:
    trade, others = without(stepped, 3)
    held = decided(stepped, trade, action=Signal.HOLD, held_by="halted")
    found = against(plan, lived(plan, stepped, trades=others, decisions=held))
    assert (only(found)[0], found.differences[0].detail) == (Cause.GATE, "live was held by halted")


def entry_of(stepped: Stepped, trade: Trade) -> Order:
    return next(
        o for o in stepped.orders.values()
        if o.purpose is Purpose.ENTRY and (o.symbol, o.bar_close_at) == (trade.symbol, trade.opened_at)
    )  # fmt: skip


def test_an_order_that_never_filled_is_a_missed_fill(plan: BacktestPlan, stepped: Stepped) -> None:
    trade, others = without(stepped, 3)
    entry = entry_of(stepped, trade)
    refused = replace(entry, status=OrderStatus.REJECTED, note="the venue was busy")
    orders = [refused if o is entry else o for o in stepped.orders.values()]
    found = against(plan, lived(plan, stepped, trades=others, orders=orders))
    assert only(found)[0] is Cause.MISSED_FILL
    assert found.differences[0].detail == "the order was REJECTED: the venue was busy"


def test_a_position_that_live_still_holds_is_told(plan: BacktestPlan, stepped: Stepped) -> None:
    trade, others = without(stepped, 3)
    entry = entry_of(stepped, trade)
    filled = replace(entry, status=OrderStatus.FILLED, filled_quantity=entry.quantity)
    orders = [filled if o is entry else o for o in stepped.orders.values()]
    assert only(against(plan, lived(plan, stepped, trades=others, orders=orders)))[0] is Cause.STILL_OPEN


def test_a_trade_of_live_alone_is_explained_by_the_backtests_call(plan: BacktestPlan, stepped: Stepped) -> None:
    trade = stepped.trades[3]
    quiet = next(d for d in stepped.decisions if d.held_by == "signal" and d.symbol == trade.symbol)
    stray = replace(trade, opened_at=quiet.bar_close_at, closed_at=quiet.bar_close_at + HOUR)
    found = against(plan, lived(plan, stepped, trades=[*stepped.trades, stray]))
    assert only(found) == (Cause.OTHER_SIGNAL, trade.profit)
    assert_adds_up(found)


def test_what_closed_after_the_period_counts_on_neither_side(plan: BacktestPlan, stepped: Stepped) -> None:
    last = stepped.trades[len(stepped.trades) // 2].closed_at
    known = [d for d in stepped.decisions if d.bar_close_at <= last]
    found = against(replace(plan, end=last), lived(plan, stepped, decisions=known, last=last))
    assert found.live_trades == found.tested_trades == found.paired < len(stepped.trades)
