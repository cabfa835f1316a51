"""The simulated history: blocks made once, in order, and rounded to ticks; hours are kept, finer bars made again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from decimal import Decimal
from threading import Lock

import numpy as np

from engine.adapters.simulated.listing import LISTING
from engine.adapters.simulated.process import State, end_state, first_state, make_path, make_shared
from engine.market.columns import Floats

Columns = tuple[Floats, Floats, Floats, Floats, Floats]
"""open, high, low, close, volume of one instrument in one block."""
_FINE_KEPT = 36


class History:
    """All blocks of one seed. A block depends on the one before it only through its end state, which is kept."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._starts: list[State] = [first_state(seed)]
        self._hours: list[list[Columns]] = []
        self._fine: OrderedDict[tuple[int, int], Columns] = OrderedDict()
        self._lock = Lock()

    def hours(self, index: int, instrument: int) -> Columns:
        """The 720 bars of 1h in block `index` of the instrument at that place of LISTING."""
        with self._lock:
            self._reach(index)
            return self._hours[index][instrument]

    def fine(self, index: int, instrument: int) -> Columns:
        """The 8,640 bars of 5m in block `index`."""
        with self._lock:
            self._reach(index)
            if (index, instrument) not in self._fine:
                start = self._starts[index]
                shared = make_shared(self._seed, index, start)
                path = make_path(self._seed, index, instrument, start, shared)
                self._keep(index, instrument, _rounded(path.columns, instrument))
            self._fine.move_to_end((index, instrument))
            return self._fine[index, instrument]

    def _reach(self, index: int) -> None:
        while len(self._hours) <= index:
            start, k = self._starts[-1], len(self._hours)
            shared = make_shared(self._seed, k, start)
            paths = [make_path(self._seed, k, i, start, shared) for i in range(len(LISTING))]
            fine = [_rounded(path.columns, i) for i, path in enumerate(paths)]
            for i, columns in enumerate(fine):
                self._keep(k, i, columns)
            self._starts.append(end_state(shared, paths))
            self._hours.append([aggregate(columns, 12) for columns in fine])

    def _keep(self, index: int, instrument: int, fine: Columns) -> None:
        self._fine[index, instrument] = fine
        while len(self._fine) > _FINE_KEPT:
            self._fine.popitem(last=False)


def aggregate(columns: Sequence[Floats], factor: int) -> Columns:
    """Join each `factor` bars into one; their number must be a multiple of it."""
    opens, highs, lows, closes, volumes = (column.reshape(-1, factor) for column in columns)
    # Sums of volumes are rounded: a sum of decimals in floats carries noise in its last places.
    return (
        opens[:, 0].copy(), highs.max(axis=1), lows.min(axis=1), closes[:, -1].copy(),
        np.round(volumes.sum(axis=1), 8),
    )  # fmt: skip


def _rounded(columns: Columns, place: int) -> Columns:
    """Put prices on the tick grid and volumes on the lot grid; a price is one tick at least."""
    one = LISTING[place].instrument
    opens, highs, lows, closes = (_on_grid(column, one.tick_size, 1) for column in columns[:4])
    return opens, highs, lows, closes, _on_grid(columns[4], one.lot_step, 0)


def _on_grid(column: Floats, step: Decimal, least: int) -> Floats:
    """The float64 nearest to each whole multiple of a decimal step, as a file of decimals would be read."""
    per_unit = int(1 / step)
    counts: Floats = np.maximum(np.rint(column * per_unit), least)
    return counts / per_unit
