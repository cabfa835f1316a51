"""Lately: what a trained model would have said since its training, as far as a row's own window shows it.

A row sees the bars of its block of the grid and of the block before. The model's calls at those bars that came after
its training are out of sample, and many have matured: with the version's own record they say how the model stands, and
whether it has skill; where the window does not reach back to the training, they alone say the latter. So the calibrator
of a bar is a function of (version, bars of its window), the same live, in a replay and in a backtest, and no store of
past predictions, no restart and no missed bar can change it.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.domain.bar import BarSeries
from engine.features.catalogue import WARM_UP, window_matrix
from engine.features.window import block_of
from engine.learning.following import Following
from engine.learning.kernels.compiled import Column, Matrix
from engine.learning.labels import Labels
from engine.learning.online import refitted_at
from engine.learning.record import Record, Standing

_MOST_KEPT = 64
_MOST_FOLLOWED = 16
"""Half a megabyte each."""

Key = tuple[str, int, int, int]


class Asked(Protocol):
    """What a model is asked, and its answers."""

    def answers(self, x: Matrix) -> tuple[Column, Column]:
        """The vote's chance of a rise and the chance of what is asked, neither calibrated, per row of features."""
        ...

    def labels(self, window: BarSeries) -> Labels:
        """What came of it, per bar of one window."""
        ...


@dataclass(slots=True)
class Memory:
    """Standings that were worked out already, and instruments' windows that are followed. Each is what its key says, so
    forgetting one costs time alone: a copy for another process begins empty."""

    kept: dict[Key, Standing] = field(default_factory=dict)
    followed: dict[str, Following] = field(default_factory=dict)

    def __reduce__(self) -> tuple[type[Memory], tuple[()]]:
        return Memory, ()

    def following(self, symbol: str) -> Following:
        """The window of an instrument as it was seen last."""
        if symbol not in self.followed and len(self.followed) >= _MOST_FOLLOWED:
            self.followed.clear()
        return self.followed.setdefault(symbol, Following())

    def recall(self, key: Key, work_out: Callable[[], Standing]) -> Standing:
        """The standing of a key."""
        found = self.kept.get(key)
        if found is None:
            found = work_out()
            if len(self.kept) >= _MOST_KEPT:
                self.kept.clear()
            self.kept[key] = found
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One block's window: its bars, of which the first WARM_UP - 1 know too little."""

    bars: BarSeries

    def joined(self, record: Record, asked: Asked, trained_to_ms: int) -> Record:
        """The record with the matured calls of this window's bars that opened at or after `trained_to_ms`. It is not
        whole where calls were made since training at bars that this window does not show, or shows too late to call."""
        opens = np.array(self.bars.open_ms, dtype=np.int64)
        known = asked.labels(self.bars)
        rows = np.flatnonzero((opens >= trained_to_ms) & ~np.isnan(known.log_return))
        rows = rows[rows >= WARM_UP - 1]
        whole = self.bars.position(trained_to_ms) >= WARM_UP - 1
        if not len(rows):
            return replace(record, whole=whole)
        x = window_matrix(self.bars, int(rows[0]))
        vote, raw = asked.answers(np.ascontiguousarray(x[rows - rows[0]]))
        return record.joined(
            raw, known.up[rows], opens[rows] + self.bars.interval.ms, known.known_ms[rows], vote=vote, whole=whole
        )  # fmt: skip

    def key(self, at_ms: int) -> Key:
        """What a standing at `at_ms` depends on, besides the version: these bars as far as they had closed by then."""
        bars = self.bars
        n = bars.position(at_ms - bars.interval.ms + 1)
        digest = zlib.crc32(memoryview(bars.open_ms)[:n])
        for column in (bars.open, bars.high, bars.low, bars.close, bars.volume):
            digest = zlib.crc32(memoryview(column)[:n], digest)
        return bars.symbol, block_of(bars.open_ms[-1], bars.interval), at_ms, digest


def moments(close_ms: NDArray[np.int64], trained_to_ms: int) -> NDArray[np.int64]:
    """When each row's standing was worked out: the Monday before it, and not before training ended."""
    return np.maximum(refitted_at(close_ms), trained_to_ms)
