"""Fill simulation: whether an order fills and at which price, for the paper account and the backtest loop alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.domain.errors import InvalidBar
from engine.domain.instrument import Instrument
from engine.kernel.compiled import borrowing, compiled
from engine.kernel.grid import Grid, affordable, notional
from engine.kernel.prices import buy_fee, market_buy, market_sell, protect, sell_fee

__all__ = [
    "ACCEPTED", "NOT_TOUCHED", "STOPPED", "TARGETED", "TOO_POOR", "TOO_SMALL", "accept_buy", "buy_fee", "intrabar",
    "limit_buy", "market_buy", "market_sell", "protect", "sell_fee", "tick_bars", "tick_columns", "to_ticks",
]  # fmt: skip

Prices = NDArray[np.float64]
NOT_TOUCHED, STOPPED, TARGETED = 0, 1, 2
"""What a bar did to a guarded position."""
ACCEPTED, TOO_SMALL, TOO_POOR = 0, 1, 2
"""The venue's word on a buy at a price."""

_OFF_GRID = 1e-6
_MOST_ATOMS = float(2**62)


@compiled
def intrabar(opened: int, high: int, low: int, stop: int, target: int) -> tuple[int, int]:
    """(what happened, price in ticks before costs) to a resting stop and target (0: none) in one bar.

    A gap through the stop fills at the open. One beyond the target fills at the target: it rests at the exchange as a
    limit, which is paid its own price however far the market jumps. Where the bar touches both, the stop wins.

    >>> intrabar(100, 120, 80, 90, 110), intrabar(100, 120, 95, 90, 110), intrabar(85, 120, 80, 90, 110)
    ((1, 90), (2, 110), (1, 85))
    >>> intrabar(115, 120, 80, 90, 110)
    (2, 110)
    """
    if 0 < stop and opened <= stop:
        return STOPPED, opened
    if 0 < target <= opened:
        return TARGETED, target
    if 0 < stop and low <= stop:
        return STOPPED, stop
    if 0 < target <= high:
        return TARGETED, target
    return NOT_TOUCHED, 0


@compiled
def limit_buy(opened: int, low: int, price: int) -> int:
    """The price at which a resting limit buy fills in a bar, 0 where it does not: better than asked on a gap."""
    if opened <= price:
        return opened
    return price if low <= price else 0


@compiled
def accept_buy(lots: int, ticks: int, cash: int, grid: Grid) -> int:
    """Whether the venue takes a buy of `lots` that would fill at `ticks`."""
    if not affordable(lots, ticks, cash, grid):
        return TOO_POOR
    if notional(lots, ticks, grid) < grid.min_notional:
        return TOO_SMALL
    return ACCEPTED


def to_ticks(price: float, instrument: Instrument) -> int:
    """One observed price in ticks; InvalidBar where it is off the instrument's grid."""
    return int(tick_columns([price], instrument)[0])


def tick_columns(prices: Sequence[float] | NDArray[np.float64], instrument: Instrument) -> NDArray[np.int64]:
    """Observed prices in ticks, shape (n,); InvalidBar where one is off the grid, NaN, not positive or too large."""
    seen = np.asarray(prices, dtype=np.float64)
    ticks = np.empty(len(seen), dtype=np.int64)
    row = _nearest(seen, 1.0 / float(instrument.tick_size), float(instrument.tick_lot_atoms), ticks)
    if row >= 0:
        raise InvalidBar(
            f"{instrument.symbol}: price {seen[row]!r} at row {row} is not a positive multiple of the tick "
            f"{instrument.tick_size}; import the instrument's rules again or refetch the bars"
        )
    return ticks


def tick_bars(columns: Sequence[Sequence[float]], instrument: Instrument, out: NDArray[np.int64]) -> None:
    """The same of open, high, low and close at once, into `out` of shape (n, 4)."""
    seen = [np.asarray(column, dtype=np.float64) for column in columns]
    per_unit, tick_lot = 1.0 / float(instrument.tick_size), float(instrument.tick_lot_atoms)
    if _nearest_bars(seen[0], seen[1], seen[2], seen[3], per_unit, tick_lot, out) >= 0:
        for column in seen:  # says which price it is
            tick_columns(column, instrument)


@borrowing
def _nearest_bars(  # noqa: PLR0917
    opened: Prices, high: Prices, low: Prices, closed: Prices, per_unit: float, tick_lot: float, out: NDArray[np.int64]
) -> int:
    """Write whole ticks; the first row that holds no price on the grid, -1 where all do."""
    for i in range(len(opened)):
        a, b = _tick(opened[i], per_unit, tick_lot), _tick(high[i], per_unit, tick_lot)
        c, d = _tick(low[i], per_unit, tick_lot), _tick(closed[i], per_unit, tick_lot)
        if a == 0 or b == 0 or c == 0 or d == 0:
            return i
        out[i, 0], out[i, 1], out[i, 2], out[i, 3] = a, b, c, d
    return -1


@borrowing
def _nearest(seen: Prices, per_unit: float, tick_lot: float, ticks: NDArray[np.int64]) -> int:
    """Write whole ticks; the first row that is no price on the grid, -1 where all are."""
    for i in range(len(seen)):
        ticks[i] = _tick(seen[i], per_unit, tick_lot)
        if ticks[i] == 0:
            return i
    return -1


@borrowing
def _tick(price: float, per_unit: float, tick_lot: float) -> int:
    """The price in whole ticks, of which there are `per_unit` in one; 0 where it is none."""
    raw = price * per_unit
    near = np.rint(raw)
    if near >= 1.0 and near * tick_lot < _MOST_ATOMS and abs(raw - near) <= _OFF_GRID * max(1.0, near * 1e-6):
        return int(near)
    return 0
