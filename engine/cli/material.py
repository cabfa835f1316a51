"""What a run works on: bars with the history that features need, instruments, strategies, limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from engine.adapters.simulated import EPOCH
from engine.bootstrap import Stores, history, strategy_of
from engine.cli.stored import rules_among, run_span, stored_bars, stored_source, traded
from engine.commands.run_options import RunOptions
from engine.domain.account import Source
from engine.domain.bar import BarSeries
from engine.domain.errors import ConfigurationError, MissingBars
from engine.domain.instrument import Instrument
from engine.domain.interval import Interval, iso
from engine.features.window import BLOCK
from engine.strategy.strategy import ModelStrategy, Strategy

__all__ = [
    "bars_of", "honest_strategy", "instruments_for", "is_in_sample", "run_bars", "run_span", "settle_source",
]  # fmt: skip

FAR = datetime(2100, 1, 1, tzinfo=UTC)


def settle_source(run: RunOptions, stores: Stores) -> RunOptions:
    """Name the source where the operator did not: the one that has most of the range, else the simulated market."""
    if run.source:
        return run
    if (found := stored_source(run, stores.bars)) is not None:
        return replace(run, source=found)
    offered = {i.symbol for i in history(Source.SIMULATED, stores).instruments()}
    if set(run.symbols) <= offered:
        return replace(run, source=Source.SIMULATED.value)
    raise MissingBars(
        f"no source has {run.interval} bars of {', '.join(run.symbols)}: import files (python -m engine import PATH) "
        "or sync them on the market page"
    )


def bars_of(
    stores: Stores, source: str, symbol: str, interval: Interval, *, start: datetime | None, end: datetime | None
) -> BarSeries:
    """Bars of one series: the simulated market makes them, others have them in the cache. MissingBars where none."""
    if source == Source.SIMULATED:
        market = history(source, stores)
        series = market.bars(symbol, interval, start or EPOCH, end or FAR)
    else:
        series = stores.bars.read(source, symbol, interval, start, end)
    if not len(series):
        raise MissingBars(
            f"{source} has no {interval} bars of {symbol} in that range; import files or sync them on the market page"
        )
    return series


def run_bars(run: RunOptions, stores: Stores) -> list[BarSeries]:
    """Each instrument's bars of the run, with the two blocks before that features look back on."""
    if run.source != Source.SIMULATED:
        return stored_bars(run, stores.bars)
    start = None if run.start is None else run.start - 2 * BLOCK * run.interval.duration
    series = [bars_of(stores, run.source, symbol, run.interval, start=start, end=run.end) for symbol in run.symbols]
    traded(run, series)
    return series


def instruments_for(run: RunOptions, stores: Stores) -> Mapping[str, Instrument]:
    """The rules of each instrument of the run."""
    if run.source == Source.SIMULATED:
        return rules_among(run, history(run.source, stores).instruments())
    return rules_among(run, stores.bars.rules(run.source))


def honest_strategy(run: RunOptions, stores: Stores, start: datetime, end: datetime) -> Strategy:
    """Load the strategy; ConfigurationError where the range overlaps what its model was trained on, unless allowed."""
    strategy = strategy_of(run.strategy, stores)
    if isinstance(strategy, ModelStrategy) and not run.in_sample:
        version = stores.models.version(strategy.version_id)
        if start < version.trained_to and end > version.trained_from:
            raise ConfigurationError(
                f"{strategy.name} was trained on bars from {iso(version.trained_from)} to {iso(version.trained_to)}; "
                "choose a range after that, or allow it (--in-sample; on screen the box under More): "
                "the result is then marked IN SAMPLE"
            )
    return strategy


def is_in_sample(strategy: Strategy, stores: Stores, start: datetime, end: datetime) -> bool:
    """True where the range overlaps the model's training."""
    if not isinstance(strategy, ModelStrategy):
        return False
    version = stores.models.version(strategy.version_id)
    return start < version.trained_to and end > version.trained_from
