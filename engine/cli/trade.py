"""`trade`: run the trader until SIGTERM, or replay a range through the same cycle."""

from __future__ import annotations

import argparse
import signal
import threading
import time
from collections.abc import Iterator, Mapping

from engine.bootstrap import Stores, open_stores
from engine.cli import arguments
from engine.cli.replaying import run_replay
from engine.cli.running import run_account
from engine.cli.telling import tell_share
from engine.settings import load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument("--replay", type=arguments.span, metavar="FROM..TO", help="TO is not included")
    parser.add_argument(
        "--speed", default="max", type=arguments.speed, metavar="N",
        help="of a replay: max, or market seconds per second (1, 60, ...)",
    )  # fmt: skip
    parser.add_argument("--fresh", action="store_true", help="begin a replay anew instead of resuming it")
    arguments.add_run_arguments(parser)


def run(options: argparse.Namespace) -> Mapping[str, object]:
    """Replay, or run until a signal comes; then the summary."""
    with open_stores(load()) as stores:
        return _trade(stores, options)


def _trade(stores: Stores, options: argparse.Namespace) -> Mapping[str, object]:
    stopping = stop_on_signals()
    if options.replay is None:
        return run_account(stores, options, stopping)
    start, end = options.replay
    told = _Throttle()

    def progress(share: float, message: str) -> bool:
        told(share, message)
        return stopping.is_set()

    wanted = arguments.run_options(options, start, end)
    return run_replay(stores, wanted, speed=options.speed, fresh=options.fresh, progress=progress)


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    return stopping


class _Throttle:
    """Tells about progress twice a second at most."""

    def __init__(self) -> None:
        self._at = 0.0

    def __call__(self, share: float, message: str) -> None:
        if time.monotonic() - self._at > 0.5:
            self._at = time.monotonic()
            tell_share(share, message)


def words(result: Mapping[str, object]) -> Iterator[str]:
    """The result for a person."""
    yield from (f"{name}: {value}" for name, value in result.items())
