"""Walk: an instrument's newest window, followed from bar to bar, so that a close costs one bar and not the window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.domain.bar import BarSeries
from engine.features.catalogue import walked
from engine.features.tape import Raw, Tape, blank, raw
from engine.features.window import BLOCK, block_of
from engine.kernel.compiled import unlocked


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """The newest bar's features, shape (1, n_features), NaN as a whole where its window is too short; the closes of its
    window, and how many of them, at its end, had not been seen before (all of them: it begins anew)."""

    x: NDArray[np.float64]
    closes: NDArray[np.float64]
    fresh: int


class Walk:
    """Follows one instrument. Whatever a series shows, the answer is that of the batch, to the bit: what was worked out
    before counts as far as every bar of it is still the same. For one thread at a time."""

    def __init__(self) -> None:
        self._bars: BarSeries | None = None
        self._start = self._walked = 0
        self._tape: Tape | None = None
        self._x = np.empty((1, 0))

    def newest(self, series: BarSeries) -> Newest:
        """The features of the last bar of a series that has one, and reaches back to its `window_start` as far as there
        are bars."""
        start = series.position((block_of(series.open_ms[-1], series.interval) - 1) * BLOCK * series.interval.ms)
        window = raw(series, start)
        n, known = len(window.close), self._known(series, window)
        if known == 0 or self._tape is None:
            self._tape, known = self._clean(), 0
        if known < n:
            self._bars = None  # where this fails half-way nothing is known
            self._x = walked(self._tape, window, known, n - 1)
        self._bars, self._start, self._walked = series, start, n
        return Newest(x=self._x, closes=window.close, fresh=n - known)

    def _known(self, series: BarSeries, window: Raw) -> int:
        """How many bars of the window were walked and are what they were; 0 where one has changed or more were."""
        before, n = self._bars, self._walked
        if before is None or before.interval is not series.interval or n > len(window.close):
            return 0
        seen = raw(before, self._start)
        same = all(_same(old.view(np.int64), new.view(np.int64), n) for old, new in zip(seen, window, strict=True))
        return n if same else 0

    def _clean(self) -> Tape:
        """A tape on which nothing has been walked."""
        if self._tape is None:
            return blank(2 * BLOCK)
        self._tape.sums[:] = 0.0
        self._tape.now[:] = np.nan
        return self._tape


@unlocked
def _same(old: NDArray[np.int64], new: NDArray[np.int64], n: int) -> bool:
    """Whether the first `n` of both are the same bits."""
    different = 0
    for i in range(n):
        different |= old[i] ^ new[i]
    return different == 0
