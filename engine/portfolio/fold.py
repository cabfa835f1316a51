"""The compiled fold: what a buy brings, what a sale takes from a lot, which day a mark belongs to."""

from __future__ import annotations

from engine.kernel.compiled import compiled
from engine.kernel.grid import Grid, notional
from engine.kernel.integers import muldiv
from engine.kernel.prices import sell_fee

DAY_MS = 86_400_000


@compiled
def bought(lots: int, ticks: int, fee_atoms: int, grid: Grid) -> tuple[int, int]:
    """(base atoms that arrive, quote atoms that leave) for a buy whose fee is taken from the coins."""
    return lots * grid.lot - fee_atoms, notional(lots, ticks, grid)


@compiled
def sold(lots: int, ticks: int, fee_ppm: int, grid: Grid) -> tuple[int, int]:
    """(quote atoms that arrive, fee kept from them) for a sale."""
    gross = notional(lots, ticks, grid)
    fee = sell_fee(gross, fee_ppm)
    return gross - fee, fee


@compiled
def take(atoms: int, cost: int, wanted: int) -> tuple[int, int, int]:
    """(atoms left, their cost, cost taken out) when a sale takes `wanted` atoms from one FIFO lot.

    What is left keeps floor(cost * left / atoms).

    >>> take(1_000, 333, 700)
    (300, 99, 234)
    """
    if wanted >= atoms:
        return 0, 0, cost
    left = atoms - wanted
    left_cost = muldiv(cost, left, atoms)
    return left, left_cost, cost - left_cost


@compiled
def trading_day(at_ms: int) -> int:
    """UTC day that a mark belongs to: the close at 00:00 is the last of the day before."""
    return (at_ms - 1) // DAY_MS
