"""Measure a call: median and 99th percentile of its time, the first call told apart."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Seconds. `first` is the first call, where compilers and caches show; `n` calls after it."""

    name: str
    first: float
    median: float
    p99: float
    n: int

    def line(self) -> str:
        """One row of the table, in milliseconds."""
        first, median, p99 = (f"{1000 * seconds:12,.3f}" for seconds in (self.first, self.median, self.p99))
        return f"{self.name:<58}{first}{median}{p99}{self.n:>8,}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """CPU seconds of ours and of a peer's second run; `theirs` is None where the peer is not there. `least` is the
    ratio theirs / ours that is wanted."""

    name: str
    ours: float
    theirs: float | None
    peer: str
    least: float | None
    extra: str = ""

    def line(self) -> str:
        """One row: milliseconds, and how many times as fast."""
        ours = f"{self.name:<58}{1000 * self.ours:12,.3f}"
        if self.theirs is None:
            return f"{ours}  {self.peer} skipped"
        ratio = self.theirs / self.ours
        wanted = "" if self.least is None else f", wanted {self.least:.2g}: {'yes' if ratio >= self.least else 'NO'}"
        more = f" ({self.extra})" if self.extra else ""
        return f"{ours}  {self.peer} {1000 * self.theirs:,.1f}: {ratio:.3g} times{wanted}{more}"


HEADING = f"{'milliseconds':<58}{'first':>12}{'median':>12}{'p99':>12}{'calls':>8}"


def measured(name: str, call: Callable[[], object], *, calls: int) -> Measured:
    """Call once, then `calls` times more."""
    first = _seconds(call)
    times = np.array([_seconds(call) for _ in range(calls)])
    return Measured(
        name=name, first=first, median=float(np.median(times)), p99=float(np.quantile(times, 0.99)), n=calls
    )


def _seconds(call: Callable[[], object]) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin
