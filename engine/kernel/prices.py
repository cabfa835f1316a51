"""Prices and fees of fills: rounded once, against us. Prices in ticks, rates in millionths."""

from __future__ import annotations

from engine.kernel.compiled import compiled
from engine.kernel.grid import Grid
from engine.kernel.integers import MOST, share_down, share_up


@compiled
def market_buy(ticks: int, cost_ppm: int) -> int:
    """What a market buy pays where the price is `ticks`: costs on top, rounded up.

    >>> market_buy(100_000, 300), market_buy(3, 1)
    (100030, 4)
    """
    return ticks + share_up(ticks, cost_ppm)


@compiled
def market_sell(ticks: int, cost_ppm: int) -> int:
    """What a market sell gets where the price is `ticks`: costs off, rounded down, one tick at least.

    >>> market_sell(100_000, 300), market_sell(1, 500)
    (99970, 1)
    """
    return max(1, ticks - share_up(ticks, cost_ppm))


@compiled
def buy_fee(lots: int, fee_ppm: int, grid: Grid) -> int:
    """Base atoms that the fee takes from a buy of `lots`, rounded up."""
    return share_up(lots * grid.lot, fee_ppm)


@compiled
def sell_fee(gross: int, fee_ppm: int) -> int:
    """Quote atoms that the fee takes from a sale of `gross`, rounded up."""
    return share_up(gross, fee_ppm)


@compiled
def sellable(lots: int, fee_ppm: int, grid: Grid) -> int:
    """Whole lots left of a buy of `lots` after its fee; none of one whose coins are too many to be counted.

    >>> sellable(1_000, 1_000, Grid(1, 10**8, 0)), sellable(46_116_860_185, 1_000, Grid(1, 10**8, 0))
    (999, 0)
    """
    if lots > MOST // grid.lot:
        return 0
    return (lots * grid.lot - buy_fee(lots, fee_ppm, grid)) // grid.lot


@compiled
def protect(entry_ticks: int, stop_ppm: int, target_ppm: int) -> tuple[int, int]:
    """Stop and target for an entry at `entry_ticks`, both rounded down; the stop is one tick at least.

    >>> protect(100_001, 20_000, 40_000)
    (98000, 104001)
    """
    return max(1, entry_ticks - share_up(entry_ticks, stop_ppm)), entry_ticks + share_down(entry_ticks, target_ppm)
