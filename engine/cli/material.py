"""What a run works on: bars with the history that features need, instruments, strategies, limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from engine.adapters.simulated import EPOCH
from engine.bootstrap import Stores, history, strategy_of
from engine.commands.run_options import RunOptions
from engine.domain.account import Source
from engine.domain.bar import BarSeries
from engine.domain.errors import ConfigurationError, MissingBars
from engine.domain.instrument import Instrument
from engine.domain.interval import Interval, iso
from engine.features.window import BLOCK
from engine.strategy.strategy import ModelStrategy, Strategy

FAR = datetime(2100, 1, 1, tzinfo=UTC)


def settle_source(run: RunOptions, stores: Stores) -> RunOptions:
    """Name the source where the operator did not: the first that has bars of every instrument."""
    if run.source:
        return run
    for source in (Source.ARCHIVE, Source.BINANCE, Source.COINGECKO):
        covered = {(c.symbol, c.interval) for c in stores.bars.coverage(source.value)}
        if all((symbol, run.interval) in covered for symbol in run.symbols):
            return replace(run, source=source.value)
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
    start = None if run.start is None else run.start - 2 * BLOCK * run.interval.duration
    series = [bars_of(stores, run.source, symbol, run.interval, start=start, end=run.end) for symbol in run.symbols]
    for one in series:
        if not len(one.between(run.start, run.end)):
            raise MissingBars(f"{run.source} has no {run.interval} bars of {one.symbol} between the two times")
    return series


def run_span(run: RunOptions, series: list[BarSeries]) -> tuple[datetime, datetime]:
    """Where the run begins and ends: as asked, else from the first bar to the last close."""
    start = run.start or min(s.bar(0).open_at for s in series)
    end = run.end or max(s.last_close_at or start for s in series)
    if start >= end:
        raise ConfigurationError(f"from {iso(start)} is not before to {iso(end)}")
    return run.interval.floor(start), run.interval.floor(end)


def instruments_for(run: RunOptions, stores: Stores) -> Mapping[str, Instrument]:
    """The rules of each instrument of the run."""
    if run.source == Source.SIMULATED:
        known = {i.symbol: i for i in history(run.source, stores).instruments()}
    else:
        known = {i.symbol: i for i in stores.bars.rules(run.source)}
    missing = [s for s in run.symbols if s not in known]
    if missing:
        raise MissingBars(f"{run.source} has no rules (tick, lot) for {', '.join(missing)}; import or sync them")
    return {s: known[s] for s in run.symbols}


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
