"""`backtest --check`: look-ahead and warm-up of what is backtested."""

from __future__ import annotations

from dataclasses import asdict

from engine.backtest.checks import look_ahead, warm_up
from engine.backtest.plan import BacktestPlan


def run_checks(plan: BacktestPlan) -> dict[str, object]:
    """The checks as JSON; `ok` is False where one has failed, which makes the command fail."""
    cuts = 5 if plan.strategy.horizon == 0 else 3  # a model calls every bar anew for each
    checks = [look_ahead(plan, cuts=cuts), warm_up(plan)]
    return {"checks": [asdict(check) for check in checks], "ok": all(check.passed is not False for check in checks)}
