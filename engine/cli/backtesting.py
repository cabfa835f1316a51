"""Run a backtest and tell what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import islice

from engine.backtest.plan import BacktestPlan, BacktestSleeve
from engine.backtest.run import BacktestResult, backtest
from engine.bootstrap import Stores
from engine.cli.material import honest_strategy, instruments_for, is_in_sample, run_bars, run_span, settle_source
from engine.commands.run_options import RunOptions
from engine.domain.interval import from_ms, iso
from engine.domain.trade import Trade
from engine.risk.limits import RiskLimits

_MOST_POINTS = 2000
"""Points of an equity curve that a screen can tell apart."""
Progress = Callable[[float, str], bool]


def run_backtest(stores: Stores, run: RunOptions, progress: Progress, *, detailed: bool = False) -> dict[str, object]:
    """The command line's JSON; `detailed` adds the equity curve and the trade list for a screen."""
    began = time.perf_counter()
    progress(0.0, "reading bars")
    run = settle_source(run, stores)
    series = run_bars(run, stores)
    start, end = run_span(run, series)
    strategy = honest_strategy(run, stores, start, end)
    rules = instruments_for(run, stores)
    progress(0.2, "calling every bar (the first run compiles)")
    plan = BacktestPlan(
        sleeves=[BacktestSleeve(sleeve_id=s.symbol, instrument=rules[s.symbol], series=s) for s in series],
        strategy=strategy, cash=run.cash, limits=RiskLimits.from_mapping(run.limit_overrides()), costs=run.costs(),
        stake=run.stake, start=start, end=end,
    )  # fmt: skip
    result = backtest(plan)
    told = _told(result)
    told["seconds"] = round(time.perf_counter() - began, 4)
    told["in_sample"] = is_in_sample(strategy, stores, start, end)
    return {**told, **_details(result)} if detailed else told


def _told(result: BacktestResult) -> dict[str, object]:
    ratio = result.sharpe
    return {
        "bars": result.bars,
        "decisions": result.decisions,
        "trades": len(result.trades),
        "final_equity": str(result.final_equity),
        "total_return": result.total_return,
        "sharpe": _finite(ratio.ratio),
        "sharpe_low": _finite(ratio.low),
        "sharpe_high": _finite(ratio.high),
        "max_drawdown": result.max_drawdown,
        "trades_sha256": result.trades_sha256,
        "held_by": dict(result.held_by),
        "halts": list(result.halts),
        "open_positions": result.open_positions,
    }


def _finite(value: float) -> float | None:
    return value if abs(value) < float("inf") else None


def _details(result: BacktestResult) -> dict[str, object]:
    step = max(1, len(result.equity) // _MOST_POINTS)
    points = [
        [iso(from_ms(int(at))), float(value)]
        for at, value in islice(zip(result.close_ms, result.equity, strict=True), 0, None, step)
    ]
    return {"equity": points, "trade_list": [_trade(t) for t in result.trades], "exits": _exits(result)}


def _trade(trade: Trade) -> dict[str, object]:
    return {
        "symbol": trade.symbol,
        "opened_at": iso(trade.opened_at),
        "closed_at": iso(trade.closed_at),
        "quantity": f"{trade.quantity:f}",
        "entry_price": f"{trade.entry_price:f}",
        "exit_price": f"{trade.exit_price:f}",
        "fees": f"{trade.fees:f}",
        "profit": f"{trade.profit:f}",
        "exit_reason": trade.exit_reason.value,
    }


def _exits(result: BacktestResult) -> list[dict[str, object]]:
    reasons = sorted({t.exit_reason for t in result.trades})
    return [
        {
            "exit_reason": reason.value,
            "trades": sum(t.exit_reason is reason for t in result.trades),
            "profit": f"{sum(t.profit for t in result.trades if t.exit_reason is reason):f}",
        }
        for reason in reasons
    ]
