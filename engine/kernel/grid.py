"""Grid: an instrument's integers as the kernel takes them, and amounts on it."""

from __future__ import annotations

from typing import NamedTuple

from engine.domain.instrument import Instrument
from engine.kernel.compiled import compiled
from engine.kernel.integers import muldiv

_HALF = 2**31


class Grid(NamedTuple):
    """`tick_lot`: quote atoms of one lot at one tick; `lot`: base atoms in a lot; `min_notional` in quote atoms."""

    tick_lot: int
    lot: int
    min_notional: int


def grid_of(instrument: Instrument) -> Grid:
    """The instrument's grid."""
    return Grid(instrument.tick_lot_atoms, instrument.lot_atoms, instrument.min_notional_atoms)


@compiled
def notional(lots: int, ticks: int, grid: Grid) -> int:
    """Quote atoms of `lots` at a price of `ticks`.

    >>> notional(3, 100, Grid(2, 1_000, 0))
    600
    """
    return lots * (ticks * grid.tick_lot)


@compiled
def worth(atoms: int, ticks: int, grid: Grid) -> int:
    """Quote atoms of `atoms` of base coin at a price of `ticks`, dust included, rounded down.

    >>> worth(3_500, 100, Grid(2, 1_000, 0))
    700
    """
    return worth_of(atoms // grid.lot, atoms % grid.lot, ticks, grid)


@compiled
def worth_of(lots: int, rest: int, ticks: int, grid: Grid) -> int:
    """The same of whole lots and the atoms beside them: what a loop asks that knows both."""
    per_lot = ticks * grid.tick_lot
    if rest == 0:
        return lots * per_lot
    if rest < _HALF and per_lot < _HALF:
        return lots * per_lot + rest * per_lot // grid.lot
    return lots * per_lot + muldiv(rest, per_lot, grid.lot)


@compiled
def affordable(lots: int, ticks: int, cash: int, grid: Grid) -> bool:
    """True where `cash` covers `lots` at `ticks`; the product itself is never formed."""
    return lots <= 0 or ticks * grid.tick_lot <= cash // lots
