"""`sweep`: a backtest for every combination of values; each is a trial, the best is judged by how many there were."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Iterator, Mapping

from engine.bootstrap import open_stores
from engine.cli import arguments
from engine.cli.sweeping import run_sweep
from engine.cli.telling import tell_share
from engine.cli.trade import stop_on_signals
from engine.commands.sweeps import Sweep, parse_grid
from engine.domain.errors import ConfigurationError
from engine.settings import load

_SHOWN = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument(
        "--grid", action="append", required=True, metavar="NAME=A,B,C",
        help="values of a rule's parameter (fast=5,10,20) or of a limit (stop_loss=0.01,0.02), or whole strategies "
        "(model=ID,ID or rule=NAME:k=v,...;NAME); give it once for each name",
    )  # fmt: skip
    parser.add_argument("--from", dest="start", type=arguments.moment, metavar="TIME")
    parser.add_argument("--to", dest="end", type=arguments.moment, metavar="TIME", help="not included")
    arguments.add_run_arguments(parser)


def run(options: argparse.Namespace) -> Mapping[str, object]:
    """Sweep; SIGINT and SIGTERM end it after the portions that are on their way, and the same command goes on there."""
    grid = parse_grid(options.grid)
    if not (options.model or options.rule):
        _first_of(options, grid)
    wanted = Sweep(run=arguments.run_options(options, options.start, options.end), grid=grid)
    stopping = stop_on_signals()
    with open_stores(load()) as stores:
        return run_sweep(stores, wanted, _Said(stopping))


def _first_of(options: argparse.Namespace, grid: Mapping[str, tuple[str, ...]]) -> None:
    """Whole strategies in the grid need none beside it."""
    for name in ("model", "rule"):
        if name in grid:
            setattr(options, name, grid[name][0])
            return
    raise ConfigurationError("--model or --rule is missing; say what trades")


class _Said:
    """Progress for a person at a terminal, on stderr."""

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping

    def __call__(self, share: float, message: str) -> bool:
        tell_share(share, message)
        return self._stopping.is_set()


def words(result: Mapping[str, object]) -> Iterator[str]:
    """The result for a person."""
    if result["in_sample"]:
        yield "IN SAMPLE: a model was trained on bars of this range"
    yield from (f"{name}: {value}" for name, value in result.items() if name not in {"cells", "best", "dimensions"})
    cells = result["cells"]
    if isinstance(cells, list) and cells:
        names = [name for name in cells[0] if name != "final_equity"]
        yield "  ".join(names)
        yield from ("  ".join(_short(cell[name]) for name in names) for cell in cells[:_SHOWN])


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
