"""Sweeps: one backtest for every combination of some values, of each of which a row of numbers is kept and no path.

The market is laid out once, each strategy asked once. Rows do not depend on who computes them, nor in which order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from itertools import product

import numpy as np

from engine.backtest.loop import replay
from engine.backtest.plan import BacktestPlan, blank_state, kin_of, market_of, voices_of
from engine.backtest.state import EQUITY, HALTS, TRADES, Kin, Market, State, Voices, counted
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

    @property
    def nearest(self) -> RiskLimits:
        """The limits with the nearest stop and target of any cell: those that most bars could reach."""
        limits = self.base.limits
        stops, targets = (self.limits.get(name, ()) for name in ("stop_loss", "take_profit"))
        return replace(
            limits, stop_loss=min([limits.stop_loss, *map(Decimal, stops)]),
            take_profit=min([limits.take_profit, *map(Decimal, targets)]),
        )  # fmt: skip

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
    sums: tuple[float, ...]
    squares: tuple[float, ...]


class Sweeper:
    """Computes cells of one plan. What they share is laid out at the first of them and kept; it does not travel when
    the sweeper is sent to another process."""

    def __init__(self, plan: SweepPlan) -> None:
        self.plan = plan

    def __reduce__(self) -> tuple[type[Sweeper], tuple[SweepPlan]]:
        return Sweeper, (self.plan,)

    def rows(self, cells: Sequence[Cell]) -> list[Row]:
        """Run these cells, one after the other."""
        asked, found = -1, []
        for cell in cells:
            if cell.strategy != asked:
                voices, asked = self._voices(cell.strategy), cell.strategy
                blank = blank_state(self.plan.base, self._market, voices)
            state = blank._replace(book=blank.book.copy(), account=blank.account.copy(), held=blank.held.copy())
            replay(self._market, voices, self._kin, state, self._terms(cell))
            found.append(self._row(cell, state))
        return found

    @cached_property
    def _market(self) -> Market:
        return market_of(replace(self.plan.base, limits=self.plan.nearest))

    @cached_property
    def _kin(self) -> Kin:
        """Correlations are at hand where any cell asks for them."""
        base = self.plan.base
        least = min((Decimal(v) for v in self.plan.limits.get("max_correlation", ())), default=Decimal(1))
        limits = replace(base.limits, max_correlation=min(least, base.limits.max_correlation))
        return kin_of(replace(base, limits=limits), self._market)

    @cached_property
    def _heard(self) -> dict[int, Voices]:
        return {}

    @cached_property
    def _known(self) -> dict[tuple[str, ...], Terms]:
        return {}

    def _voices(self, place: int) -> Voices:
        """A strategy's calls; the last one is kept, for portions of one strategy follow each other."""
        voices = self._heard.get(place)
        if voices is None:
            voices = voices_of(replace(self.plan.base, strategy=self.plan.strategies[place]), self._market)
            self._heard.clear()
            self._heard[place] = voices
        return voices

    def _terms(self, cell: Cell) -> Terms:
        changes, base = tuple(cell.limits.values()), self.plan.base
        if changes not in self._known:
            limits = RiskLimits.from_mapping({**base.limits.to_mapping(), **cell.limits})
            self._known[changes] = terms_of(limits, base.costs, base.stake)
        return self._known[changes]

    def _row(self, cell: Cell, state: State) -> Row:
        cash = int(to_atoms(self.plan.base.cash))
        told, account = summarise(counted(state.equity), cash, BLOCKS), state.account
        return Row(
            number=cell.number, trades=int(account[TRADES]), final_equity=str(from_atoms(int(account[EQUITY]))),
            total_return=int(account[EQUITY]) / cash - 1, max_drawdown=told.drawdown,
            periods=told.n, sharpe=None if np.isnan(told.sharpe) else told.sharpe, skew=told.skew,
            kurtosis=told.kurtosis, halted=bool(account[HALTS]),
            sums=tuple(told.sums.tolist()), squares=tuple(told.squares.tolist()),
        )  # fmt: skip


def rows(plan: SweepPlan, cells: Sequence[Cell]) -> list[Row]:
    """Run these cells on a layout of their own."""
    return Sweeper(plan).rows(cells)


def batches(cells: Sequence[Cell], size: int) -> list[Sequence[Cell]]:
    """Cells in portions, those of one strategy beside one another."""
    return [cells[i : i + size] for i in range(0, len(cells), size)]
