"""What a run has to beat: the rules, luck, and its own costs; on the same bars, with the same limits and money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import numpy as np

from engine.backtest.plan import BacktestPlan, voices_of
from engine.backtest.run import BacktestResult, walk
from engine.backtest.state import T_CLOSED_MS, T_OPENED_MS, Market, Voices
from engine.domain.account import Costs
from engine.strategy.ruled import RuleStrategy
from engine.strategy.rules import RULES, rule_text

COST_BPS = (0, 4, 12, 24)
LUCKY_RUNS = 20
_BPS = Decimal(10_000)


def baselines(plan: BacktestPlan, market: Market) -> list[BacktestResult]:
    """Every rule but chance at its usual parameters, the run's own left out."""
    rules = [RuleStrategy.of(name) for name in RULES if name != "random_entry"]
    others = [rule for rule in rules if rule.name != plan.strategy.name]
    return [with_strategy(plan, rule, market) for rule in others]


def lucky(result: BacktestResult, market: Market) -> list[BacktestResult]:
    """Runs by chance alone that enter about as often and hold about as long, by return; nothing where it never did."""
    rows = result.trades.rows
    if not len(rows):
        return []
    held = (rows[:, T_CLOSED_MS] - rows[:, T_OPENED_MS]) / market.bar_ms
    idle = max(1.0, result.bars - float(held.sum()))
    probability = min(1.0, max(1e-5, len(rows) / idle))
    hold = int(min(100_000, max(1, round(float(held.mean())))))
    runs = []
    for seed in range(LUCKY_RUNS):
        drawn = {"probability": float(f"{probability:.3g}"), "seed": float(seed), "hold": float(hold)}
        rule = RuleStrategy.of(rule_text(RULES["random_entry"], drawn))
        runs.append(with_strategy(result.plan, rule, market))
    return sorted(runs, key=lambda run: run.final_equity)


def at_costs(plan: BacktestPlan, market: Market, voices: Voices) -> list[tuple[int, BacktestResult]]:
    """The run again where a side costs so much in all; its gates see those costs too."""
    return [(bps, walk(replace(plan, costs=_flat(bps)), market, voices)) for bps in COST_BPS]


def with_strategy(plan: BacktestPlan, rule: RuleStrategy, market: Market) -> BacktestResult:
    """The plan with another strategy."""
    other = replace(plan, strategy=rule)
    return walk(other, market, voices_of(other, market))


def middle(runs: Sequence[BacktestResult]) -> BacktestResult:
    """The median of runs in order."""
    return runs[len(runs) // 2]


def beaten(result: BacktestResult, runs: Sequence[BacktestResult]) -> float:
    """Share of runs that ended with less."""
    return float(np.mean([run.final_equity < result.final_equity for run in runs]))


def _flat(bps: int) -> Costs:
    return Costs(fee_ratio=Decimal(bps) / _BPS, half_spread_ratio=Decimal(0), slippage_ratio=Decimal(0))
