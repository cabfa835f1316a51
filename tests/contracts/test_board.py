"""The board: commands in, state out; each command once, each answer once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from engine.domain.command import Command, CommandKind, CommandState
from engine.domain.errors import ConfigurationError
from engine.domain.job import Job, JobKind, JobState
from engine.ports import Board, Heartbeat
from tests.contracts.wall import NOON, hours


def a_command(key: str = "k1", **changes: Any) -> Command:
    fields: dict[str, Any] = {
        "key": key, "kind": CommandKind.PLACE_ORDER, "payload": {"quantity": "0.10", "side": "BUY"},
        "asked_by": "operator", "asked_at": NOON, "expires_at": hours(1), "state_version": 3,
    }  # fmt: skip
    return Command(**fields | changes)


def a_job(job_id: str = "j1", **changes: Any) -> Job:
    fields: dict[str, Any] = {
        "job_id": job_id, "kind": JobKind.TRAIN, "state": JobState.QUEUED, "request": {"instrument": "BTCUSDT"},
        "progress": 0.0, "message": "", "result": None, "pid": None, "cancel_requested": False, "created_at": NOON,
        "started_at": None, "finished_at": None,
    }  # fmt: skip
    return Job(**fields | changes)


def test_a_command_waits_until_it_is_answered(board: Board) -> None:
    assert board.ask(a_command("k1"))
    assert board.ask(a_command("k2", state_version=None, asked_at=hours(-1)))
    assert board.pending() == [a_command("k1"), a_command("k2", state_version=None, asked_at=hours(-1))]
    board.answer("k1", CommandState.DONE, "placed", hours(0.1), {"client_id": "aa1"})
    assert [command.key for command in board.pending()] == ["k2"]
    answered = a_command(state=CommandState.DONE, message="placed", answered_at=hours(0.1), result={"client_id": "aa1"})
    assert board.command("k1") == answered


def test_a_repeated_click_is_the_same_command(board: Board) -> None:
    assert board.ask(a_command())
    assert not board.ask(a_command(payload={"quantity": "99"}))
    assert board.pending() == [a_command()]
    board.answer("k1", CommandState.REFUSED, "too much", NOON)
    assert not board.ask(a_command())
    assert board.pending() == []


def test_the_first_answer_counts(board: Board) -> None:
    board.ask(a_command())
    board.answer("k1", CommandState.REFUSED, "too much", NOON)
    board.answer("k1", CommandState.DONE, "placed", hours(1))
    command = board.command("k1")
    assert command is not None
    assert (command.state, command.message, command.answered_at) == (CommandState.REFUSED, "too much", NOON)


def test_a_command_that_nobody_asked_is_not_answered(board: Board) -> None:
    assert board.command("k1") is None
    with pytest.raises(ConfigurationError, match="k1"):
        board.answer("k1", CommandState.DONE, "", NOON)


def test_of_eight_clicks_at_once_one_is_the_command(board: Board) -> None:
    start = Barrier(8)

    def click(i: int) -> bool:
        start.wait()
        return board.ask(a_command(payload={"click": i}))

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(click, range(8))) == [False] * 7 + [True]
    assert len(board.pending()) == 1


def test_commands_of_several_tabs_all_arrive(board: Board) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda i: board.ask(a_command(f"k{i}")), range(40)))
    assert {command.key for command in board.pending()} == {f"k{i}" for i in range(40)}


@pytest.mark.parametrize("value", [True, None, "paper", 3, 0.1, ["a"], {"drawdown": "0.20", "deep": {"n": [1, None]}}])
def test_a_setting_comes_back_as_it_was_put(board: Board, value: object) -> None:
    assert board.setting("limits:paper") is None
    board.put_setting("limits:paper", {"before": 1})
    board.put_setting("limits:paper", value)
    assert board.setting("limits:paper") == value


def test_the_state_version_grows_with_every_setting(board: Board) -> None:
    assert board.state_version() == 0
    assert board.put_setting("trading_on", True) == 1
    assert board.put_setting("trading_on", True) == 2
    assert board.put_setting("zone", "UTC", quiet=True) == board.state_version() == 2
    assert board.state_version() == 2


def test_no_two_changes_share_a_state_version(board: Board) -> None:
    with ThreadPoolExecutor(4) as pool:
        versions = list(pool.map(lambda i: board.put_setting(f"s{i}", i), range(20)))
    assert sorted(versions) == list(range(1, 21))


def test_the_heartbeat_is_the_last_one(board: Board) -> None:
    assert board.heartbeat() is None
    board.beat("engine-1", NOON, {"equity": "10000.00"})
    board.beat("engine-2", hours(1), {"equity": None, "paused": ["stale_data"]})
    beat = Heartbeat(owner="engine-2", at=hours(1), status={"equity": None, "paused": ["stale_data"]})
    assert board.heartbeat() == beat


def test_a_job_tells_when_it_started_and_ended(board: Board) -> None:
    board.add_job(a_job())
    board.update_job("j1", hours(1), state=JobState.RUNNING, pid=4711)
    board.update_job("j1", hours(2), progress=0.5, message="fold 3 of 6")
    assert board.job("j1") == a_job(
        state=JobState.RUNNING, pid=4711, started_at=hours(1), progress=0.5, message="fold 3 of 6"
    )
    board.update_job("j1", hours(3), state=JobState.DONE, progress=1.0, result={"model_id": "m1"})
    done = board.job("j1")
    assert done is not None
    assert (done.finished_at, done.result, done.message) == (hours(3), {"model_id": "m1"}, "fold 3 of 6")


def test_a_cancel_reaches_the_running_job(board: Board) -> None:
    board.add_job(a_job())
    assert not board.update_job("j1", NOON, state=JobState.RUNNING)
    assert board.cancel_job("j1")
    assert board.update_job("j1", NOON, progress=0.1)
    assert board.update_job("j1", NOON)
    assert board.update_job("j1", hours(1), state=JobState.CANCELLED)


@pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED, JobState.CANCELLED])
def test_a_job_that_is_over_stays_as_it_ended(board: Board, state: JobState) -> None:
    board.add_job(a_job())
    board.update_job("j1", hours(1), state=state, message="the end")
    board.update_job("j1", hours(2), state=JobState.RUNNING, progress=0.3, message="still here")
    assert board.job("j1") == a_job(state=state, message="the end", finished_at=hours(1))
    assert not board.cancel_job("j1")


def test_jobs_come_newest_first_and_by_kind(board: Board) -> None:
    board.add_job(a_job("old"))
    board.add_job(a_job("new", created_at=hours(1), kind=JobKind.BACKTEST))
    board.add_job(a_job("twin", created_at=hours(1)))
    assert [job.job_id for job in board.jobs()] == ["twin", "new", "old"]
    assert [job.job_id for job in board.jobs(JobKind.TRAIN)] == ["twin", "old"]


def test_a_job_that_is_not_there_is_named(board: Board) -> None:
    assert board.job("j9") is None
    assert not board.cancel_job("j9")
    with pytest.raises(ConfigurationError, match="j9"):
        board.update_job("j9", NOON, progress=0.1)
