"""What an order's own size does to its price: square-root impact, for the paper account and the backtest loop alike.

impact = coefficient x sigma x sqrt(order's notional / traded notional), sigma and traded notional per bar over the
WINDOW bars of the grid before the fill, those that are there. The law (Toth et al. 2011, "Anomalous price impact and
the critical nature of liquidity in financial markets") is measured well below what the market trades: an order larger
than that, or one in a market where nothing was traded, counts as all of it.
"""

from __future__ import annotations

from datetime import datetime
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

from engine.domain.bar import BarSeries
from engine.domain.interval import to_ms
from engine.domain.money import ATOMS_PER_UNIT, PPM
from engine.kernel.compiled import borrowing, compiled

WINDOW = 24
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
STILL = (0.0, 0.0)
"""A market of which nothing is known: no impact."""


@compiled
def impact_ppm(coefficient: float, sigma: float, traded: float, atoms: int) -> int:
    """Millionths by which an order worth `atoms` moves its own price, rounded up; `traded` in quote a bar.

    >>> impact_ppm(1.0, 0.02, 1_000_000.0, 10_000 * 10**8), impact_ppm(1.0, 0.02, 0.0, 10**8)
    (2000, 20000)
    """
    if coefficient <= 0.0 or sigma <= 0.0:
        return 0
    worth, share = float(atoms) / float(ATOMS_PER_UNIT), 1.0
    if traded > worth:
        share = worth / traded
    return min(PPM, ceil(coefficient * sigma * sqrt(share) * PPM))


@borrowing
def flow_before(opens: Ints, closes: Floats, volumes: Floats, row: int, since_ms: int) -> tuple[float, float]:
    """(sigma, traded notional) a bar, of the bars before `row` that open at `since_ms` or later; zeros without two."""
    squares, traded, bars, k = 0.0, 0.0, 0, row - 1
    while k >= 0 and opens[k] >= since_ms:
        traded += volumes[k] * closes[k]
        bars += 1
        if k > 0 and opens[k - 1] >= since_ms:
            move = closes[k] / closes[k - 1] - 1.0
            squares += move * move
        k -= 1
    if bars < 2:
        return 0.0, 0.0
    return sqrt(squares / (bars - 1)), traded / bars


@borrowing
def _flows(opens: Ints, closes: Floats, volumes: Floats, first: int, step_ms: int, out: Floats) -> None:  # noqa: PLR0917
    for row in range(first, len(opens)):
        since_ms = opens[row] - WINDOW * step_ms
        out[row - first, 0], out[row - first, 1] = flow_before(opens, closes, volumes, row, since_ms)


def flows(series: BarSeries, first: int) -> Floats:
    """What is known at the open of each bar from row `first` on, shape (rows, 2): sigma and traded notional a bar."""
    out = np.zeros((len(series) - first, 2))
    opens, closes, volumes = (np.asarray(column) for column in (series.open_ms, series.close, series.volume))
    _flows(opens, closes, volumes, first, series.interval.ms, out)
    return out


def flow_at(window: BarSeries, at: datetime) -> tuple[float, float]:
    """The same at the bar that `at` lies in, from the bars before it."""
    begin_ms = to_ms(window.interval.floor(at))
    row, since_ms = window.position(begin_ms), begin_ms - WINDOW * window.interval.ms
    opens, closes, volumes = (np.asarray(column) for column in (window.open_ms, window.close, window.volume))
    sigma, traded = flow_before(opens, closes, volumes, row, since_ms)
    return float(sigma), float(traded)
