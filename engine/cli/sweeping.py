"""Run a sweep, portion by portion; what was broken off goes on where it was."""

from __future__ import annotations

import time
from dataclasses import replace

from engine.backtest.grid import limits_of, strategies_of
from engine.backtest.sweep import Row, Sweeper, SweepPlan, batches
from engine.bootstrap import Stores
from engine.cli.material import honest_strategy, instruments_for, is_in_sample, run_bars, run_span, settle_source
from engine.cli.planned import Progress, compiling_words, plan_of
from engine.cli.spread import Spread, spread_of
from engine.cli.stored import finer_bars
from engine.cli.sweep_file import SweepFile, digest
from engine.cli.sweep_table import outcome
from engine.cli.sweep_trials import SweepTrials
from engine.commands.sweeps import Sweep

BATCH = 50
"""Cells per portion: the step of progress, of a cancel, and of what a kill can cost."""


def run_sweep(stores: Stores, wanted: Sweep, progress: Progress) -> dict[str, object]:
    """Run every cell that no earlier start has; where `progress` asks to stop, what is done so far, `finished` False.

    Rows are kept on disk and every cell enters the trial ledger as its portion is done.
    """
    began = time.perf_counter()
    wanted = replace(wanted, run=settle_source(wanted.run, stores))
    progress(0.0, "reading bars")
    plan, in_sample = _plan(stores, wanted)
    name = digest(plan)
    file = SweepFile(stores.settings.home / "sweeps", name)
    trials = SweepTrials(stores, wanted.run, plan, name)
    done = file.read()
    resumed = len(done)
    progress(resumed / plan.n_cells, compiling_words() or f"{resumed:,} of {plan.n_cells:,} cells are there")
    earlier = trials.earlier()
    trials.add(list(done.values()))  # a kill may have come between the two
    with spread_of(stores.settings.dask, stores.settings.workers) as spread:
        finished = _fill(plan, done, spread, (file, trials), progress)
    told = outcome(plan, wanted.grid, [done[number] for number in sorted(done)], earlier)
    return {
        **told, "resumed": resumed, "seconds": round(time.perf_counter() - began, 4), "in_sample": in_sample,
        "finished": finished, "ok": finished,
    }  # fmt: skip


def _plan(stores: Stores, wanted: Sweep) -> tuple[SweepPlan, bool]:
    run = wanted.run
    series = run_bars(run, stores)
    span = run_span(run, series)
    texts = strategies_of(run.strategy, wanted.grid)
    strategies = [honest_strategy(replace(run, strategy=text), stores, *span) for text in texts]
    base = plan_of(run, series, strategies[0], instruments_for(run, stores), span)
    in_sample = any(is_in_sample(strategy, stores, *span) for strategy in strategies)
    plan = SweepPlan(base=base, strategies=strategies, limits=limits_of(wanted.grid))
    finer = finer_bars(run, stores.bars, series, plan.nearest)
    return replace(plan, base=base.with_finer(finer)), in_sample


def _fill(
    plan: SweepPlan, done: dict[int, Row], spread: Spread, keepers: tuple[SweepFile, SweepTrials], progress: Progress
) -> bool:
    """Compute what is missing, portion by portion; False where it was asked to stop before the end."""
    missing = [cell for cell in plan.cells() if cell.number not in done]
    for portion in spread(Sweeper(plan), batches(missing, BATCH)):
        for keeper in keepers:
            keeper.add(portion)
        done.update({row.number: row for row in portion})
        if progress(len(done) / plan.n_cells, f"{len(done):,} of {plan.n_cells:,} cells"):
            break
    return len(done) == plan.n_cells
