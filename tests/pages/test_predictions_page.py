"""The predictions page: one call at a chosen moment, and a call with everything that held or passed it."""

from __future__ import annotations

from engine.domain.command import CommandKind
from tests.pages.conftest import Open
from tests.pages.reading import words
from tests.pages.scene import Scene


def test_a_model_is_asked_for_one_call_at_a_chosen_moment(full: Scene, show: Open) -> None:
    full.engine_says("It is being asked.", job_id="j")
    page = show("predictions")
    page.text_input(key="predict_at").input("2025-04-01 11:00").run()
    page.button(key="predict").click().run()
    assert full.last.kind is CommandKind.PREDICT
    assert full.last.payload["at"] == "2025-04-01T11:00:00Z"


def test_a_moment_that_is_none_is_named_and_nothing_is_asked(full: Scene, show: Open) -> None:
    page = show("predictions")
    page.text_input(key="predict_at").input("tomorrow").run()
    assert page.button(key="predict").disabled
    assert "'tomorrow' is not an ISO 8601 time" in words(page)


def test_a_prediction_comes_with_its_sentence_and_every_gate(full: Scene, show: Open) -> None:
    page = words(show("predictions"))
    assert "calls this strong were right 58 % ± 12 % (n = 18 independent)" in page
    assert "**edge** :gray[expected edge 31 bp" in page
    assert "RSI 27, oversold" in page
