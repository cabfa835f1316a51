"""Run a backtest and tell what came of it."""

from __future__ import annotations

import time

from engine.backtest.run import backtest
from engine.bootstrap import Stores
from engine.cli.material import honest_strategy, instruments_for, is_in_sample, run_bars, run_span, settle_source
from engine.cli.planned import Progress, compiling_words, details, plan_of, told
from engine.commands.run_options import RunOptions


def run_backtest(stores: Stores, run: RunOptions, progress: Progress, *, detailed: bool = False) -> dict[str, object]:
    """The command line's JSON; `detailed` adds the equity curve and the trade list for a screen."""
    began = time.perf_counter()
    progress(0.0, "reading bars")
    run = settle_source(run, stores)
    series = run_bars(run, stores)
    span = run_span(run, series)
    strategy = honest_strategy(run, stores, *span)
    rules = instruments_for(run, stores)
    progress(0.2, compiling_words() or "calling every bar")
    result = backtest(plan_of(run, series, strategy, rules, span))
    outcome = told(result)
    outcome["seconds"] = round(time.perf_counter() - began, 4)
    outcome["in_sample"] = is_in_sample(strategy, stores, *span)
    return {**outcome, **details(result)} if detailed else outcome
