"""A backtest that is reported is a trial: it enters the ledger, and its report counts the ledger's."""

from __future__ import annotations

import numpy as np

from engine.backtest.report.honesty import Tries
from engine.backtest.report.periods import judged_returns
from engine.backtest.run import BacktestResult
from engine.backtest.state import Floats
from engine.bootstrap import Stores
from engine.commands.run_options import RunOptions
from engine.domain.account import Source
from engine.domain.errors import UnusableSample
from engine.domain.interval import from_ms
from engine.domain.trial import Trial, TrialKind, hash_of
from engine.statistics.track import Track
from engine.strategy.strategy import ModelStrategy, Strategy


def count_tries(stores: Stores, run: RunOptions, result: BacktestResult) -> Tries:
    """Enter the run on each of its instruments; tell how many recipes were tried there, this one included.

    Of several instruments the one that was tried most counts.
    """
    stores.trials.add(_trials(stores, run, result))
    source = Source(run.source)
    counts = {symbol: stores.trials.count(symbol, source) for symbol in run.symbols}
    symbol = max(counts, key=lambda name: counts[name])
    ratios = stores.trials.ratios(symbol, source)
    return Tries(
        count=counts[symbol], told_by=f"every recipe ever scored on {symbol}",
        variance=float(np.var(ratios, ddof=1)) if len(ratios) > 1 else None,
    )  # fmt: skip


def _trials(stores: Stores, run: RunOptions, result: BacktestResult) -> list[Trial]:
    plan, (returns, per_year, _) = result.plan, judged_returns(result)
    recipe = hash_of(recipe_of(run, recipe_name(stores, plan.strategy)))
    content = hash_of({"recipe": recipe, "run": run.payload(), "trades": result.trades_sha256})
    track = _track(returns)
    return [
        Trial(
            symbol=symbol, interval=run.interval, source=Source(run.source), kind=TrialKind.BACKTEST,
            name=plan.strategy.name, recipe_sha256=recipe, content_sha256=content,
            scored_from=from_ms(int(result.close_ms[0])), scored_to=from_ms(int(result.close_ms[-1])),
            n_periods=len(returns), periods_per_year=per_year, tried_at=stores.clock.now(),
            sharpe=None if track is None else track.sharpe, skew=None if track is None else track.skew,
            kurtosis=None if track is None else track.kurtosis,
        )
        for symbol in run.symbols
    ]  # fmt: skip


def recipe_of(run: RunOptions, name: str) -> dict[str, object]:
    """What the operator chose, the strategy as `recipe_name` has it; not the span of bars."""
    chosen = {key: value for key, value in run.payload().items() if key not in {"strategy", "start", "end", "source"}}
    return {"kind": TrialKind.BACKTEST.value, "strategy": name, **chosen}


def recipe_name(stores: Stores, strategy: Strategy) -> str:
    """A model counts by its name, for its refits are no choice."""
    if isinstance(strategy, ModelStrategy):
        return f"model:{stores.models.version(strategy.version_id).model_id}"
    return strategy.name


def _track(returns: Floats) -> Track | None:
    """None where nothing varied."""
    try:
        return Track.of(returns)
    except UnusableSample:
        return None
