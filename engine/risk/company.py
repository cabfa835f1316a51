"""The company a new position would join: the portfolio's other instruments, and its correlation with them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from engine.domain.bar import BarSeries
from engine.domain.interval import Interval, to_ms
from engine.risk.correlation import correlation, returns_on_grid, slots

Returns = dict[tuple[str, Interval], NDArray[np.float64]]
"""What instruments' returns were found to be at one close, by symbol and interval: (n_slots,) each."""


def correlation_with(
    held: Mapping[str, int], symbol: str, windows: Mapping[str, BarSeries], at: datetime, known: Returns | None = None
) -> float:
    """Correlation of `symbol` with everything else in `held` (quote atoms by symbol) at the close `at`.

    inf, not known, where a window is missing. `known` keeps what other calls of the same close found.
    """
    symbols = sorted({symbol, *(s for s, value in held.items() if value > 0)})
    own = windows.get(symbol)
    if own is None:
        return correlation(np.full((len(symbols), 1), np.nan), 1, 1, _values(held, symbols), symbols.index(symbol))
    n = slots(own.interval)
    first_ms, known = to_ms(at) - n * own.interval.ms, {} if known is None else known
    returns = np.full((len(symbols), n), np.nan)
    for row, name in enumerate(symbols):
        if name in windows:
            key = (name, own.interval)
            if key not in known:
                known[key] = returns_on_grid(windows[name], first_ms, n)
            returns[row] = known[key]
    return correlation(returns, n, n, _values(held, symbols), symbols.index(symbol))


def _values(held: Mapping[str, int], symbols: list[str]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([held.get(name, 0) for name in symbols], dtype=np.int64)
