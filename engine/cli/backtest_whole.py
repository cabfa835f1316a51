"""`backtest` of what a rule on stored bars does not cover: models and the simulated market."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from engine.bootstrap import open_stores
from engine.cli import arguments
from engine.cli.backtesting import run_backtest
from engine.cli.planned import say
from engine.settings import load


def run(options: argparse.Namespace) -> Mapping[str, object]:
    """Backtest with everything that is stored at hand."""
    with open_stores(load()) as stores:
        return run_backtest(stores, arguments.run_options(options, options.start, options.end), say)
