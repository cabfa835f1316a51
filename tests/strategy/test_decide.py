"""decide(): entries through the gates in order, exits by signal and time, every decision with its words."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from math import nan
from typing import Any

import pytest

from engine.domain.account import Costs
from engine.domain.decision import Decision
from engine.domain.order import ExitReason
from engine.domain.signal import Signal
from engine.risk.gates import GATES
from engine.risk.limits import RiskLimits
from engine.strategy.calls import BUY, HOLD, SELL, Call
from engine.strategy.decide import AccountView, SleeveView, decide, reserving
from tests.builders import instrument, utc

UNIT = 100_000_000
AT = utc("2025-01-01 12:00")
ACCOUNT = AccountView(
    account_id="paper", cash_atoms=10_000 * UNIT, equity_atoms=10_000 * UNIT, exposure_atoms=0, open_positions=0,
    halted_by=None,
)  # fmt: skip
CALL = Call(BUY, 0.62, 0.60, 0.64, 0.9, 0.03, 0.04, 24 / 8760)
RULE = Call(BUY, nan, nan, nan, nan, nan, nan, 0.0)
SLEEVE = SleeveView(
    sleeve_id="s", instrument=instrument(), close_ticks=5_000_000, call=CALL, prediction=None, held_lots=0, bars_held=0,
    horizon=24, fresh=True,
)  # fmt: skip


def decided(
    *sleeves: SleeveView, account: AccountView = ACCOUNT, stake: str | None = None, **limits: Any
) -> list[Decision]:
    values = RiskLimits.from_mapping({k: str(v) for k, v in limits.items()})
    return decide(account, sleeves, values, Costs(), stake=None if stake is None else Decimal(stake), at=AT)


def test_a_good_call_is_bought() -> None:
    [decision] = decided(SLEEVE)
    assert (decision.action, decision.quantity, decision.held_by) == (Signal.BUY, Decimal("0.05"), None)
    assert decision.reference_price == Decimal(50_000)
    assert decision.bar_close_at == AT
    assert [g.name for g in decision.gates] == list(GATES)
    assert all(g.passed for g in decision.gates)


def test_a_hold_names_the_first_gate_that_held_it() -> None:
    [decision] = decided(replace(SLEEVE, call=CALL._replace(confidence=0.63, probability_low=0.5)))
    assert (decision.action, decision.quantity, decision.held_by) == (Signal.HOLD, None, "confidence")
    assert [g.name for g in decision.gates if not g.passed] == ["confidence", "edge", "size", "notional"]
    assert next(g.detail for g in decision.gates if g.name == "confidence") == "confidence 0.63, needs > 0.70"


def test_a_sell_on_nothing_held_is_hold() -> None:
    assert decided(replace(SLEEVE, call=CALL._replace(signal=SELL)))[0].held_by == "signal"


HELD = replace(SLEEVE, held_lots=4_000, bars_held=3)


@pytest.mark.parametrize(
    ("sleeve", "reason"),
    [
        (replace(HELD, call=CALL._replace(signal=SELL)), ExitReason.SIGNAL),
        (replace(HELD, call=RULE._replace(signal=SELL), horizon=0), ExitReason.SIGNAL),
        (replace(HELD, call=CALL._replace(signal=SELL, confidence=0.5)), None),  # not confident, horizon not over
        (replace(HELD, bars_held=24), None),  # it would buy again
        (replace(HELD, bars_held=24, call=CALL._replace(confidence=0.5)), ExitReason.TIME),
        (replace(HELD, bars_held=24, call=CALL._replace(expected_move=0.001)), ExitReason.TIME),
        (replace(HELD, bars_held=24, call=CALL._replace(signal=SELL, confidence=0.5)), ExitReason.TIME),
        (replace(HELD, bars_held=23, call=CALL._replace(confidence=0.5)), None),
        (replace(HELD, bars_held=999, call=RULE, horizon=0), None),  # a rule has no horizon
        (replace(HELD, call=CALL._replace(signal=SELL), fresh=False), None),
        (replace(HELD, call=CALL._replace(signal=SELL), waiting=True), None),
    ],
)
def test_a_held_position_is_left_by_signal_or_time(sleeve: SleeveView, reason: ExitReason | None) -> None:
    [decision] = decided(sleeve)
    assert decision.exit_reason is reason
    assert decision.action is (Signal.SELL if reason else Signal.HOLD)
    assert decision.quantity == (Decimal("0.04") if reason else None)


def test_exits_go_on_while_halted_and_entries_do_not() -> None:
    leaving = replace(HELD, sleeve_id="t", call=CALL._replace(signal=SELL))
    entry, leave = decided(SLEEVE, leaving, account=replace(ACCOUNT, halted_by="drawdown"))
    assert (entry.held_by, leave.action) == ("halted", Signal.SELL)
    assert next(g.detail for g in entry.gates if g.name == "halted") == "halted by drawdown"


def test_each_entry_reserves_for_the_next() -> None:
    sleeves = [replace(SLEEVE, sleeve_id=f"s{i}") for i in range(4)]
    assert [d.action for d in decided(*sleeves)] == [Signal.BUY] * 3 + [Signal.HOLD]
    assert decided(*sleeves)[3].held_by == "exposure"  # three quarters are promised, a fourth breaks 0.80
    assert [d.held_by for d in decided(*sleeves, max_positions=2)] == [None, None, "positions", "positions"]
    assert [d.held_by for d in decided(*sleeves, max_exposure_ratio=1)] == [None, None, None, "cash"]


def test_entries_that_wait_for_a_price_are_reserved_too() -> None:
    view = reserving(ACCOUNT, [(instrument(), Decimal("0.1"), 5_000_000)], Costs())
    assert view == replace(
        ACCOUNT, cash_atoms=ACCOUNT.cash_atoms - 500_150_000_000, exposure_atoms=5_000 * UNIT, open_positions=1
    )


def test_without_bars_a_model_gives_no_call() -> None:
    [decision] = decided(replace(SLEEVE, call=Call(HOLD, nan, nan, nan, nan, nan, nan, 24 / 8760)))
    assert decision.held_by == "signal"
    assert decision.gates[1].detail == "not asked: no call, the model lacks bars"


def test_a_fixed_stake_replaces_risk_sizing() -> None:
    assert decided(replace(SLEEVE, call=RULE, horizon=0), stake="1000")[0].quantity == Decimal("0.02")
