"""`sweep`: the whole grid, gone on with after a stop or a kill, every cell in the trial ledger, and the same rows by
threads and by a real cluster of two processes."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from engine import settings
from engine.backtest.sweep import Sweeper
from engine.bootstrap import Stores, open_stores
from engine.cli import sweeping
from engine.cli.spread import spread_of
from engine.cli.sweeping import run_sweep
from engine.commands.run_options import RunOptions
from engine.commands.sweeps import Sweep, parse_grid
from engine.domain.account import Source
from engine.domain.errors import ConfigurationError
from engine.domain.interval import Interval, parse_time
from engine.domain.trial import TrialKind
from tests.backtest.test_sweep import sweep as a_sweep
from tests.cli.shell import Shell, process, subprocess_json
from tests.sqlite_file import migrated_file

GRID = ("--grid", "fast=3,5,12", "--grid", "slow=9,20", "--grid", "stop_loss=0.01,0.03")
RUN = (
    "--rule", "sma_cross", "--instrument", "ALFAUSDT", "--interval", "1h", "--source", "SIMULATED",
    "--from", "2020-05-01", "--to", "2020-08-01",
)  # fmt: skip


def wanted(*grid: str, **changes: Any) -> Sweep:
    values: dict[str, Any] = {
        "strategy": "rule:sma_cross", "symbols": ("BRAVUSDT",), "interval": Interval.H1, "source": "SIMULATED",
        "start": parse_time("2020-05-01"), "end": parse_time("2020-07-01"), **changes,
    }  # fmt: skip
    return Sweep(run=RunOptions(**values), grid=parse_grid(grid))


def result_of(told: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in told.items() if name not in {"seconds", "resumed"}}


def never(_share: float, _message: str) -> bool:
    return False


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Stores]:
    migrated_file(tmp_path)
    with open_stores(settings.load({"AAITI_HOME": str(tmp_path)})) as opened:
        yield opened


def test_every_combination_is_a_trial_and_the_best_comes_first(shell: Shell, stores: Stores) -> None:
    told = shell.json("sweep", *GRID, *RUN)
    assert (told["cells_in_all"], told["done"], told["finished"]) == (10, 10, True)  # 12 is above 9: left out
    ratios = [cell["sharpe"] for cell in told["cells"]]
    assert ratios == sorted(ratios, reverse=True)
    assert told["best"] == told["cells"][0]
    assert 0 <= told["pbo"] <= 1
    best = told["best"]
    alone = shell.json("backtest", *RUN[2:], "--rule", best["strategy"][5:], "--stop-loss", str(best["stop_loss"]))
    assert (alone["trades"], alone["final_equity"]) == (best["trades"], best["final_equity"])
    kept = [t for t in stores.trials.of("ALFAUSDT", Source.SIMULATED) if t.kind is TrialKind.SWEEP]
    assert len(kept) == len({t.recipe_sha256 for t in kept}) == 10
    assert max(t.annual_sharpe or -9.0 for t in kept) == pytest.approx(best["sharpe"])


def test_what_was_tried_before_makes_the_best_look_worse(own: Stores) -> None:
    first = run_sweep(own, wanted("fast=3,5", "slow=9,20"), never)
    second = run_sweep(own, wanted("fast=3,5,7", "slow=9,20"), never)
    assert (first["trials"], second["trials"]) == (4, 6), "the four are the same recipes, tried once"
    other = run_sweep(own, wanted("stop_loss=0.01,0.02"), never)
    assert other["trials"] == 8
    [best] = [c for c in cells(second) if c["strategy"] == cells(first)[0]["strategy"]]
    assert as_float(best["deflated_sharpe"]) < as_float(cells(first)[0]["deflated_sharpe"])


def cells(told: Mapping[str, object]) -> list[Mapping[str, object]]:
    found = told["cells"]
    assert isinstance(found, list)
    return found


def as_float(value: object) -> float:
    assert isinstance(value, float)
    return value


def test_a_sweep_that_was_stopped_goes_on_where_it_was(own: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "BATCH", 2)
    grid = wanted("fast=3,5", "stop_loss=0.01,0.02,0.03,0.04")
    stopped = run_sweep(own, grid, lambda share, _: share >= 0.5)
    done = stopped["done"]
    assert isinstance(done, int)
    assert (stopped["finished"], 4 <= done < 8) == (False, True)
    assert len(own.trials.of("BRAVUSDT", Source.SIMULATED)) == done, "what was computed counts, finished or not"
    [file] = (own.settings.home / "sweeps").glob("*.jsonl")
    file.write_text(file.read_text(encoding="utf-8") + '\n{"number": 7, "tra', encoding="utf-8")  # a kill's torn line
    whole = run_sweep(own, grid, never)
    assert (whole["finished"], whole["done"], whole["resumed"]) == (True, 8, done)
    again = run_sweep(own, grid, never)
    assert again["resumed"] == 8
    assert result_of(again) == result_of(whole)
    assert len(own.trials.of("BRAVUSDT", Source.SIMULATED)) == 8


def test_a_killed_process_leaves_its_finished_portions_to_the_next(tmp_path: Path) -> None:
    for name in ("killed", "whole"):
        (tmp_path / name).mkdir()
        migrated_file(tmp_path / name)
    hundreds = ",".join(str(n) for n in range(2, 22))
    command = (
        "sweep", "--grid", f"fast={hundreds}", "--grid", "slow=50,60,70,80,90",
        "--grid", "stop_loss=0.01,0.02,0.03,0.04,0.05,0.06", *RUN[:-3], "2019-01-01", *RUN[-2:],
    )  # fmt: skip
    with process(tmp_path / "killed", *command) as running:
        folder, deadline = tmp_path / "killed" / "sweeps", time.monotonic() + 60
        while not any(f.stat().st_size for f in folder.glob("*")) and time.monotonic() < deadline:
            assert running.poll() is None
        running.kill()
    resumed = subprocess_json(tmp_path / "killed", *command)
    assert 0 < resumed["resumed"] < resumed["done"] == 600
    assert result_of(resumed) == result_of(subprocess_json(tmp_path / "whole", *command))


def test_rules_models_and_correlation_are_dimensions_too(own: Stores) -> None:
    grid = wanted("rule=buy_hold;sma_cross:fast=3,slow=9;random_entry", symbols=("ALFAUSDT", "BRAVUSDT"))
    told = run_sweep(own, grid, never)
    assert {c["strategy"] for c in cells(told)} == {
        "rule:buy_hold", "rule:sma_cross:fast=3,slow=9", "rule:random_entry:probability=0.05,seed=0,hold=24",
    }  # fmt: skip
    many = wanted("max_correlation=1,0.1", strategy="rule:random_entry:probability=0.4,hold=2",
                  symbols=("ALFAUSDT", "BRAVUSDT"), limits={"max_correlation": "1"})  # fmt: skip
    loose, tight = sorted(cells(run_sweep(own, many, never)), key=lambda c: -as_float(c["max_correlation"]))
    assert loose["trades"] != tight["trades"]


def test_two_dask_workers_give_what_threads_give() -> None:
    distributed = pytest.importorskip("distributed")
    plan = a_sweep(400)
    portions = [plan.cells()[:10], plan.cells()[10:15], plan.cells()[15:]]
    sweeper = Sweeper(plan)
    with spread_of(None, 2) as spread:
        here = [row for some in spread(sweeper, portions) for row in some]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
        ) as cluster, spread_of(cluster.scheduler_address, 2) as spread:
            there = [row for some in spread(sweeper, portions) for row in some]
    assert len(there) == plan.n_cells
    assert sorted(there, key=lambda row: row.number) == sorted(here, key=lambda row: row.number)


def test_without_a_scheduler_the_setting_is_named() -> None:
    pytest.importorskip("distributed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ConfigurationError, match="AAITI_DASK"), spread_of("not-a-scheduler", 1):
            pass


@pytest.mark.parametrize(
    ("texts", "words"),
    [(["fast"], "NAME=A,B,C"), (["fast=1,2", "fast=3"], "each name once"), (["speed=1,2"], "there are"),
     (["fast=60,70", "slow=10"], "must be below"), (["rule=buy_hold", "fast=3"], "limits alone"),
     (["stop_loss=2"], "within"), (["model=nobody"], "nobody")],
)  # fmt: skip
def test_a_grid_that_cannot_be_swept_is_refused_with_words(own: Stores, texts: list[str], words: str) -> None:
    with pytest.raises(Exception, match=words):
        run_sweep(own, wanted(*texts), never)


def test_bad_use_is_code_2(shell: Shell) -> None:
    assert shell.run("sweep", "--grid", "stop_loss=2", *RUN).code == 2
    assert shell.run("sweep", *RUN).code == 2
    assert shell.run("sweep", "--grid", "fast=3,5", *RUN[2:]).code == 2
