"""The company a new position would join: the portfolio's other instruments, and its correlation with them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import numpy as np

from engine.domain.bar import BarSeries
from engine.domain.interval import to_ms
from engine.risk.correlation import correlation, returns_on_grid, slots


def correlation_with(held: Mapping[str, int], symbol: str, windows: Mapping[str, BarSeries], at: datetime) -> float:
    """Correlation of `symbol` with everything else in `held` (quote atoms by symbol) at the close `at`.

    inf, not known, where a window is missing.
    """
    symbols = sorted({symbol, *(s for s, value in held.items() if value > 0)})
    own = windows.get(symbol)
    if own is None:
        return correlation(np.full((len(symbols), 1), np.nan), 1, 1, _values(held, symbols), symbols.index(symbol))
    n = slots(own.interval)
    first_ms = to_ms(at) - n * own.interval.ms
    returns = np.full((len(symbols), n), np.nan)
    for row, name in enumerate(symbols):
        if name in windows:
            returns[row] = returns_on_grid(windows[name], first_ms, n)
    return correlation(returns, n, n, _values(held, symbols), symbols.index(symbol))


def _values(held: Mapping[str, int], symbols: list[str]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([held.get(name, 0) for name in symbols], dtype=np.int64)
