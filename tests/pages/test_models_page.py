"""The models page beyond the report: versions, promotion, shadow, live calls; empty, full, refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from engine.domain.command import CommandKind, CommandState
from engine.domain.job import JobKind, JobState
from engine.domain.signal import Contributions, Signal
from tests.pages.conftest import Open
from tests.pages.followed import drift, follow, refuse
from tests.pages.jobs import job
from tests.pages.reading import assert_calm, figure, words
from tests.pages.scene import NOW, Scene
from tests.pages.trained import predict


def view(show: Open, name: str, version: str | None = None) -> AppTest:
    """The models page, at one of its views."""
    at = show("models")
    if version is not None:
        box = next(s for s in at.selectbox if s.key == "version_choice_m1")
        at = box.set_value(next(o for o in box.options if o.startswith(version))).run()
    at = at.segmented_control(key="model_view").set_value(name).run()
    assert_calm(at)
    return at


@pytest.mark.parametrize(
    ("name", "says"),
    [("Versions", "nothing to roll back to"), ("In shadow", "no bar has matured yet"),
     ("Live calls", "Nothing has matured yet"), ("Drift", "not looked at yet")],
)  # fmt: skip
def test_what_has_not_happened_yet_is_said(full: Scene, show: Open, name: str, says: str) -> None:
    assert says in words(view(show, name))


def test_live_calls_stand_beside_what_was_stated(full: Scene, show: Open) -> None:
    follow(full)
    at = view(show, "Live calls")
    assert figure(at, "Matured") == "2,376"
    assert figure(at, "Waiting") == "24"
    assert "±" in figure(at, "Right")
    assert "0.9 to 1.0" in words(at)
    assert "2025-" in words(at) or "2024-" in words(at)


def test_a_challenger_is_shown_against_twenty(full: Scene, show: Open) -> None:
    follow(full)
    at = view(show, "In shadow")
    assert figure(at, "K of 20") == "1.00"  # it says the same as the champion
    assert figure(at, "Bars so far") == "2,376"
    assert "Nothing points to a win" in words(at)
    assert "some 79 days of such bars" in words(at)


def test_two_versions_stand_side_by_side(full: Scene, show: Open) -> None:
    refuse(full)
    at = view(show, "Versions", "v3")
    said = words(at)
    assert "v3 does not take over" in said
    assert "Brier score +2.00 thousandths" in said
    assert "refit of v1" in said
    assert "± " in said
    assert "parameter: seed" in said
    at.toggle(key="beside_only").set_value(True).run()
    assert "code version" not in words(at)
    assert "parameter: seed" in words(at)


def test_a_promotion_needs_words_and_is_answered(full: Scene, show: Open) -> None:
    full.engine_says("first light v2 is the champion now", CommandState.DONE)
    at = view(show, "Versions", "v2")
    assert at.button(key="promote_m1.2").disabled
    at.text_input(key="why_m1.2").set_value("it sleeps better").run()
    at.button(key="promote_m1.2").click().run()
    assert full.last.kind is CommandKind.PROMOTE
    assert full.last.payload == {"version_id": "m1.2", "words": "it sleeps better"}
    assert "first light v2 is the champion now" in words(at)


def test_one_click_rolls_back(full: Scene, show: Open) -> None:
    full.models.promote("m1.2", NOW, "operator", "it sleeps better")
    full.engine_says("rolled back", CommandState.DONE)
    at = view(show, "Versions")
    assert "it sleeps better" in words(at)
    at.button(key="roll_back_m1").click().run()
    assert full.last.payload == {"version_id": "m1.1", "words": "rolled back from v2"}


def test_a_suspected_leak_cannot_be_promoted(full: Scene, show: Open) -> None:
    refuse(full)
    at = view(show, "Versions", "v4")
    assert "this version cannot be promoted" in words(at)
    assert not [b for b in at.button if b.key == "promote_m1.4"]


def test_a_prediction_stands_beside_what_live_calls_as_strong_came_to(full: Scene, show: Open) -> None:
    follow(full, 4_800)
    at = show("predictions")
    assert_calm(at)
    said = words(at)
    assert "Live: calls this strong were right" in said
    assert "Stated against realised" in said


def test_drift_is_told_with_what_was_chosen(full: Scene, show: Open) -> None:
    drift(full)
    full.engine_says("Stored", CommandState.DONE)
    at = view(show, "Drift")
    said = words(at)
    assert "What was found of skill." in said
    assert "too little to tell" in said or "gray-badge" in said
    assert "If it drifts: tell me." in said
    at.selectbox(key="care_m1_skill").set_value("stand_down").run()
    at.number_input(key="care_m1_days").set_value(14).run()
    at.button(key="care_store_m1").click().run()
    assert full.last.kind is CommandKind.SET_CARE
    assert full.last.payload == {
        "model_id": "m1", "retrain_days": 14,
        "actions": {"features": "tell", "calibration": "tell", "skill": "stand_down"},
    }  # fmt: skip


def test_members_are_chosen_where_a_model_is_trained(full: Scene, show: Open) -> None:
    full.engine_says("Training has begun", CommandState.DONE)
    at = show("models")
    at.multiselect(key="models_members").set_value(["linear", "forest"]).run()
    at.button(key="models_train").click().run()
    assert full.last.payload["members"] == ["linear", "forest"]


@pytest.mark.parametrize("asked", [False, True])
def test_all_combinations_are_asked_for_by_a_box(full: Scene, show: Open, asked: bool) -> None:
    full.engine_says("Training has begun", CommandState.DONE)
    at = show("models")
    if asked:
        at = at.checkbox(key="models_paths").check().run()
    at.button(key="models_train").click().run()
    assert full.last.payload["paths"] is asked


def test_what_made_a_call_adds_up_to_it(full: Scene, show: Open) -> None:
    told = {
        "as_of": "2025-04-01T11:00:00Z", "signal": "BUY", "action": "HOLD", "held_by": "edge", "price": 60_000.0,
        "gates": [], "sentence": "Confidence 0.87", "in_sample": False, "kept": False,
        "contributions": {"usual": 0.5, "probability_up": 0.53, "pushes": {"trend": 0.04, "volume": -0.01}},
    }  # fmt: skip
    asked = job(JobKind.PREDICT, JobState.DONE, NOW, request={"model": "m1.1"}, result=told, finished_at=NOW)
    full.board.add_job(asked)
    at = show("predictions")
    assert_calm(at)
    assert "pushes of +4.0 and −1.0 points make 53.0 %" in words(at)
    assert "Asked about the past: it is not kept" in words(at)


def test_a_stored_call_shows_all_that_made_it(full: Scene, show: Open) -> None:
    bare = show("predictions")
    assert "points make" not in words(bare), "calls of before they were kept have reasons alone"
    made = Contributions(usual=0.5, pushes={"trend": 0.03, "momentum": 0.02, "volume": -0.004, "calendar": 0.001})
    call = replace(predict(NOW, 60_000.0, 1), probability=0.547, signal=Signal.BUY, contributions=made)
    full.models.save_predictions("m1.1", [call])
    at = show("predictions")
    assert_calm(at)
    assert "Usual inputs give 50.0 %; pushes of +3.0 and +2.0 and −0.4 and +0.1 points make 54.7 %." in words(at)
    assert figure(at, "Probability") == "54.7 %"


def test_what_coingeckos_bars_lack_is_said(full: Scene, show: Open) -> None:
    full.engine_says("Training has begun", CommandState.DONE)
    at = show("models")
    at.segmented_control(key="train_source").set_value("COINGECKO").run()
    assert_calm(at)
    assert "volume is absent" in words(at)
    at.button(key="models_train").click().run()
    assert (full.last.payload["source"], full.last.payload["symbol"]) == ("COINGECKO", "BTCUSD")
