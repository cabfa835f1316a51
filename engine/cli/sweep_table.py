"""What a sweep came to, as JSON: every cell with its judgement, the best first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.backtest.grid import LIMITS, MODEL, RULE, parameters_of
from engine.backtest.judged import Judgement, annual, judge
from engine.backtest.sweep import Cell, Row, SweepPlan

MOST_LISTED = 5_000
"""Cells in the answer; all of them are in the trial ledger."""


def outcome(
    plan: SweepPlan, grid: Mapping[str, Sequence[str]], rows: Sequence[Row], earlier_trials: int
) -> dict[str, object]:
    """Trials, the best that luck alone would show, the probability of overfitting, and the cells; ratios per year."""
    judged = judge(rows, earlier_trials)
    cells = {cell.number: cell for cell in plan.cells()}
    year = plan.base.interval.bars_per_year
    table = [_cell(plan, grid, cells[row.number], row, judged) for row in rows]
    table.sort(key=_rank, reverse=True)
    return {
        "trials": judged.trials, "cells_in_all": plan.n_cells, "done": len(rows),
        "bars": rows[0].periods if rows else 0,
        "sharpe_of": f"returns of {plan.base.interval} bars",
        "luck_sharpe": annual(judged.benchmark, year), "pbo": judged.pbo, "chance_of_loss": judged.loss,
        "why_not_judged": judged.why, "dimensions": {name: list(values) for name, values in grid.items()},
        "best": table[0] if table else None, "cells": table[:MOST_LISTED],
    }  # fmt: skip


def _cell(
    plan: SweepPlan, grid: Mapping[str, Sequence[str]], cell: Cell, row: Row, judged: Judgement
) -> dict[str, object]:  # fmt: skip
    strategy = plan.strategies[cell.strategy].name
    tried = parameters_of(strategy)
    return {
        "strategy": strategy,
        **{name: tried[name] for name in grid if name not in (*LIMITS, RULE, MODEL)},
        **{name: float(value) for name, value in cell.limits.items()},
        "total_return": row.total_return, "sharpe": annual(row.sharpe, plan.base.interval.bars_per_year),
        "deflated_sharpe": judged.chances[row.number], "max_drawdown": row.max_drawdown, "trades": row.trades,
        "halted": row.halted, "final_equity": row.final_equity,
    }  # fmt: skip


def _rank(cell: Mapping[str, object]) -> float:
    ratio = cell["sharpe"]
    return ratio if isinstance(ratio, float) else float("-inf")
