"""What a run finds in the cache of bars alone, without a database: bars, rules, and where it begins and ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from engine.adapters.bars import ParquetBars
from engine.adapters.bars.shelves import shelves
from engine.backtest.finer import inside, wide
from engine.commands.run_options import RunOptions
from engine.domain.account import Source
from engine.domain.bar import BarSeries
from engine.domain.errors import ConfigurationError, MissingBars
from engine.domain.instrument import Instrument
from engine.domain.interval import Interval, iso
from engine.features.window import BLOCK
from engine.ports import Bars, Coverage
from engine.risk.limits import RiskLimits
from engine.settings import Settings


def open_bars(settings: Settings) -> ParquetBars:
    """The cache of bars."""
    return ParquetBars(settings.bars_folder, shelves(settings.live.url, settings.testnet.url))


def stored_source(run: RunOptions, bars: Bars) -> str | None:
    """The source whose bars of every instrument reach over most of the asked range, the first of equals; None where no
    source has bars of them all."""
    reach: dict[str, timedelta] = {}
    for source in (Source.ARCHIVE, Source.BINANCE, Source.COINGECKO):
        stored = {c.symbol: c for c in bars.coverage(source.value) if c.interval is run.interval}
        if all(symbol in stored for symbol in run.symbols):
            reach[source.value] = sum((_reach(run, stored[symbol]) for symbol in run.symbols), timedelta())
    return max(reach, key=lambda source: reach[source], default=None)


def _reach(run: RunOptions, stored: Coverage) -> timedelta:
    """How much of the asked range lies between the first and the last stored bar."""
    first, last = stored.first_open_at, stored.last_open_at + run.interval.duration
    return max(min(run.end or last, last) - max(run.start or first, first), timedelta())


def stored_bars(run: RunOptions, bars: Bars) -> list[BarSeries]:
    """Each instrument's bars of the run, with the two blocks before that features look back on."""
    start = None if run.start is None else run.start - 2 * BLOCK * run.interval.duration
    series = [bars.read(run.source, symbol, run.interval, start, run.end) for symbol in run.symbols]
    for one in series:
        if not len(one):
            raise MissingBars(
                f"{run.source} has no {run.interval} bars of {one.symbol} in that range; import files or sync them on "
                "the market page"
            )
    traded(run, series)
    return series


def finer_bars(
    run: RunOptions, bars: Bars, series: Sequence[BarSeries], limits: RiskLimits | None = None
) -> Mapping[str, BarSeries]:
    """The shortest bars that are stored under each instrument's own, inside those that could reach a stop and a target
    of the run's limits (or these); nothing of instruments that have none."""
    limits, found = limits or RiskLimits.from_mapping(run.limit_overrides()), {}
    shorter = [i for i in Interval if i.ms < run.interval.ms and not run.interval.ms % i.ms]
    stored = {(c.symbol, c.interval) for c in bars.coverage(run.source)} if shorter else set()
    rules = {one.symbol: one for one in bars.rules(run.source)} if stored else {}
    for one in series:
        interval = next((i for i in shorter if (one.symbol, i) in stored), None)
        if interval is None or one.symbol not in rules:
            continue
        known = one.between(run.start, run.end)
        chosen = wide(known, rules[one.symbol], limits)
        rows = np.flatnonzero(chosen)
        if len(rows):
            first, last = known.bar(int(rows[0])).open_at, known.bar(int(rows[-1])).open_at + run.interval.duration
            found[one.symbol] = inside(bars.read(run.source, one.symbol, interval, first, last), known, chosen)
    return found


def traded(run: RunOptions, series: Sequence[BarSeries]) -> None:
    """MissingBars where an instrument has no bar between the run's two times."""
    for one in series:
        if not len(one.between(run.start, run.end)):
            raise MissingBars(f"{run.source} has no {run.interval} bars of {one.symbol} between the two times; "
                              "sync or import them, or choose other times")  # fmt: skip


def covered(run: RunOptions, series: Sequence[BarSeries]) -> dict[str, object]:
    """Whose bars the run had, from the first open to the last close: fewer, it may be, than were asked for."""
    start, end = run_span(replace(run, start=None, end=None), [one.between(run.start, run.end) for one in series])
    return {"source": run.source, "from": iso(start), "to": iso(end)}


def run_span(run: RunOptions, series: Sequence[BarSeries]) -> tuple[datetime, datetime]:
    """Where the run begins and ends: as asked, else from the first bar to the last close."""
    start = run.start or min(s.bar(0).open_at for s in series)
    end = run.end or max(s.last_close_at or start for s in series)
    if start >= end:
        raise ConfigurationError(f"from {iso(start)} is not before to {iso(end)}; swap them")
    return run.interval.floor(start), run.interval.floor(end)


def rules_among(run: RunOptions, known: Sequence[Instrument]) -> Mapping[str, Instrument]:
    """The rules of each instrument of the run; MissingBars names those without."""
    by_symbol = {one.symbol: one for one in known}
    missing = [s for s in run.symbols if s not in by_symbol]
    if missing:
        raise MissingBars(f"{run.source} has no rules (tick, lot) for {', '.join(missing)}; import or sync them")
    return {s: by_symbol[s] for s in run.symbols}
