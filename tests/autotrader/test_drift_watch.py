"""Each Monday what trades is looked at, what the operator chose is done, and a retraining goes through the checks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from engine.autotrader import drift_watch
from engine.domain.bar import BarSeries
from engine.domain.command import CommandKind, CommandState
from engine.domain.drift import FREE, Drift, DriftKind
from engine.domain.errors import UnusableSample
from engine.domain.interval import iso
from engine.domain.job import JobKind, JobState
from engine.domain.signal import Signal
from engine.learning.drift import look_for_drift
from engine.learning.forecast import TrainedModel
from tests.autotrader.modelled import OTHER, add, before_monday, live, modelled
from tests.autotrader.town import ACCOUNT, Town


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A champion that trades, two hours before a week begins."""
    one = modelled(tmp_path, before_monday())
    yield one
    one.close()


def choose(town: Town, actions: dict[str, str], days: int = 0) -> None:
    answered = town.ask(CommandKind.SET_CARE, {"model_id": "m1", "actions": actions, "retrain_days": days})
    assert answered.state is CommandState.DONE, answered.message


def drifting(monkeypatch: pytest.MonkeyPatch, *kinds: DriftKind) -> None:
    """From now on each look finds these."""

    def look(version_id: str, model: TrainedModel, window: BarSeries, at: datetime) -> tuple[Drift, ...]:
        found = look_for_drift(version_id, model, window, at)
        return tuple(replace(one, drifted=one.kind in kinds) for one in found)

    monkeypatch.setattr(drift_watch, "look_for_drift", look)


def alerts(town: Town, words: str) -> list[str]:
    return [a.text for a in town.stores.reads.alerts() if words in a.text]


def restraint(town: Town) -> tuple[int, bool]:
    found = town.session.trader.seats[0].restraint
    return found.size_ppm, found.stands_down


def test_it_is_looked_once_a_week(town: Town) -> None:
    live(town, 1)
    assert town.stores.models.drift("m1.1") == []
    live(town, 3)
    looks = town.stores.models.drift("m1.1")
    assert {look.kind for look in looks} == set(DriftKind)
    assert {look.at.strftime("%a %H:%M") for look in looks} == {"Mon 00:00"}
    assert not any(look.drifted for look in looks)
    assert alerts(town, "drifted") == []


def test_to_tell_is_all_that_is_done_by_itself(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    drifting(monkeypatch, DriftKind.SKILL)
    live(town, 3)
    [told] = alerts(town, "skill drifted")
    assert told.startswith("Morning v1: skill drifted; hits and misses")
    assert town.session.trader.seats[0].restraint == FREE
    assert town.spawned.jobs == []
    live(town, 168)
    assert len(alerts(town, "skill drifted")) == 1  # told once while it lasts


def test_standing_down_buys_nothing_and_says_so(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.ask(CommandKind.SET_LIMITS, {"limits": {"min_confidence": "0", "min_edge_multiple": "0"}})
    choose(town, {"skill": "stand_down"})
    drifting(monkeypatch, DriftKind.SKILL)
    live(town, 60)
    assert restraint(town) == (0, True)
    later = town.ledger.decisions(ACCOUNT)[3:]
    assert Signal.BUY in {d.prediction.signal for d in later if d.prediction is not None}
    assert Signal.BUY not in {d.action for d in later}
    gates = [next(g for g in d.gates if g.name == "drift") for d in later]
    assert all(not g.passed and "stands down, as chosen" in g.detail for g in gates)
    town.enter()
    town.engine.settle()
    assert restraint(town) == (0, True)  # after a restart too
    choose(town, {})
    assert town.session.trader.seats[0].restraint == FREE


def test_half_a_size_is_half_of_it(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(town, {"calibration": "cut_size"})
    drifting(monkeypatch, DriftKind.CALIBRATION)
    live(town, 3)
    assert restraint(town) == (500_000, False)
    add(town, 2, OTHER)
    town.ask(CommandKind.PROMOTE, {"version_id": "m1.2", "words": "a fresh start"})
    live(town, 1)
    assert town.session.trader.seats[0].restraint == FREE  # another version has not drifted


def test_drift_may_start_a_training_of_the_same_recipe(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(town, {"features": "retrain"})
    drifting(monkeypatch, DriftKind.FEATURES)
    live(town, 3)
    [job] = town.spawned.jobs
    version = town.stores.models.version("m1.1")
    assert job.kind is JobKind.TRAIN
    assert job.request == {
        "name": "Morning", "source": "SIMULATED", "symbol": "BTCUSDT", "interval": "1h", "horizon": 1, "seed": 0,
        "members": ["linear"], "end": str(job.request["end"]),
        "start": iso(datetime.fromisoformat(str(job.request["end"])) - (version.trained_to - version.trained_from)),
    }  # fmt: skip
    assert town.stores.models.version("m1").version_id == "m1.1"  # nothing takes over by being newest


def test_a_schedule_trains_once_a_period(town: Town) -> None:
    live(town, 1)
    assert town.spawned.jobs == []  # off by default
    version = town.stores.models.version("m1.1")
    days = (town.session.clock.now() - version.trained_to) // timedelta(days=1)
    choose(town, {}, days)
    live(town, 2)
    [job] = town.spawned.jobs
    assert f"{days} days after v1's training" in alerts(town, "trained anew")[0]
    live(town, 2)
    assert len(town.spawned.jobs) == 1
    town.board.update_job(job.job_id, town.clock.now(), state=JobState.FAILED)
    live(town, 2)
    assert len(town.spawned.jobs) == 1  # what failed is not tried again before the next period


def test_a_schedule_waits_for_a_training_that_runs(town: Town) -> None:
    town.ask(CommandKind.TRAIN, {"name": "Morning", "source": "SIMULATED", "symbol": "BTCUSDT", "interval": "1h",
                                 "horizon": 1})  # fmt: skip
    choose(town, {}, 1)
    live(town, 2)
    assert len(town.spawned.jobs) == 1


def test_a_look_that_fails_is_told_once_and_trading_goes_on(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def unusable(*_: object) -> tuple[Drift, ...]:
        raise UnusableSample("nothing varies")

    monkeypatch.setattr(drift_watch, "look_for_drift", unusable)
    live(town, 3)
    assert alerts(town, "nothing varies") == ["Models were not looked after at a close: nothing varies"]
    assert len(town.ledger.decisions(ACCOUNT)) == 3
    assert town.causes() == []
