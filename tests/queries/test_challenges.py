"""Who runs in shadow, and since when a challenge counts: a refit does not set a challenger back, a new recipe does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.domain.model import ModelVersion, Origin, Promotion, Stage
from engine.domain.outcome import Outcome
from engine.domain.signal import Signal
from engine.queries.challenges import Reign, held_against, read_rivals, rivals_of
from tests.contracts.test_model_store import a_model, a_version
from tests.contracts.wall import a_prediction, hours
from tests.fakes import FakeBoard, FakeModelStore
from tests.pages.followed import follow
from tests.pages.scene import Scene

LEADER = a_version(3, stage=Stage.CHAMPION)


def rivals(*others: ModelVersion, promotions: tuple[Promotion, ...] = ()) -> list[int]:
    return [v.version for v in rivals_of(LEADER, (LEADER, *others), promotions)]


def test_newer_candidates_and_challengers_run_in_shadow() -> None:
    older = a_version(2, origin=Origin.REFIT)
    challenger = a_version(1, origin=Origin.CHALLENGER)
    assert rivals(older, challenger, a_version(4), a_version(5)) == [5, 4, 1]
    assert rivals(*(a_version(n) for n in range(4, 9))) == [8, 7, 6]


def test_a_leak_never_runs_and_the_retired_do_not() -> None:
    leaky = a_version(4, metrics={"leak_suspected": True})
    assert rivals(leaky, a_version(2, stage=Stage.RETIRED)) == []


def test_the_champion_before_may_win_its_place_back() -> None:
    before = a_version(2, stage=Stage.RETIRED)
    told = Promotion(version_id="m1.3", at=hours(1), promoted_by="operator", replaced_id="m1.2")
    assert rivals(before, promotions=(told,)) == [2]
    assert rivals(replace(before, metrics={"leak_suspected": True}), promotions=(told,)) == []


def test_who_does_not_lead_has_no_rivals() -> None:
    assert rivals_of(a_version(2), (LEADER, a_version(4)), ()) == ()


@pytest.fixture
def store() -> FakeModelStore:
    """Three versions that said something at each of a hundred hours: 1 led until 50, then 2; 3 never."""
    return a_store()


def a_store(**trained_to: float) -> FakeModelStore:
    """The same, some of them trained to so many hours."""
    store = FakeModelStore()
    store.add_model(a_model())
    for number in (1, 2, 3):
        store.add_version(a_version(number, trained_to=hours(trained_to.get(f"v{number}", 0))))
    for i in range(100):
        at, up = hours(i), i % 2 == 0
        calls = {
            f"m1.{n}": a_prediction(at, signal=Signal.BUY, probability=0.5 + n / 10, probability_low=0.5)
            for n in (1, 2, 3)
        }
        came = [
            Outcome(version_id=name, symbol="BTCUSDT", as_of=at, realised=0.01 if up else -0.01, matured_at=at)
            for name in calls
        ]
        store.follow(calls, came)
    return store


def counted(store: FakeModelStore, reign: Reign | None, rival: str = "m1.3") -> tuple[int, float]:
    """How many bars count, and the mean Brier gain."""
    board = FakeBoard()
    if reign is not None:
        reign.store(board)
    leader = "m1.1" if reign is None else reign.version_id
    found = held_against(store, board, leader, rival, horizon=1, cost=0.0)
    assert found.brier is not None
    return found.n, found.brier


def test_a_first_champion_is_challenged_from_the_beginning(store: FakeModelStore) -> None:
    assert counted(store, None)[0] == 100


@pytest.mark.parametrize("learned", ["v1", "v3"])
def test_no_bar_counts_that_one_of_them_had_learned_from(learned: str) -> None:
    """Somebody asked it about bars of its own training."""
    assert counted(a_store(**{learned: 60}), None)[0] == 40


def test_a_refit_takes_the_challenge_on_where_it_stood(store: FakeModelStore) -> None:
    refit = Reign(version_id="m1.2", began_at=hours(49), before="m1.1", continues=True)
    n, gain = counted(store, refit)
    by_one, by_two = counted(store, None)[1], counted(store, replace(refit, continues=False))[1]
    assert n == 100
    assert gain == pytest.approx((by_one + by_two) / 2)  # each bar against the version that led then


def test_another_recipe_begins_anew(store: FakeModelStore) -> None:
    assert counted(store, Reign(version_id="m1.2", began_at=hours(49), before="m1.1"))[0] == 50


def test_the_champion_before_is_held_against_its_successor_alone(store: FakeModelStore) -> None:
    refit = Reign(version_id="m1.2", began_at=hours(49), before="m1.1", continues=True)
    assert counted(store, refit, rival="m1.1")[0] == 50


def test_the_screen_says_how_many_days_it_may_take(full: Scene) -> None:
    follow(full, 600)
    [rival] = read_rivals(full, full.models.model("m1"), 0.0026)
    assert rival.version.version_id == "m1.2"
    assert rival.challenge.n == 600 - 24
    assert rival.days_left is None  # it says the same as the champion
    assert [round(days) for days in rival.usual_days] == [79, 223]
    assert rival.challenge.at[-1] - rival.challenge.at[0] == timedelta(hours=575)


def test_who_led_before_does_not_speak_for_its_successor(store: FakeModelStore) -> None:
    """A bar at which the champion of that time said nothing counts for nobody."""
    store.add_version(a_version(4))
    board = FakeBoard()
    Reign(version_id="m1.4", began_at=hours(49), before="m1.1", continues=True).store(board)
    at = hours(60)
    store.follow(
        {"m1.4": a_prediction(at)},
        [Outcome(version_id="m1.4", symbol="BTCUSDT", as_of=at, realised=0.01, matured_at=at)],
    )
    assert held_against(store, board, "m1.4", "m1.3", horizon=1, cost=0.0).n == 51
