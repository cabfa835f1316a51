"""The fault matrix in the suite: nothing lost, doubled, orphaned or bare; and each planted bug is caught.

How many scenarios run is set by MATRIX_SCENARIOS: each cell once by default, 2,000 in CI.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count, islice

import pytest

from tests.conftest import ROOT
from tests.exchange.matrix.cells import CELLS, Blow, Trouble, empty
from tests.exchange.matrix.plan import plan_of
from tests.exchange.matrix.planted import Bug, planted
from tests.exchange.matrix.real import run_real
from tests.exchange.matrix.run import FINDINGS, KEYS, Summary, quietly
from tests.exchange.matrix.steps import Step, step_of
from tests.exchange.switchboard import ON_THE_LINE, Kind
from tests.exchange.wire import Request

SCENARIOS = int(os.environ.get("MATRIX_SCENARIOS", len(CELLS)))
SEED = 1
MOST = 60
"""So many scenarios a planted bug may live through."""


def test_every_fault_at_every_step_leaves_the_ledger_equal_to_the_exchange() -> None:
    command = [sys.executable, "-m", "tests.exchange.matrix", "--scenarios", str(SCENARIOS), "--seed", str(SEED)]
    ended = subprocess.run([*command, "--json"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.stdout, ended.stderr[-3000:]
    told = json.loads(ended.stdout.splitlines()[-1])
    assert not [key for key in (*KEYS, "cells_empty") if key not in told]
    assert {key: told[key] for key in FINDINGS} == dict.fromkeys(FINDINGS, 0), ended.stderr[-3000:]
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert told["scenarios"] == SCENARIOS
    assert told["fills"] > 3 * SCENARIOS
    assert min(told[key] for key in ("partial_fills", "unknowns", "kills")) > SCENARIOS // 20
    assert told["cells_empty"] <= len(CELLS) // 20, ended.stderr[-3000:]


_AT: dict[Bug, tuple[tuple[Trouble, ...], tuple[Step, ...]]] = {
    Bug.RESEND: (tuple(ON_THE_LINE), (Step.ENTRY, Step.EXIT)),
    Bug.ABSENT: ((Kind.NOT_FOUND_YET, Kind.REPLY_LOST, Kind.ERROR_AFTER), (Step.ENTRY, Step.EXIT, Step.LOOKUP)),
    Bug.BEFORE_FEES: (tuple(Kind), (Step.ENTRY,)),
    Bug.NO_RESERVE: (tuple(Kind), (Step.ENTRY, Step.LOOKUP)),
    Bug.NO_EPOCH: ((Blow.PAUSED,), tuple(Step)),
    Bug.NOT_RENEWED: ((Blow.TARGET_TOUCHED,), tuple(Step)),
    Bug.LATE: ((Blow.PAUSED, Blow.STALLED, Kind.REQUEST_LATE), (Step.ENTRY, Step.EXIT, Step.PROTECTION)),
}
"""Where each bug would show: the sessions that aim there are tried."""


def _seeds(bug: Bug) -> Iterator[int]:
    troubles, steps = _AT[bug]
    return (s for s in count(1) if plan_of(s).cell[0] in troubles and plan_of(s).cell[1] in steps)


@pytest.mark.parametrize("bug", Bug, ids=lambda bug: bug.value)
def test_a_planted_bug_is_caught(bug: Bug) -> None:
    with planted(bug):
        for seed in islice(_seeds(bug), MOST):
            if not quietly(seed).verdict.good:
                return
    pytest.fail(f"{MOST} scenarios ran with '{bug.value}' planted, and none saw it")


def test_a_scenario_is_its_seed_and_nothing_else() -> None:
    first, second = quietly(17), quietly(17)
    assert first.story == second.story
    assert first.counts == second.counts
    assert quietly(18).story != first.story


def test_a_run_that_is_long_enough_fails_where_a_cell_is_empty() -> None:
    summary = Summary()
    summary.counts["scenarios"] = 100 * len(CELLS)
    summary.struck.update(CELLS[1:])
    assert summary.empty == [CELLS[0]]
    assert not summary.good
    summary.struck.update(CELLS)
    assert summary.good
    assert not empty(CELLS)


@pytest.mark.parametrize(
    ("method", "path", "query", "step"),
    [
        ("POST", "order", {"side": "BUY", "type": "MARKET"}, Step.ENTRY),
        ("POST", "orderList/otoco", {}, Step.ENTRY),
        ("POST", "orderList/oco", {"side": "SELL"}, Step.PROTECTION),
        ("POST", "order", {"side": "SELL", "type": "STOP_LOSS"}, Step.PROTECTION),
        ("POST", "order", {"side": "SELL", "type": "MARKET"}, Step.EXIT),
        ("DELETE", "orderList", {}, Step.CANCEL),
        ("GET", "order", {}, Step.LOOKUP),
        ("GET", "depth", {}, None),
    ],
)
def test_a_request_has_its_place_in_an_orders_life(
    method: str, path: str, query: dict[str, str], step: Step | None
) -> None:
    assert step_of(Request(method=method, path=f"/api/v3/{path}", query=tuple(query.items()))) is step


def test_real_processes_killed_by_sigkill_over_real_sockets_lose_and_double_nothing() -> None:
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(run_real, (1, 2)))
    for result in results:
        assert result.verdict.good, "\n".join([*result.story, *result.verdict.lines()])
        assert result.kills >= 1
    assert sum(result.fills for result in results) > 0, [result.story for result in results]
