"""Online calibration: shrunk Platt, refitted each Monday on what has matured by then.

`Calibrator` is fitted on the matured predictions of the last year (prior and overlap as there) and holds for a week,
so that the probability at a bar is a function of predictions and outcomes that were known at the week's start: a
restart, a backtest and a live run have the same. Predictions must be out of sample: recorded live ones, or purged
out-of-fold ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.domain.errors import UnusableSample
from engine.learning.calibration import Calibrator
from engine.learning.kernels.compiled import Column, Matrix
from engine.statistics.sample import at_least, pair

DAY_MS = 86_400_000
REFIT_MS = 7 * DAY_MS
WINDOW_MS = 365 * DAY_MS
_MONDAY_MS = 4 * DAY_MS
"""1970-01-01 was a Thursday."""

Times = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matured:
    """Predictions whose outcome is known, in order of time, all (n,): the vote's chance of a rise, what happened (0 or
    1), the close at which it was said, the time at which the outcome was known; `horizon` in bars. `centre`: the
    log odds that calibrators shrink to, a coin's or those of an event that is none."""

    raw: Column
    up: Column
    close_ms: Times
    known_ms: Times
    horizon: int
    centre: float = 0.0

    @classmethod
    def of(cls, raw: ArrayLike, up: ArrayLike, close_ms: ArrayLike, known_ms: ArrayLike, horizon: int) -> Matured:
        """Checked: whole, as many of each, in order of time, known after they were said."""
        at_least(horizon, "horizon", 1)
        said, outcome = pair(raw, up, "predictions and outcomes", least=0)
        close, known = np.asarray(close_ms, dtype=np.int64), np.asarray(known_ms, dtype=np.int64)
        if close.shape != said.shape or known.shape != said.shape:
            raise UnusableSample(f"{len(said):,} predictions have {len(close):,} closes and {len(known):,} known times")
        if len(said) and (said.min() < 0 or said.max() > 1 or not np.isin(outcome, (0.0, 1.0)).all()):
            raise UnusableSample("predictions must lie within 0 and 1, and outcomes be 0 or 1")
        if (np.diff(close) < 0).any() or (known <= close).any():
            raise UnusableSample("predictions must be in order of time, each outcome known after its call")
        return cls(raw=said, up=outcome, close_ms=close, known_ms=known, horizon=horizon)

    def calibrator(self, at_ms: int, window_ms: int = WINDOW_MS) -> Calibrator:
        """Fitted on calls said within `window_ms` before `at_ms` whose outcome was known then; the prior where none."""
        rows = (self.known_ms <= at_ms) & (self.close_ms > at_ms - window_ms)
        return Calibrator.fit(self.raw[rows], self.up[rows], self.horizon, self.centre)


def refitted_at(close_ms: ArrayLike, refit_ms: int = REFIT_MS) -> Times:
    """The newest refit moment at or before each close: Mondays 00:00 UTC, or every `refit_ms` from one on.

    >>> refitted_at([4 * DAY_MS - 1, 4 * DAY_MS, 11 * DAY_MS - 1]).tolist() == [-3 * DAY_MS, 4 * DAY_MS, 4 * DAY_MS]
    True
    """
    times = np.asarray(close_ms, dtype=np.int64)
    step = int(at_least(refit_ms, "refit interval in ms", 1))
    return np.asarray((times - _MONDAY_MS) // step * step + _MONDAY_MS)


def calibrated_online(
    matured: Matured,
    raw: Column,
    close_ms: ArrayLike,
    *,
    refit_ms: int = REFIT_MS,
    window_ms: int = WINDOW_MS,
) -> Matrix:
    """Columns probability, low, high (90 %) per prediction, shape (n, 3), each by the calibrator of its own week."""
    said = np.ascontiguousarray(raw, dtype=np.float64)
    moments = refitted_at(close_ms, refit_ms)
    if moments.shape != said.shape:
        raise UnusableSample(f"{len(said):,} predictions have {len(moments):,} closes; each needs one")
    out = np.full((len(said), 3), np.nan)
    for moment in np.unique(moments).tolist():
        rows = np.flatnonzero(moments == moment)
        out[rows] = matured.calibrator(moment, window_ms).apply(said[rows])
    return out
