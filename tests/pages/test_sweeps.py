"""Sweeps on the backtest page: asked for, followed, read."""

from __future__ import annotations

import json
from typing import Any

from engine.backtest.sweep import rows
from engine.cli.sweep_table import outcome
from engine.domain.command import CommandKind
from engine.domain.job import Job, JobKind, JobState
from engine.queries.sweeps import dimensions, heat, read_sweep, worth
from tests.backtest.test_sweep import sweep as a_sweep
from tests.pages.conftest import Open
from tests.pages.jobs import backtest_request, job
from tests.pages.reading import assert_calm, figure, words
from tests.pages.scene import Scene

GRID = {"fast": ("3", "5"), "slow": ("9", "20"), "stop_loss": ("0.01", "0.03"), "take_profit": ("0.02", "0.05", "0.1")}


def finished(scene: Scene, **changes: Any) -> Job:
    """24 cells, really computed."""
    plan = a_sweep(400)
    result = outcome(plan, GRID, rows(plan, plan.cells()), earlier_trials=76)
    now = scene.clock.now()
    return job(
        JobKind.SWEEP, JobState.DONE, now, job_id="sweep", progress=1.0, finished_at=now,
        request={**backtest_request("rule:sma_cross", now), "grid": ["fast=3,5"]},
        result={**json.loads(json.dumps(result)), "finished": True, "in_sample": False, "seconds": 0.03, **changes},
    )  # fmt: skip


def test_a_finished_sweep_says_what_its_best_is_worth(full: Scene, show: Open) -> None:
    full.board.add_job(finished(full))
    at = show("backtest")
    assert_calm(at)
    assert figure(at, "Trials") == "100"
    assert "Of 24 combinations tried, and 76 recipes before on the same instrument" in words(at)
    assert "Probability of overfitting" in words(at)
    assert "SIMULATED market" in words(at)
    at.selectbox(key="sweep_metric").select("max_drawdown").run()
    assert_calm(at)


def test_a_stopped_sweep_and_one_in_sample_say_so(full: Scene, show: Open) -> None:
    full.board.add_job(finished(full, finished=False, in_sample=True))
    text = words(show("backtest"))
    assert "ask for the same again and it goes on" in text
    assert "IN SAMPLE" in text


def test_a_sweep_is_asked_for_with_its_grid(full: Scene, show: Open) -> None:
    full.engine_says("Sweep of sma_cross has begun.")
    at = show("backtest")
    assert at.button(key="run_sweep").disabled
    at.selectbox(key="sweep_rule").select("sma_cross").run()
    at.text_input(key="sweep_sma_cross_fast").input("5, 10, 60").run()
    at.text_input(key="sweep_sma_cross_stop_loss").input("0.01,0.02").run()
    assert "Each of the 4 is a trial" in words(at)
    at.button(key="run_sweep").click().run()
    assert_calm(at)
    assert full.last.kind is CommandKind.SWEEP
    assert full.last.payload["grid"] == ["fast=5, 10, 60", "stop_loss=0.01,0.02"]


def test_a_grid_with_a_slip_is_refused_before_it_is_sent(full: Scene, show: Open) -> None:
    at = show("backtest")
    at.text_input(key="sweep_buy_hold_stop_loss").input("0.01,three").run()
    assert "write a number such as 0.25" in words(at)
    assert at.button(key="run_sweep").disabled


def test_a_running_sweep_can_be_cancelled(full: Scene, show: Open) -> None:
    now = full.clock.now()
    full.board.add_job(job(JobKind.SWEEP, JobState.RUNNING, now, job_id="s", progress=0.4, message="400 of 1,000"))
    full.engine_says("Asked to stop.")
    at = show("backtest")
    assert_calm(at)
    at.button(key="cancel_sweep").click().run()
    assert (full.last.kind, full.last.payload) == (CommandKind.CANCEL_JOB, {"job_id": "s"})


def test_a_heat_map_means_over_what_it_does_not_show(full: Scene) -> None:
    found = read_sweep(finished(full))
    assert found is not None
    assert dimensions(found) == ["fast", "slow", "stop_loss", "take_profit"]
    spots = heat(found, "fast", "slow", "trades")
    assert [spot["n"] for spot in spots] == [6, 6, 6, 6]
    [corner] = [s for s in spots if (s["fast"], s["slow"]) == (3.0, 9.0)]
    mine = [c["trades"] for c in found.cells if (c["fast"], c["slow"]) == (3.0, 9.0)]
    assert corner["trades"] == sum(int(str(n)) for n in mine) / 6
    assert "Sharpe" in worth(found)
    assert read_sweep(job(JobKind.SWEEP, JobState.RUNNING, full.clock.now())) is None
