"""`backtest`: the same rules on bars, compiled.

A rule on stored bars needs neither database nor learning: nothing of them is imported here. That it was tried is
noted in a file, which the database takes in.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from engine.adapters.archive import SOURCE, import_paths
from engine.adapters.bars import ParquetBars
from engine.adapters.clock import WallClock
from engine.adapters.notes import TrialNotes
from engine.backtest.plan import BacktestPlan
from engine.backtest.run import backtest
from engine.cli import arguments, reporting
from engine.cli.checking import run_checks
from engine.cli.planned import compiling_words, plan_of, say, told, trade_row
from engine.cli.scored import trials_of
from engine.cli.stored import covered, finer_bars, open_bars, rules_among, run_span, stored_bars, stored_source
from engine.commands.run_options import RunOptions
from engine.domain.account import Source
from engine.domain.bar import BarSeries
from engine.domain.errors import ConfigurationError, MarketDataError
from engine.settings import load
from engine.strategy.ruled import RuleStrategy

MOST_DAYS = 3650
"""Between two trainings of a walk."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument("--bars", type=Path, metavar="FILE", help="import this file or folder first, then use its bars")
    parser.add_argument("--from", dest="start", type=arguments.moment, metavar="TIME")
    parser.add_argument("--to", dest="end", type=arguments.moment, metavar="TIME", help="not included")
    parser.add_argument("--check", action="store_true", help="look for look-ahead and for endless memory")
    parser.add_argument("--latency", type=int, default=1, metavar="BARS",
                        help="fill at the open of the BARS-th bar after the decision (default 1, as live)")  # fmt: skip
    parser.add_argument("--retrain", type=int, metavar="DAYS", help="walk forward: train anew every DAYS days")
    parser.add_argument("--against", metavar="ACCOUNT", help="backtest what this account traded; name each difference")
    reporting.add_arguments(parser)
    arguments.add_run_arguments(parser)


def hand_over(options: argparse.Namespace) -> str | None:
    """The module of the runs that need more than stored bars: models and the simulated market."""
    if options.against is not None:
        return "against"
    if options.retrain is not None and (options.model is None or not 1 <= options.retrain <= MOST_DAYS):
        raise ConfigurationError(f"--retrain needs --model and from 1 to {MOST_DAYS} days; a rule learns nothing")
    if options.beside is not None and options.report is None:
        raise ConfigurationError("--beside needs --report; say where the two runs shall stand side by side")
    if options.bars is not None:
        _take_in(open_bars(load()), options)
    elif options.start is None and options.end is None:
        raise ConfigurationError("--bars or --from and --to are missing; say which bars to use")
    wanted = arguments.run_options(options, options.start, options.end)
    found = wanted.source or stored_source(wanted, open_bars(load()))
    light = options.rule is not None and found is not None and found != Source.SIMULATED and options.report is None
    options.source = found or options.source
    return None if light else "backtest_whole"


def run(options: argparse.Namespace) -> Mapping[str, object]:
    """Backtest a rule on stored bars; with --bars the file's instrument, interval and span need not be repeated."""
    began = time.perf_counter()
    settings, wanted = load(), arguments.run_options(options, options.start, options.end)
    bars = open_bars(settings)
    series = stored_bars(wanted, bars)
    plan = _plan(wanted, bars, series, options.latency)
    say(0.0, compiling_words() or "")
    result = backtest(plan)
    TrialNotes(settings.notes_folder).write(trials_of(wanted, result, plan.strategy.name, WallClock().now()))
    outcome = {**told(result), **covered(wanted, series)}
    seconds = round(time.perf_counter() - began, 4)
    checks = run_checks(plan) if options.check else {}
    written = reporting.write_trades(options, [trade_row(trade) for trade in result.trades]) if options.trades else {}
    return {**outcome, "seconds": seconds, "in_sample": False, **checks, **written}


def _plan(wanted: RunOptions, bars: ParquetBars, series: list[BarSeries], latency_bars: int) -> BacktestPlan:
    strategy = RuleStrategy.of(wanted.strategy.removeprefix("rule:"))
    rules = rules_among(wanted, bars.rules(wanted.source))
    plan = plan_of(wanted, series, strategy, rules, run_span(wanted, series), latency_bars=latency_bars)
    return plan.with_finer(finer_bars(wanted, bars, series))


def _take_in(bars: ParquetBars, options: argparse.Namespace) -> None:
    report = import_paths([options.bars], bars, WallClock().now())
    if not report.bars:
        raise MarketDataError("; ".join(report.rejected) or f"--bars {options.bars}: no bars in it")
    asked = (options.instrument or ",".join(report.instruments)).split(",")
    spans = {k: span for k, span in report.spans.items() if k[0] in asked and options.interval in (None, k[1])}
    intervals = {interval for _, interval in spans}
    if len(intervals) != 1:
        held = ", ".join(f"{symbol} {interval}" for symbol, interval in report.spans)
        raise ConfigurationError(f"--bars {options.bars} holds {held}; choose with --instrument and --interval")
    options.source, options.interval = SOURCE, intervals.pop()
    options.instrument = options.instrument or ",".join(symbol for symbol, _ in spans)
    if options.start is None and options.end is None:  # what else is stored of it was not asked for
        options.start, options.end = min(start for start, _ in spans.values()), max(end for _, end in spans.values())


def words(result: Mapping[str, object]) -> Iterator[str]:
    """The result for a person."""
    if result.get("in_sample"):
        yield "IN SAMPLE: the model was trained on bars of this range"
    yield from (f"{name}: {value}" for name, value in result.items() if name != "runs")
    runs = result.get("runs")
    for one in runs if isinstance(runs, list) else []:
        yield from _run_words(one)


def _run_words(compared: Mapping[str, object]) -> Iterator[str]:
    """One comparison of live and backtest: its sums, then each difference in a line."""
    differences = compared["differences"]
    yield from (f"{name}: {value}" for name, value in compared.items() if name != "differences")
    for one in differences if isinstance(differences, list) else []:
        yield f"  {one['at']} {one['symbol']} {one['cause']} {one['profit']:+.8f}: {one['detail']}"
