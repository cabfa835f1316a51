"""Run a backtest and tell what came of it."""

from __future__ import annotations

import time

from engine.backtest.plan import lay_out
from engine.backtest.report.make import Telling, report_of
from engine.backtest.run import walk
from engine.bootstrap import Stores
from engine.cli.checking import run_checks
from engine.cli.material import honest_strategy, instruments_for, is_in_sample, run_bars, run_span, settle_source
from engine.cli.planned import Progress, compiling_words, details, plan_of, told
from engine.cli.stored import covered, finer_bars
from engine.cli.tries import count_tries
from engine.cli.walking import walk_forward
from engine.commands.run_options import RunOptions


def run_backtest(
    stores: Stores, run: RunOptions, progress: Progress, *, detailed: bool = False, checked: bool = False,
    retrain_days: int = 0, latency_bars: int = 1,
) -> dict[str, object]:  # fmt: skip
    """The command line's JSON; `detailed` adds the trade list and the report, `checked` what the checks found. With
    `retrain_days` the model's recipe is walked forward; `latency_bars`: at which open after it a decision fills."""
    began = time.perf_counter()
    progress(0.0, "reading bars")
    run = settle_source(run, stores)
    series = run_bars(run, stores)
    span = run_span(run, series)
    walked = walk_forward(stores, run, span, retrain_days, progress) if retrain_days else None
    strategy = honest_strategy(run, stores, *span) if walked is None else walked.strategy
    rules = instruments_for(run, stores)
    progress(0.2 if walked is None else 0.8, compiling_words() or "calling every bar")
    plan = plan_of(run, series, strategy, rules, span, latency_bars=latency_bars)
    plan = plan.with_finer(finer_bars(run, stores.bars, series))
    market, voices = lay_out(plan)
    result = walk(plan, market, voices)
    outcome = {**told(result), **covered(run, series)}
    outcome["seconds"] = round(time.perf_counter() - began, 4)
    outcome["in_sample"] = is_in_sample(strategy, stores, *span)
    tries = count_tries(stores, run, result)
    if walked is not None:
        outcome["retrained"] = walked.told()
    if checked:
        progress(0.8, "checking for look-ahead and warm-up")
        outcome |= run_checks(plan)
    if not detailed:
        return outcome
    progress(0.9, "the report: baselines, costs, doubts")
    notes = () if walked is None else (walked.words,)
    telling = Telling(source=run.source, in_sample=outcome["in_sample"] is True, tries=tries, notes=notes)
    report = report_of(result, market, voices, telling)
    return {**outcome, **details(result), "report": report.to_json()}
