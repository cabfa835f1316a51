"""Training is asked for on the models page: defaults, progress, and why one failed."""

from __future__ import annotations

from engine.domain.command import CommandKind
from engine.domain.job import JobKind, JobState
from engine.domain.target import Target
from tests.pages.conftest import Open
from tests.pages.followed import ask_for_trades
from tests.pages.jobs import job
from tests.pages.reading import words
from tests.pages.scene import Scene


def test_training_is_asked_for_with_sensible_defaults(full: Scene, show: Open) -> None:
    full.engine_says("Training has begun.")
    at = show("models")
    at.text_input(key="models_name").set_value("second").run()
    at.button(key="models_train").click().run()
    assert full.last.kind is CommandKind.TRAIN
    assert {"name": "second", "symbol": "BTCUSDT", "interval": "1h", "horizon": 24}.items() <= full.last.payload.items()


def test_binance_bars_need_not_be_stored_to_train_on_them(full: Scene, show: Open) -> None:
    full.engine_says("Training has begun.")
    at = show("models")
    at.session_state["train_source"] = "BINANCE"
    at.run()
    at.button(key="models_train").click().run()
    assert {"source": "BINANCE", "symbol": "BTCUSDT", "name": "model 1"}.items() <= full.last.payload.items()


def test_progress_is_shown_and_can_be_cancelled(full: Scene, show: Open) -> None:
    full.board.add_job(
        job(
            JobKind.TRAIN,
            JobState.RUNNING,
            full.clock.at,
            progress=0.4,
            message="fold 3 of 5",
            started_at=full.clock.at,
        )
    )
    full.engine_says("Asked to stop.")
    at = show("models")
    at.button(key="cancel_train").click().run()
    assert full.last.payload == {"job_id": "train-running"}


def test_a_failed_training_says_why(full: Scene, show: Open) -> None:
    full.board.add_job(job(JobKind.TRAIN, JobState.FAILED, full.clock.at, message="too few bars"))
    assert "failed: too few bars" in words(show("models"))


def test_what_it_predicts_is_chosen_and_said(full: Scene, show: Open) -> None:
    full.engine_says("Training has begun.")
    at = show("models")
    assert "predicts whether price rises over 24 bars" in words(at)
    at.segmented_control(key="models_target_SIMULATED").set_value(Target.BARRIER).run()
    assert "predicts whether a buy pays within 24 bars, net of costs, before its stop" in words(at)
    at.button(key="models_train").click().run()
    assert full.last.payload["target"] == "barrier"


def test_a_name_that_exists_keeps_what_its_versions_predict(full: Scene, show: Open) -> None:
    full.engine_says("Training has begun.")
    ask_for_trades(full)
    at = show("models")
    at.text_input(key="models_name").set_value("dusk").run()
    assert "Target: a buy that pays, as the versions of that name have it." in words(at)
    at.button(key="models_train").click().run()
    assert full.last.payload["target"] == "barrier"


def test_price_points_teach_directions_alone(full: Scene, show: Open) -> None:
    at = show("models")
    at.session_state["train_source"] = "COINGECKO"
    at.run()
    assert at.segmented_control(key="models_target_COINGECKO").options == ["Direction"]


def test_a_model_of_trades_says_what_it_predicts(full: Scene, show: Open) -> None:
    ask_for_trades(full)
    at = show("models")
    assert {"a rise", "a buy that pays"} == set(at.dataframe[0].value["predicts"])
    at = at.selectbox(key="model_choice").set_value("dusk").run()
    said = words(at)
    assert "Predicts whether a buy pays, net of costs of 0.26 %" in said
    assert "45.8 % of buys at all bars paid, 47.1 % of those that the members called" in said
    call = words(show("predictions"))
    assert "A buy of BTCUSDT " in call
    assert "before a stop" in call
    assert "stronger than" in call
