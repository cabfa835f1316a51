"""`backtest` of what a rule on stored bars alone does not cover: models, the simulated market, reports."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from engine.bootstrap import open_stores
from engine.cli import arguments, reporting
from engine.cli.backtesting import run_backtest
from engine.cli.planned import say
from engine.settings import load


def run(options: argparse.Namespace) -> Mapping[str, object]:
    """Backtest with everything that is stored at hand."""
    wanted = arguments.run_options(options, options.start, options.end)
    detailed = options.report is not None or options.trades is not None
    with open_stores(load()) as stores:
        outcome = run_backtest(stores, wanted, say, detailed=detailed, checked=options.check,
                               retrain_days=options.retrain or 0, latency_bars=options.latency)  # fmt: skip
    return reporting.write(options, outcome) if detailed else outcome
