"""Training is asked for on the models page: defaults, progress, and why one failed."""

from __future__ import annotations

from engine.domain.command import CommandKind
from engine.domain.job import JobKind, JobState
from tests.pages.conftest import Open
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
