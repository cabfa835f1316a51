"""decide(): entries through the gates in order, exits by signal and time, every decision with its words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from math import nan
from typing import Any

import numpy as np
import pytest

from engine.domain.account import Costs
from engine.domain.bar import BarSeries
from engine.domain.decision import Decision
from engine.domain.drift import Restraint
from engine.domain.order import ExitReason
from engine.domain.signal import Signal
from engine.risk.gates import GATES
from engine.risk.limits import RiskLimits
from engine.strategy.calls import BUY, HOLD, SELL, Call
from engine.strategy.decide import AccountView, SleeveView, Words, decide, reserving
from tests.builders import bars_at, instrument, utc

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


def test_words_that_come_later_are_those_that_come_at_once() -> None:
    weak = replace(SLEEVE, sleeve_id="weak", call=CALL._replace(confidence=0.63))
    held = replace(SLEEVE, sleeve_id="held", held_lots=500, bars_held=24, call=CALL._replace(signal=SELL))
    at_once, later = decided(SLEEVE, weak, held), Words()
    bare = decide(ACCOUNT, [SLEEVE, weak, held], RiskLimits(), Costs(), stake=None, at=AT, later=later)
    assert [replace(d, gates=()) for d in bare] == [replace(d, gates=()) for d in at_once]
    assert [later[d.sleeve_id]() for d in bare] == [d.gates for d in at_once]
    assert [(g.name, g.passed) for g in bare[0].gates] == [(name, True) for name in GATES], "an entry's are looked at"
    assert [(g.name, g.passed) for g in bare[1].gates] == [("confidence", False)]
    assert not any(gate.detail for decision in bare for gate in decision.gates)


def test_a_hold_names_the_first_gate_that_held_it() -> None:
    [decision] = decided(replace(SLEEVE, call=CALL._replace(confidence=0.63, probability_low=0.5)))
    assert (decision.action, decision.quantity, decision.held_by) == (Signal.HOLD, None, "confidence")
    assert [g.name for g in decision.gates if not g.passed] == ["confidence", "edge", "kelly", "size", "notional"]
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
    sleeves = [replace(SLEEVE, sleeve_id=f"s{i}", instrument=instrument(f"X{i}USDT")) for i in range(4)]
    free: dict[str, Any] = {"max_correlation": 1}
    assert [d.action for d in decided(*sleeves, **free)] == [Signal.BUY] * 3 + [Signal.HOLD]
    assert decided(*sleeves, **free)[3].held_by == "exposure"  # three quarters are promised, a fourth breaks 0.80
    assert [d.held_by for d in decided(*sleeves, max_positions=2, **free)] == [None, None, "positions", "positions"]
    assert [d.held_by for d in decided(*sleeves, max_exposure_ratio=1, **free)] == [None, None, None, "cash"]
    assert [d.held_by for d in decided(*sleeves, max_orders_per_minute=1, **free)] == [None, "pace", "pace", "pace"]


def test_two_sleeves_share_one_instrument_s_limit() -> None:
    twins = [replace(SLEEVE, sleeve_id=f"s{i}") for i in range(2)]
    assert [d.quantity for d in decided(*twins, stake="1500")] == [Decimal("0.03"), Decimal("0.02")]
    assert [d.held_by for d in decided(*twins, stake="2500")] == [None, "size"]


def windows(*seeds: int) -> dict[str, BarSeries]:
    """XxUSDT: thirty days of hours up to AT; equal seeds move alike."""
    drawn = {n: np.random.default_rng(n).normal(0, 0.01, 800) for n in seeds}
    closes = [np.round(100 * np.exp(np.cumsum(drawn[n])), 4).tolist() for n in seeds]
    symbols = [f"X{i}USDT" for i in range(len(seeds))]
    start = f"{AT - timedelta(hours=800):%Y-%m-%d %H:%M}"
    return {s: bars_at(start, c, symbol=s) for s, c in zip(symbols, closes, strict=True)}


def test_the_same_bet_is_not_taken_twice_not_even_at_one_close() -> None:
    known = windows(1, 1, 2)
    sleeves = [replace(SLEEVE, sleeve_id=s, instrument=instrument(s), windows=known) for s in known]
    first, second, third = decided(*sleeves)
    assert (first.held_by, second.held_by, third.held_by) == (None, "correlation", None)
    words = [next(g.detail for g in d.gates if g.name == "correlation") for d in (first, second)]
    assert words == ["nothing else is held", "correlation 1.00 with the rest of the portfolio, at most 0.90"]
    holding = replace(ACCOUNT, held={"X0USDT": 1_000 * UNIT}, open_positions=1, exposure_atoms=1_000 * UNIT)
    assert [d.held_by for d in decided(*sleeves[1:], account=holding)] == ["correlation", None]
    blind = replace(sleeves[2], windows={})
    assert decided(blind, account=holding)[0].held_by == "correlation", "what is not known counts as the same bet"


def test_what_the_account_went_through_holds_the_next_entry() -> None:
    assert decided(SLEEVE, account=replace(ACCOUNT, recent_entries=20))[0].held_by == "pace"
    assert decided(SLEEVE, account=replace(ACCOUNT, clock_skew_ms=1_001))[0].held_by == "clock"
    assert decided(SLEEVE, account=replace(ACCOUNT, day_start_atoms=10_600 * UNIT))[0].held_by == "daily_loss"
    assert decided(SLEEVE, account=replace(ACCOUNT, peak_atoms=12_500 * UNIT))[0].held_by == "size"
    assert decided(replace(SLEEVE, bars_since_loss=1), cooldown_bars=2)[0].held_by == "cooldown"
    assert decided(replace(SLEEVE, trading=False))[0].held_by == "trading"
    smaller = decided(SLEEVE, account=replace(ACCOUNT, peak_atoms=11_764_70588235))  # 15 %: half way to the halt
    assert smaller[0].quantity == Decimal("0.025")


def test_entries_that_wait_for_a_price_are_reserved_too() -> None:
    view = reserving(ACCOUNT, [(instrument(), Decimal("0.1"), 5_000_000)], Costs())
    assert view == replace(
        ACCOUNT, cash_atoms=ACCOUNT.cash_atoms - 500_150_000_000, exposure_atoms=5_000 * UNIT, open_positions=1,
        held={"BTCUSDT": 5_000 * UNIT},
    )  # fmt: skip


def test_without_bars_a_model_gives_no_call() -> None:
    [decision] = decided(replace(SLEEVE, call=Call(HOLD, nan, nan, nan, nan, nan, nan, 24 / 8760)))
    assert decision.held_by == "signal"
    assert decision.gates[1].detail == "not asked: no call, the model lacks bars"


def test_a_fixed_stake_replaces_risk_sizing() -> None:
    assert decided(replace(SLEEVE, call=RULE, horizon=0), stake="1000")[0].quantity == Decimal("0.02")


def test_half_the_size_is_half_of_everything_that_sizes() -> None:
    half = Restraint(size_ppm=500_000, why="skill drifted: half the size, as chosen")
    for stake in (None, "600"):
        [whole], [cut] = decided(SLEEVE, stake=stake), decided(replace(SLEEVE, restraint=half), stake=stake)
        assert whole.quantity is not None
        assert cut.quantity == whole.quantity / 2
    assert (cut.gates[-1].name, cut.gates[-1].passed) == ("drift", True)
    assert "half the size" in cut.gates[-1].detail


def test_who_stands_down_buys_nothing_and_still_leaves() -> None:
    down = Restraint(size_ppm=0, stands_down=True, why="skill drifted: it stands down, as chosen")
    [held] = decided(replace(SLEEVE, restraint=down))
    assert (held.action, held.quantity, held.held_by) == (Signal.HOLD, None, "drift")
    assert [g.name for g in held.gates if not g.passed] == ["drift"]
    assert held.gates[-1].detail == down.why
    leaving = replace(SLEEVE, restraint=down, held_lots=1_000, bars_held=30, call=CALL._replace(signal=SELL))
    [decision] = decided(leaving)
    assert decision.action is Signal.SELL
