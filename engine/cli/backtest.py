"""`backtest`: the same rules on bars, compiled."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path

from engine.adapters.archive import import_paths
from engine.bootstrap import Stores, open_stores
from engine.cli import arguments
from engine.cli.backtesting import run_backtest
from engine.domain.errors import ConfigurationError, MarketDataError
from engine.settings import load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument("--bars", type=Path, metavar="FILE", help="import this file or folder first, then use its bars")
    parser.add_argument("--from", dest="start", type=arguments.moment, metavar="TIME")
    parser.add_argument("--to", dest="end", type=arguments.moment, metavar="TIME", help="not included")
    arguments.add_run_arguments(parser)


def run(options: argparse.Namespace) -> Mapping[str, object]:
    """Backtest; with --bars the file's instrument and interval need not be repeated."""
    with open_stores(load()) as stores:
        return _backtest(stores, options)


def _backtest(stores: Stores, options: argparse.Namespace) -> Mapping[str, object]:
    if options.bars is not None:
        _take_in(stores, options)
    elif options.start is None and options.end is None:
        raise ConfigurationError("--bars or --from and --to are missing; say which bars to use")
    wanted = arguments.run_options(options, options.start, options.end)
    return run_backtest(stores, wanted, lambda _share, _message: False)


def _take_in(stores: Stores, options: argparse.Namespace) -> None:
    report = import_paths([options.bars], stores.bars, stores.clock.now())
    if not report.bars:
        raise MarketDataError("; ".join(report.rejected) or f"--bars {options.bars}: no bars in it")
    options.source = "ARCHIVE"
    options.instrument = options.instrument or ",".join(report.instruments)


def words(result: Mapping[str, object]) -> Iterator[str]:
    """The result for a person."""
    if result["in_sample"]:
        yield "IN SAMPLE: the model was trained on bars of this range"
    yield from (f"{name}: {value}" for name, value in result.items())
