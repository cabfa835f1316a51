"""What an account would have made of a training's unseen calls, beside the baselines: the compiled backtest."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from engine.backtest.plan import BacktestPlan, BacktestSleeve, lay_out
from engine.backtest.report.make import figures
from engine.backtest.report.periods import moments
from engine.backtest.report.rivals import baselines, lucky, middle, with_strategy
from engine.backtest.run import BacktestResult, backtest, walk
from engine.backtest.state import Market
from engine.domain.bar import BarSeries
from engine.domain.instrument import Instrument
from engine.domain.interval import from_ms, iso
from engine.learning.record import Record
from engine.strategy.ruled import RuleStrategy
from engine.strategy.unseen import UnseenCalls

CASH = Decimal(10_000)
_LEAST_CALLS = 200
_POINTS = 200


def unseen_equity(series: BarSeries, record: Record, instrument: Instrument) -> dict[str, object] | None:
    """JSON values: equity of the model, of its bare directions, of the rules and of entering by chance over the bars of
    the record, all with the usual costs, limits and stops from the same cash. None where there are too few calls."""
    if len(record.raw) < _LEAST_CALLS:
        return None
    sleeve = BacktestSleeve(sleeve_id="unseen", instrument=instrument, series=series)
    start = from_ms(int(record.close_ms[0]) - series.interval.ms)
    plan = BacktestPlan(sleeves=[sleeve], strategy=UnseenCalls(record=record), cash=CASH, start=start)
    market, voices = lay_out(plan)
    own = walk(plan, market, voices)
    bare = backtest(replace(plan, strategy=UnseenCalls(record=record, bare=True)))
    rows = moments(own)
    rows = rows[np.unique(np.linspace(0, len(rows) - 1, min(len(rows), _POINTS)).round().astype(np.intp))]
    rivals = [(run.plan.strategy.name.removeprefix("rule:"), run) for run in baselines(plan, market)]
    lines = [(own.plan.strategy.name, own), (bare.plan.strategy.name, bare), *rivals, _by_chance(own, bare, market)]
    return {
        "from": iso(from_ms(int(market.open_ms[0]))), "to": iso(from_ms(int(own.close_ms[-1]))), "cash": float(CASH),
        "cost_bps": round(float(plan.costs.round_trip_ratio) * 5000, 2), "calls": len(record.raw),
        "at": [iso(from_ms(int(ms))) for ms in own.close_ms[rows]], "held_by": dict(own.held_by),
        "lines": [_line(name, run, market, rows) for name, run in lines],
    }  # fmt: skip


def _by_chance(own: BacktestResult, bare: BacktestResult, market: Market) -> tuple[str, BacktestResult]:
    """The middle of runs that enter as often as the model and hold as long, or as its bare calls where it never did."""
    runs = lucky(own, market) or lucky(bare, market)
    if not runs:
        return "random entry", with_strategy(own.plan, RuleStrategy.of("random_entry"), market)
    return f"random entry, the middle of {len(runs)}", middle(runs)


def _line(name: str, run: BacktestResult, market: Market, rows: NDArray[np.intp]) -> dict[str, object]:
    told = figures(run, market)
    return {
        "name": name, "equity": np.round(run.equity[rows], 2).tolist(), "total_return": told.total_return,
        "max_drawdown": told.max_drawdown, "sharpe": told.sharpe, "trades": told.trades, "fees": told.fees,
        "in_market": told.in_market,
    }  # fmt: skip
