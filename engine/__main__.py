"""`python -m engine COMMAND`: trade, train, predict, backtest, sweep, trials, import, migrate, doctor.

Exit code 0 only on success, 2 for bad usage. With --json exactly one JSON object goes to stdout; logs go to stderr.
"""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import math
import sys
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import NoReturn

from engine.domain.errors import AaitiError, ConfigurationError

COMMANDS: Mapping[str, str] = {
    "import": "read bars from parquet, feather or CSV files and folders",
    "train": "fit a model and measure it out of sample",
    "predict": "a model's call at one bar, with reasons and every gate",
    "trade": "run the trader, or replay a range through it",
    "backtest": "the same rules on bars, compiled",
    "sweep": "a backtest for every combination of values, judged by how many there were",
    "trials": "what was ever scored on an instrument, and what that costs each Sharpe ratio",
    "migrate": "bring the database to this version",
    "doctor": "check the set-up and say what to do",
    "job": "run a queued job (used by the console)",
}
_MODULES = {"import": "importing"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse, run, print. Only the module of the asked command is loaded."""
    args = list(sys.argv[1:] if arguments is None else arguments)
    parser = _Parser(prog="python -m engine", description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    asked = next((a for a in args if a in COMMANDS), None)
    for name, text in COMMANDS.items():
        sub = commands.add_parser(name, help=text, description=text)
        sub.add_argument("--json", action="store_true", help="print one JSON object on stdout")
        if name == asked:
            _module(_MODULES.get(name, name)).add_arguments(sub)
    try:
        options = parser.parse_args(args)
    except ConfigurationError as error:
        return _fail(argparse.Namespace(command=asked or parser.prog, json="--json" in args), error, 2)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    return _run(options)


class _Parser(argparse.ArgumentParser):
    """Bad usage is told as every other mistake is; argparse would leave at once, with nothing on stdout."""

    def error(self, message: str) -> NoReturn:
        """Show the usage; `main` tells the rest."""
        self.print_usage(sys.stderr)
        raise ConfigurationError(message)


def _run(options: argparse.Namespace) -> int:
    module = _module(_MODULES.get(options.command, options.command))
    try:
        result: Mapping[str, object] = _doer(module, options).run(options)
    except ConfigurationError as error:
        return _fail(options, error, 2)
    except AaitiError as error:
        return _fail(options, error, 1)
    if options.json:
        print(json.dumps(_plain(result), ensure_ascii=False, allow_nan=False))
    else:
        for line in module.words(result):
            print(line)
    return 0 if result.get("ok", True) else 1


def _doer(module: ModuleType, options: argparse.Namespace) -> ModuleType:
    """The module that runs the command: its own, or the one that it hands heavier work over to."""
    hand_over = getattr(module, "hand_over", None)
    other = None if hand_over is None else hand_over(options)
    return module if other is None else _module(other)


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"engine.cli.{name}")


def _plain(value: object) -> object:
    """JSON has no NaN and no infinity: they become null."""
    if isinstance(value, Mapping):
        return {name: _plain(v) for name, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _fail(options: argparse.Namespace, error: AaitiError, code: int) -> int:
    print(f"{options.command}: {error}", file=sys.stderr)
    if options.json:
        print(json.dumps({"ok": False, "error": str(error)}, ensure_ascii=False))
    return code


if __name__ == "__main__":
    sys.exit(main())
