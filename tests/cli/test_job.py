"""`job ID`: what the console's processes do, and what their rows say afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from engine.adapters.clock import WallClock
from engine.bootstrap import Stores
from engine.cli import job as jobs
from engine.cli import predict
from engine.commands.predict import Predict
from engine.domain.interval import iso, parse_time
from engine.domain.job import Job, JobKind, JobState
from engine.domain.signal import Prediction
from engine.queries.predictions import PAST, read_asked
from engine.risk.gates import GATES
from tests.cli.shell import Shell

RUN = {
    "strategy": "rule:buy_hold", "symbols": ["ALFAUSDT"], "interval": "1h", "source": "SIMULATED",
    "start": "2020-07-01", "end": "2020-07-02", "options": {"stake": "500", "stop_loss": "0.01"},
}  # fmt: skip


def queue(stores: Stores, job_id: str, kind: JobKind, request: Mapping[str, object]) -> str:
    stores.board.add_job(
        Job(
            job_id=job_id, kind=kind, state=JobState.QUEUED, request=request, progress=0.0, message="waiting",
            result=None, pid=None, cancel_requested=False, created_at=stores.clock.now(), started_at=None,
            finished_at=None,
        )
    )  # fmt: skip
    return job_id


def row(stores: Stores, job_id: str) -> Job:
    found = stores.board.job(job_id)
    assert found is not None
    return found


def test_a_backtest_leaves_its_curve_and_its_trades_in_its_row(shell: Shell, stores: Stores) -> None:
    job_id = queue(stores, "j-backtest", JobKind.BACKTEST, RUN)
    assert shell.run("job", job_id).code == 0
    done = row(stores, job_id)
    assert (done.state, done.progress) == (JobState.DONE, 1.0)
    assert done.result is not None
    assert {"report", "trade_list", "trades_sha256"} <= set(done.result)
    assert done.finished_at is not None
    assert timedelta(0) <= done.finished_at - done.created_at < timedelta(minutes=5)


def test_a_replay_leaves_its_summary(shell: Shell, stores: Stores) -> None:
    job_id = queue(stores, "j-replay", JobKind.REPLAY, {**RUN, "speed": "max"})
    assert shell.run("job", job_id).code == 0
    done = row(stores, job_id)
    assert done.state is JobState.DONE
    assert done.result is not None
    assert done.result["finished"] is True


def test_a_replay_that_is_cancelled_can_be_gone_on_with(shell: Shell, stores: Stores) -> None:
    first = queue(stores, "j-cancel", JobKind.REPLAY, {**RUN, "end": "2020-07-03", "speed": "3600"})
    assert stores.board.cancel_job(first)
    shell.run("job", first)
    stopped = row(stores, first)
    assert (stopped.state, "start it again to go on" in stopped.message) == (JobState.CANCELLED, True)
    second = queue(stores, "j-again", JobKind.REPLAY, {**RUN, "end": "2020-07-03", "speed": "max"})
    assert shell.run("job", second).code == 0
    assert stopped.result is not None
    after = row(stores, second).result
    assert after is not None
    assert after["account_id"] == stopped.result["account_id"]


def test_what_fails_says_why_in_its_row(shell: Shell, stores: Stores, tmp_path: Path) -> None:
    job_id = queue(stores, "j-import", JobKind.IMPORT, {"paths": [str(tmp_path / "nothing")]})
    assert shell.run("job", job_id).code != 0
    failed = row(stores, job_id)
    assert failed.state is JobState.FAILED
    assert "nothing" in failed.message


def test_a_fault_is_written_down_too(shell: Shell, stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> dict[str, object]:
        raise ZeroDivisionError("nobody thought of this")

    monkeypatch.setitem(jobs._DOERS, JobKind.SYNC, breaks)
    job_id = queue(stores, "j-fault", JobKind.SYNC, {})
    with pytest.raises(ZeroDivisionError):
        shell.run("job", job_id)
    assert row(stores, job_id).message == "ZeroDivisionError: nobody thought of this"


@pytest.mark.parametrize("job_id", ["j-nobody", "j-backtest"])
def test_only_a_waiting_job_is_run(shell: Shell, stores: Stores, job_id: str) -> None:
    said = shell.run("job", job_id)
    assert (said.code, "not waiting to be run" in said.err) == (2, True)


@pytest.mark.parametrize(("asked_at", "kept"), [("2020-05-01T00:59:59Z", True), ("2020-05-01T01:00:00Z", False)])
def test_a_prediction_asked_for_by_hand_is_kept_where_nobody_can_know_what_comes_of_it(
    stores: Stores, trained: dict[str, object], monkeypatch: pytest.MonkeyPatch, asked_at: str, kept: bool
) -> None:
    monkeypatch.setattr(WallClock, "now", lambda _: parse_time(asked_at))
    version_id = stores.models.version("small").version_id
    monkeypatch.setattr(stores.models, "save_predictions", lambda *said: stored.append(said))
    stored: list[tuple[str, list[Prediction]]] = []
    told = predict.predict(stores, Predict(model=str(trained["model_id"]), at=parse_time("2020-05-01T00:00:00Z")))
    assert (told["kept"], PAST in predict.words(told)) == (kept, not kept)
    assert [(name, [iso(p.as_of) for p in said]) for name, said in stored] == (
        [(version_id, [told["as_of"]])] if kept else []
    )


def test_a_prediction_asked_for_by_hand_is_answered(
    shell: Shell, stores: Stores, trained: dict[str, object]
) -> None:  # fmt: skip
    request = {"model": str(trained["model_id"]), "at": "2020-05-01T00:00:00Z"}
    assert shell.run("job", queue(stores, "j-predict", JobKind.PREDICT, request)).code == 0
    done = row(stores, "j-predict")
    assert done.result is not None
    asked = read_asked(stores)
    assert asked is not None
    assert not asked.kept
    assert (asked.action.value, asked.held_by) == (done.result["action"], done.result["held_by"])
    assert [g.name for g in asked.gates] == list(GATES)
    assert asked.parts is not None
    assert max(asked.parts.chance, 1 - asked.parts.chance) == pytest.approx(done.result["probability"], abs=1e-12)
