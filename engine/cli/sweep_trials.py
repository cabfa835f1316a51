"""Every cell of a sweep is a trial: it enters the ledger when it is computed, finished sweep or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from engine.backtest.sweep import Cell, Row, SweepPlan
from engine.bootstrap import Stores
from engine.cli.scored import recipe_of
from engine.cli.tries import recipe_name
from engine.commands.run_options import RunOptions
from engine.domain.account import Source
from engine.domain.trial import Trial, TrialKind, hash_of

_OWN = ("stop_loss", "take_profit")
"""Limits that a run has as options of its own: a cell is the same recipe as the backtest that is run of it."""


class SweepTrials:
    """The ledger's side of one sweep; `digest` names its bars, costs and all."""

    def __init__(self, stores: Stores, run: RunOptions, plan: SweepPlan, digest: str) -> None:
        self._stores, self._run, self._plan, self._digest = stores, run, plan, digest
        self._names = [recipe_name(stores, strategy) for strategy in plan.strategies]
        self._cells = {cell.number: cell for cell in plan.cells()}

    def add(self, rows: Sequence[Row]) -> None:
        """Enter these cells on each instrument; one that is there already stays as it was."""
        self._stores.trials.add(trial for row in rows for trial in self._trials(row))

    def earlier(self) -> int:
        """Recipes tried before on the instrument that was tried most, beside those of this sweep."""
        source = Source(self._run.source)
        mine = [self._recipe(cell) for cell in self._cells.values()]
        counts = [self._stores.trials.count(symbol, source, including=mine) for symbol in self._run.symbols]
        return max(counts) - len(set(mine))

    def _recipe(self, cell: Cell) -> str:
        return hash_of(recipe_of(run_of(self._run, cell.limits), self._names[cell.strategy]))

    def _trials(self, row: Row) -> list[Trial]:
        base, cell = self._plan.base, self._cells[row.number]
        recipe = self._recipe(cell)
        assert base.start is not None
        assert base.end is not None
        told = f"{self._plan.strategies[cell.strategy].name} {dict(cell.limits)}" if cell.limits else None
        return [
            Trial(
                symbol=symbol, interval=base.interval, source=Source(self._run.source), kind=TrialKind.SWEEP,
                name=told or self._plan.strategies[cell.strategy].name, recipe_sha256=recipe,
                content_sha256=hash_of({"recipe": recipe, "sweep": self._digest, "cell": row.number}),
                scored_from=base.start, scored_to=base.end, n_periods=row.periods,
                periods_per_year=base.interval.bars_per_year, tried_at=self._stores.clock.now(), sharpe=row.sharpe,
                skew=None if row.sharpe is None else row.skew, kurtosis=None if row.sharpe is None else row.kurtosis,
            )
            for symbol in self._run.symbols
        ]  # fmt: skip


def run_of(run: RunOptions, limits: Mapping[str, str]) -> RunOptions:
    """The run of one cell: its limits in place of the run's own."""
    own = {name: Decimal(value) for name, value in limits.items() if name in _OWN}
    rest = {name: value for name, value in limits.items() if name not in _OWN}
    return replace(
        run, stop_loss=own.get("stop_loss", run.stop_loss), take_profit=own.get("take_profit", run.take_profit),
        limits={**run.limits, **rest},
    )  # fmt: skip
