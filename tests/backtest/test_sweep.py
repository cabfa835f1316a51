"""Sweeps: every cell is the backtest that it names, whoever computes it; and what the best of many is worth."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from engine.backtest.judged import judge
from engine.backtest.plan import BacktestPlan, BacktestSleeve
from engine.backtest.run import backtest
from engine.backtest.sweep import BLOCKS, Row, SweepPlan, batches, rows
from engine.domain.errors import ConfigurationError
from engine.risk.limits import RiskLimits
from engine.statistics.overfitting import overfitting
from engine.statistics.sharpe import sharpe
from engine.strategy.ruled import RuleStrategy
from tests.backtest.worlds import random_plan
from tests.builders import bars_at, instrument


def walk(n: int, seed: int = 0) -> BacktestPlan:
    rng = np.random.default_rng(seed)
    close = np.rint(np.exp(np.cumsum(rng.normal(0, 0.01, n))) * 10_000) / 100 + 50
    return BacktestPlan(
        sleeves=[
            BacktestSleeve(sleeve_id="s", instrument=instrument(), series=bars_at("2024-01-01", close.tolist()))
        ],
        strategy=RuleStrategy.of("buy_hold"), cash=Decimal(10_000),
        limits=RiskLimits(max_drawdown=Decimal(1), max_daily_loss=Decimal(1)),
    )  # fmt: skip


def sweep(n: int = 2000) -> SweepPlan:
    return SweepPlan(
        base=walk(n), strategies=[RuleStrategy.of(f"sma_cross:fast={f},slow={s}") for f in (3, 5) for s in (9, 20)],
        limits={"stop_loss": ("0.01", "0.03"), "take_profit": ("0.02", "0.05", "0.1")},
    )  # fmt: skip


def test_each_cell_is_the_backtest_that_it_names() -> None:
    plan = sweep()
    cells = plan.cells()
    assert len(cells) == plan.n_cells == 24
    for cell, row in zip(cells, rows(plan, cells), strict=True):
        limits = RiskLimits.from_mapping({**plan.base.limits.to_mapping(), **cell.limits})
        alone = backtest(replace(plan.base, strategy=plan.strategies[cell.strategy], limits=limits))
        assert (row.number, row.trades, row.final_equity) == (
            cell.number, len(alone.trades), str(alone.final_equity),
        )  # fmt: skip
        assert row.max_drawdown == pytest.approx(alone.max_drawdown, abs=1e-12)
        assert row.sharpe is not None
        assert row.sharpe * 8760**0.5 == pytest.approx(sharpe(alone.returns, 8760).ratio, rel=1e-6)
        parts = alone.returns[len(alone.returns) % BLOCKS :].reshape(BLOCKS, -1)
        assert np.allclose(row.sums, parts.sum(axis=1), atol=1e-12)
        assert np.allclose(row.squares, (parts**2).sum(axis=1), atol=1e-12)


def test_portions_and_order_change_nothing() -> None:
    plan = sweep()
    cells = plan.cells()
    whole = rows(plan, cells)
    parts = [row for some in batches(cells, 5) for row in rows(plan, some)]
    assert parts == whole
    assert rows(plan, cells[::-1]) == whole[::-1]


@pytest.mark.parametrize("seed", range(6))
def test_cells_of_many_instruments_and_models_are_backtests_too(seed: int) -> None:
    base = random_plan(seed)
    plan = SweepPlan(base=base, strategies=[base.strategy], limits={"stop_loss": ("0.004", "0.02", "0.5")})
    for cell, row in zip(plan.cells(), rows(plan, plan.cells()), strict=True):
        alone = backtest(replace(base, limits=replace(base.limits, stop_loss=Decimal(cell.limits["stop_loss"]))))
        assert (row.trades, row.final_equity, row.halted) == (
            len(alone.trades), str(alone.final_equity), bool(alone.halts),
        )  # fmt: skip


def test_the_judgement_counts_every_cell_and_knows_luck() -> None:
    plan = sweep()
    found = rows(plan, plan.cells())
    judged, more = judge(found), judge(found, earlier_trials=976)
    assert (judged.trials, more.trials) == (24, 1000)
    best = max(found, key=lambda row: row.sharpe or -1.0)
    once, often = judged.chances[best.number], more.chances[best.number]
    assert once is not None
    assert often is not None
    assert often < once
    assert judged.pbo is not None
    assert 0 <= judged.pbo <= 1


def test_block_sums_tell_of_overfitting_what_the_paths_tell() -> None:
    rng = np.random.default_rng(5)
    returns = rng.normal(0.0002, 0.01, (16 * 40, 12))
    parts = returns.reshape(16, 40, 12)
    one = Row(
        number=0, trades=1, final_equity="1", total_return=0.0, max_drawdown=0.0, periods=640, sharpe=0.1, skew=0.0,
        kurtosis=3.0, halted=False, sums=(), squares=(),
    )  # fmt: skip
    found = [
        replace(one, number=k, sums=tuple(parts[:, :, k].sum(axis=1)), squares=tuple((parts[:, :, k] ** 2).sum(axis=1)),
                sharpe=0.1 + k / 100)
        for k in range(12)
    ]  # fmt: skip
    assert judge(found).pbo == overfitting(returns).probability


def test_where_nobody_traded_nothing_is_claimed() -> None:
    plan = replace(sweep(200), strategies=[RuleStrategy.of("rsi_reversion:low=0,high=100")])
    judged = judge(rows(plan, plan.cells()))
    assert judged.pbo is None
    assert judged.benchmark is None
    assert set(judged.chances.values()) == {None}
    assert judged.why


def test_a_sweep_that_cannot_be_run_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="at least one"):
        replace(sweep(), strategies=[])
    with pytest.raises(ConfigurationError, match="too many"):
        replace(sweep(), limits={"stop_loss": tuple(str(i / 1e6) for i in range(1, 30_000))})
    with pytest.raises(ConfigurationError, match="known are"):
        rows(replace(sweep(200), limits={"stop": ("0.1",)}), replace(sweep(200), limits={"stop": ("0.1",)}).cells())
