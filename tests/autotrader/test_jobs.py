"""Jobs: one process per command, none waited for in vain."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest

from engine.autotrader.jobs import JobStarter, fail_the_dead
from engine.domain.command import CommandKind, CommandState
from engine.domain.job import Job, JobKind, JobState
from tests.autotrader.town import Town
from tests.contracts.wall import NOON
from tests.fakes import FakeBoard

K = CommandKind
RUN = {"strategy": "rule:buy_hold", "symbols": ["BTCUSDT"], "interval": "1h", "source": "SIMULATED"}
WANTED: dict[CommandKind, tuple[dict[str, Any], JobKind]] = {
    K.TRAIN: ({"name": "m", "source": "SIMULATED", "symbol": "ALFAUSDT", "interval": "1h"}, JobKind.TRAIN),
    K.BACKTEST: (RUN, JobKind.BACKTEST),
    K.IMPORT: ({"paths": ["/bars"]}, JobKind.IMPORT),
    K.START_REPLAY: ({**RUN, "start": "2025-01-01", "end": "2025-02-01", "speed": "60"}, JobKind.REPLAY),
    K.SYNC: ({"source": "BINANCE", "symbol": "BTCUSDT", "interval": "1h"}, JobKind.SYNC),
}


def job(state: JobState, pid: int | None = None) -> Job:
    return Job(
        job_id="j1", kind=JobKind.TRAIN, state=state, request={}, progress=0.0, message="", result=None, pid=pid,
        cancel_requested=False, created_at=NOON, started_at=None, finished_at=None,
    )  # fmt: skip


@pytest.mark.parametrize("kind", list(WANTED))
def test_long_work_becomes_a_job_with_its_request(town: Town, kind: CommandKind) -> None:
    payload, job_kind = WANTED[kind]
    answered = town.ask(kind, payload)
    assert answered.state is CommandState.DONE
    [started] = town.spawned.jobs
    assert answered.result == {"job_id": started.job_id}
    stored = town.board.job(started.job_id)
    assert stored is not None
    assert (stored.kind, stored.state, stored.request) == (job_kind, JobState.QUEUED, payload)


def test_what_an_account_traded_is_backtested_and_an_unknown_account_is_refused(town: Town) -> None:
    name = town.ledger.accounts()[0].account_id
    answered = town.ask(K.BACKTEST, {"against": name})
    assert (answered.state, "is being backtested" in answered.message) == (CommandState.DONE, True)
    assert town.spawned.jobs[-1].request == {"against": name}
    assert town.ask(K.BACKTEST, {"against": "nobody"}).state is CommandState.REFUSED


def test_a_command_answered_again_after_a_crash_starts_no_second_process(town: Town) -> None:
    town.house.begin(JobKind.TRAIN, "click", {})
    town.house.begin(JobKind.TRAIN, "click", {})
    assert len(town.spawned.jobs) == 1


def test_a_job_is_cancelled_and_replays_are_stopped(town: Town) -> None:
    answered = town.ask(K.START_REPLAY, WANTED[K.START_REPLAY][0])
    assert town.ask(K.STOP_REPLAY).message.startswith("1 replay asked to stop")
    assert answered.result is not None
    assert town.ask(K.CANCEL_JOB, {"job_id": answered.result["job_id"]}).state is CommandState.DONE
    stored = town.board.job(str(answered.result["job_id"]))
    assert stored is not None
    assert stored.cancel_requested


def test_a_job_whose_process_died_is_closed() -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    board = FakeBoard()
    board.add_job(job(JobState.RUNNING, dead.pid))
    fail_the_dead(board, NOON)
    found = board.job("j1")
    assert found is not None
    assert (found.state, "start it again" in found.message) == (JobState.FAILED, True)


def test_a_job_whose_process_ended_but_was_not_collected_is_closed_too() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.read()
    board = FakeBoard()
    board.add_job(job(JobState.RUNNING, child.pid))
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # ended, a zombie until somebody asks
    fail_the_dead(board, NOON)
    found = board.job("j1")
    child.wait()
    child.stdout.close()
    assert found is not None
    assert found.state is JobState.FAILED


def test_a_job_that_lives_or_waits_its_turn_is_left_alone() -> None:
    board = FakeBoard()
    board.add_job(job(JobState.RUNNING, os.getpid()))
    fail_the_dead(board, NOON + timedelta(days=1))
    assert [j.state for j in board.jobs()] == [JobState.RUNNING]


def test_a_job_whose_process_never_began_is_closed_after_two_minutes() -> None:
    board = FakeBoard()
    board.add_job(job(JobState.QUEUED))
    fail_the_dead(board, NOON + timedelta(minutes=2))
    assert [j.state for j in board.jobs()] == [JobState.QUEUED]
    fail_the_dead(board, NOON + timedelta(minutes=2, seconds=1))
    assert [j.state for j in board.jobs()] == [JobState.FAILED]


def test_processes_are_ended_with_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    real = subprocess.Popen

    def stubborn(command: list[str], **options: object) -> subprocess.Popen[bytes]:
        code = "import signal as s, time; s.signal(s.SIGTERM, s.SIG_IGN); print(1, flush=True); time.sleep(60)"
        child = real([sys.executable, "-c", code], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        return child

    monkeypatch.setattr(subprocess, "Popen", stubborn)
    starter = JobStarter()
    starter(job(JobState.QUEUED))
    [child] = starter._children
    starter.stop()
    assert child.returncode is not None
    assert child.stdout is not None
    child.stdout.close()
