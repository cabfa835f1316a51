"""Sweeps: one backtest for every combination of some values, of each of which a row of numbers is kept and no path.

The market is laid out once, each strategy asked once. Rows do not depend on who computes them, nor in which order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np

from engine.backtest.loop import replay
from engine.backtest.plan import BacktestPlan, blank_state, kin_of, lay_out, voices_of
from engine.backtest.state import CASH, EQUITY, HALTS, POSITIONS, TRADES
from engine.backtest.summary import summarise
from engine.domain.errors import ConfigurationError
from engine.domain.money import from_atoms, to_atoms
from engine.risk.limits import RiskLimits
from engine.risk.terms import Terms, terms_of
from engine.strategy.ruled import Strategy

BLOCKS = 16
"""Blocks of periods that a row keeps the sums of, for the probability of overfitting."""
MOST_CELLS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One combination: a strategy by its place, and the limits that differ from the plan's, as text by name."""

    number: int
    strategy: int
    limits: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepPlan:
    """`base` with each of the `strategies` in place of its own, under each combination of `limits` (values by name)."""

    base: BacktestPlan
    strategies: Sequence[Strategy]
    limits: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.strategies or not all(self.limits.values()):
            raise ConfigurationError("a sweep needs at least one strategy, and a value for each limit that it names")
        if self.n_cells > MOST_CELLS:
            raise ConfigurationError(f"{self.n_cells:,} combinations are too many; {MOST_CELLS:,} at most")

    @property
    def n_cells(self) -> int:
        """How many combinations there are: each is a trial."""
        n = len(self.strategies)
        for values in self.limits.values():
            n *= len(values)
        return n

    def cells(self) -> list[Cell]:
        """All of them, strategy by strategy."""
        names = list(self.limits)
        every = product(range(len(self.strategies)), product(*self.limits.values()))
        return [
            Cell(number=number, strategy=place, limits=dict(zip(names, values, strict=True)))
            for number, (place, values) in enumerate(every)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What is kept of a cell. `sharpe`, `skew` and `kurtosis` are of returns per bar; `sharpe` is None where nothing
    varied. `sums` and `squares` are of the returns in each of BLOCKS blocks."""

    number: int
    trades: int
    final_equity: str
    total_return: float
    max_drawdown: float
    periods: int
    sharpe: float | None
    skew: float
    kurtosis: float
    halted: bool
    open_positions: int
    sums: tuple[float, ...]
    squares: tuple[float, ...]


def rows(plan: SweepPlan, cells: Sequence[Cell]) -> list[Row]:
    """Run these cells, one after the other, on one layout of the market."""
    return list(_rows(plan, cells))


def _rows(plan: SweepPlan, cells: Sequence[Cell]) -> Iterator[Row]:
    first = replace(plan.base, strategy=plan.strategies[cells[0].strategy])
    market, voices = lay_out(first)
    kin, asked = kin_of(first, market), cells[0].strategy
    blank = blank_state(first, market, voices)
    known: dict[tuple[str, ...], Terms] = {}
    for cell in cells:
        if cell.strategy != asked:
            first, asked = replace(plan.base, strategy=plan.strategies[cell.strategy]), cell.strategy
            voices = voices_of(first, market)
            blank = blank_state(first, market, voices)._replace(equity=blank.equity)
        state = blank._replace(book=blank.book.copy(), account=blank.account.copy(), held=blank.held.copy())
        changes = tuple(cell.limits.values())
        terms = known[changes] = known.get(changes) or _terms(plan.base, cell)
        replay(market, voices, kin, state, terms)
        told = summarise(state.equity, int(to_atoms(plan.base.cash)), BLOCKS)
        account = state.account
        yield Row(
            number=cell.number, trades=int(account[TRADES]), final_equity=str(from_atoms(int(account[EQUITY]))),
            total_return=int(account[EQUITY]) / int(blank.account[CASH]) - 1, max_drawdown=told.drawdown,
            periods=told.n, sharpe=None if np.isnan(told.sharpe) else told.sharpe, skew=told.skew,
            kurtosis=told.kurtosis, halted=bool(account[HALTS]), open_positions=int(account[POSITIONS]),
            sums=tuple(told.sums.tolist()), squares=tuple(told.squares.tolist()),
        )  # fmt: skip


def _terms(base: BacktestPlan, cell: Cell) -> Terms:
    limits = RiskLimits.from_mapping({**base.limits.to_mapping(), **cell.limits})
    return terms_of(limits, base.costs, base.stake)


def batches(cells: Sequence[Cell], size: int) -> list[Sequence[Cell]]:
    """Cells in portions, those of one strategy beside one another."""
    return [cells[i : i + size] for i in range(0, len(cells), size)]
