"""A backtest is a trial: it enters the ledger, and its report counts the ledger's."""

from __future__ import annotations

import numpy as np

from engine.backtest.report.honesty import Tries
from engine.backtest.run import BacktestResult
from engine.bootstrap import Stores
from engine.cli.scored import trials_of
from engine.commands.run_options import RunOptions
from engine.domain.account import Source
from engine.strategy.strategy import ModelStrategy, Strategy


def count_tries(stores: Stores, run: RunOptions, result: BacktestResult) -> Tries:
    """Enter the run on each of its instruments; tell how many recipes were tried there, this one included.

    Of several instruments the one that was tried most counts.
    """
    trials, source = stores.trials, Source(run.source)
    trials.add(trials_of(run, result, recipe_name(stores, result.plan.strategy), stores.clock.now()))
    counts = {symbol: trials.count(symbol, source) for symbol in run.symbols}
    symbol = max(counts, key=lambda name: counts[name])
    ratios = trials.ratios(symbol, source)
    return Tries(
        count=counts[symbol], told_by=f"every recipe ever scored on {symbol}",
        variance=float(np.var(ratios, ddof=1)) if len(ratios) > 1 else None,
    )  # fmt: skip


def recipe_name(stores: Stores, strategy: Strategy) -> str:
    """A model counts by its name, for its refits are no choice."""
    if isinstance(strategy, ModelStrategy):
        return f"model:{stores.models.version(strategy.version_id).model_id}"
    return strategy.name
