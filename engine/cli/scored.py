"""A backtest as trials. Imports neither database nor learning, so that what needs neither is counted too."""

from __future__ import annotations

from datetime import datetime

from engine.backtest.report.periods import judged_returns
from engine.backtest.run import BacktestResult
from engine.backtest.state import Floats
from engine.commands.run_options import RunOptions
from engine.domain.account import Source
from engine.domain.errors import UnusableSample
from engine.domain.interval import from_ms
from engine.domain.trial import Trial, TrialKind, hash_of
from engine.statistics.track import Track


def trials_of(run: RunOptions, result: BacktestResult, name: str, at: datetime) -> list[Trial]:
    """The run, tried at `at`, on each of its instruments; `name` is what its strategy counts by."""
    plan, (returns, per_year, _) = result.plan, judged_returns(result)
    recipe = hash_of(recipe_of(run, name))
    content = hash_of({"recipe": recipe, "run": run.payload(), "trades": result.trades_sha256})
    track = _track(returns)
    return [
        Trial(
            symbol=symbol, interval=run.interval, source=Source(run.source), kind=TrialKind.BACKTEST,
            name=plan.strategy.name, recipe_sha256=recipe, content_sha256=content,
            scored_from=from_ms(int(result.close_ms[0])), scored_to=from_ms(int(result.close_ms[-1])),
            n_periods=len(returns), periods_per_year=per_year, tried_at=at,
            sharpe=None if track is None else track.sharpe, skew=None if track is None else track.skew,
            kurtosis=None if track is None else track.kurtosis,
        )
        for symbol in run.symbols
    ]  # fmt: skip


def recipe_of(run: RunOptions, name: str) -> dict[str, object]:
    """What the operator chose, the strategy by the name that it counts by; not the span of bars."""
    chosen = {key: value for key, value in run.payload().items() if key not in {"strategy", "start", "end", "source"}}
    return {"kind": TrialKind.BACKTEST.value, "strategy": name, **chosen}


def _track(returns: Floats) -> Track | None:
    """None where nothing varied."""
    try:
        return Track.of(returns)
    except UnusableSample:
        return None
