"""The job: close after close, each with an order for every instrument, and how long the last one took."""

from __future__ import annotations

import gc
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from engine.training.spec import Trained
from tests.bench.timing import Measured
from tests.bench.wire.distance import Close, heading, row
from tests.bench.wire.far import Round, serve
from tests.bench.wire.market import START, FarClock, traded
from tests.bench.wire.near import Near, trained

ROUNDS = {1: 20, 10: 50, 50: 10}
"""Closes that are measured, by the number of instruments."""
_FIRST = 3
"""Closes before them: compilers and caches."""
_STEP = 20.0
"""Seconds that the clock is turned at once: within what the engine waits for a reconciliation."""
_BEFORE = 1.5
"""Real seconds that pass before a close, so that what is due now and then is done."""


def orders() -> Iterator[Measured]:
    """From the last closed bar leaving the exchange to the first and the last signed order reaching it."""
    model, told = trained(), []
    for n, rounds in ROUNDS.items():
        found = measure(model, n, rounds)
        told.append(row(n, found))
        for name, times in (
            ("first order", [close.first for close in found]), ("last order", [close.last for close in found])
        ):  # fmt: skip
            yield Measured(
                name=f"closed bar -> {name}'s request, {n} instrument{'s' if n > 1 else ''}", first=times[0],
                median=float(np.median(times)), p99=float(np.quantile(times, 0.99)), n=len(times),
            )  # fmt: skip
    print(heading(), *told, sep="\n", file=sys.stderr)


def measure(model: Trained, n: int, rounds: int) -> list[Close]:
    """How long `n` orders took, for each of so many closes."""
    with ExitStack() as stack:
        town = Town(model, n, rounds + _FIRST + 2, stack)
        found = [town.close() for _ in range(_FIRST + rounds)][_FIRST:]
    short = sum(len(one.orders) != n for one, _ in found)
    if short:
        print(f"{short} of {rounds} closes brought another number of orders than {n}; left out", file=sys.stderr)
    return [
        Close(first=one.orders[0] - one.bars[-1], last=one.orders[-1] - one.bars[-1], worked=worked)
        for one, worked in found if len(one.orders) == n
    ]  # fmt: skip


class Town:
    """Engine and exchange, in two processes, by one clock."""

    def __init__(self, model: Trained, n: int, closes: int, stack: ExitStack) -> None:
        processes = multiprocessing.get_context("spawn")
        self._n = n
        self.clock = FarClock(START, time.monotonic() - 1, processes.Value("d", 0.0, lock=False))
        instruments = traded(n, closes)
        self._pipe, far_end = processes.Pipe()
        far = processes.Process(target=serve, args=(far_end, self.clock, instruments), daemon=True)
        far.start()
        stack.callback(far.join, 10)
        stack.callback(self._pipe.send, ("end", 0))
        place = self._pipe.recv()
        self.ask("quote")
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        self.near = Near(folder, stack, place, self.clock, instruments)
        self.near.furnish(model)
        self.near.run(stack)
        gc.collect()
        gc.freeze()

    def ask(self, word: str, value: int = 0) -> Any:
        """Ask the other process."""
        pipe: Connection = self._pipe
        pipe.send((word, value))
        return pipe.recv()

    def close(self) -> tuple[Round, float]:
        """Let the minute pass, and the close come; then sell what was bought by it. With the engine's own CPU time."""
        while 60 - self.clock.now().second > _STEP + 3:
            self.clock.turn(_STEP)
            time.sleep(0.7)
        self._sleep_until_before()
        self.ask("fresh")
        self.ask("quote")
        worked = self.near.worked()
        found: Round = self.ask("round", self._n)
        worked = self.near.worked() - worked
        self.near.soon(lambda: self.near.covered() == self._n, f"{self._n} covered positions")
        self.ask("stops")
        self.near.soon(self.near.flat, "the sale of everything")
        return found, worked

    def _sleep_until_before(self) -> None:
        """To the last moment before the close, by turning the clock what is more than `_BEFORE` away."""
        now = self.clock.now()
        left = 60 - now.second - now.microsecond / 1e6
        self.clock.turn(max(0.0, left - _BEFORE))
        time.sleep(min(left, _BEFORE) - 0.5)
