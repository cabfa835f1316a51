"""The registry: one champion per model, every promotion recorded, predictions kept as they were made."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest

from engine.domain.drift import Drift, DriftKind
from engine.domain.errors import ModelError, ModelNotFound
from engine.domain.interval import Interval
from engine.domain.model import Check, Model, ModelVersion, Origin, Promotion, Stage
from engine.domain.outcome import MaturedCall, Outcome, Pending
from engine.domain.signal import Signal
from engine.domain.target import Barrier as TradeBarrier
from engine.ports import ModelStore
from tests.contracts.wall import NOON, a_prediction, hours


def a_model(model_id: str = "m1", name: str = "Morning", **changes: Any) -> Model:
    fields: dict[str, Any] = {
        "model_id": model_id, "name": name, "symbol": "BTCUSDT", "interval": Interval.H1, "horizon": 24,
        "source": "BINANCE", "created_at": NOON,
    }  # fmt: skip
    return Model(**fields | changes)


def a_version(number: int = 1, model_id: str = "m1", **changes: Any) -> ModelVersion:
    fields: dict[str, Any] = {
        "version_id": f"{model_id}.{number}", "model_id": model_id, "version": number, "stage": Stage.CANDIDATE,
        "trained_from": hours(-1000), "trained_to": NOON, "n_bars": 1000, "seed": 7, "members": ("linear", "forest"),
        "metrics": {"out_of_sample": {"n": 412, "auc": 0.1 + 0.2, "brier": None}}, "fit_seconds": 1.25,
        "artefact_path": "models/m1/1", "artefact_sha256": "ab", "content_sha256": "cd", "code_version": "0.1.0",
        "created_at": hours(number),
    }  # fmt: skip
    return ModelVersion(**fields | changes)


def stages(store: ModelStore) -> dict[str, Stage]:
    return {version.version_id: version.stage for version in store.versions("m1")}


def test_models_are_found_by_id_and_by_name(store: ModelStore) -> None:
    store.add_model(a_model("m1", "Morning"))
    store.add_model(a_model("m2", "Evening", created_at=hours(1)))
    assert store.model("m1") == store.model("Morning") == a_model("m1", "Morning")
    assert [model.name for model in store.models()] == ["Evening", "Morning"]


def test_an_id_wins_over_a_name(store: ModelStore) -> None:
    store.add_model(a_model("m2", "m1"))
    store.add_model(a_model("m1", "Morning"))
    assert store.model("m1").name == "Morning"


def test_a_name_is_given_once(store: ModelStore) -> None:
    store.add_model(a_model())
    with pytest.raises(ModelError, match="Morning"):
        store.add_model(a_model("m2"))
    with pytest.raises(ModelError):
        store.add_model(a_model("m1", "Evening"))
    assert len(store.models()) == 1


def test_the_first_version_is_the_champion(store: ModelStore) -> None:
    store.add_model(a_model())
    store.add_version(a_version(1))
    store.add_version(a_version(2))
    assert stages(store) == {"m1.2": Stage.CANDIDATE, "m1.1": Stage.CHAMPION}
    assert store.version("Morning") == store.version("m1") == replace(a_version(1), stage=Stage.CHAMPION)
    assert store.version("m1.2") == a_version(2)


def test_versions_trained_at_once_are_all_kept_and_one_is_champion(store: ModelStore) -> None:
    store.add_model(a_model())
    start = Barrier(6)

    def add(number: int) -> None:
        start.wait()
        store.add_version(a_version(number))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(add, range(1, 7)))
    assert sorted(stages(store).values()) == [Stage.CANDIDATE] * 5 + [Stage.CHAMPION]


def test_versions_come_newest_first(store: ModelStore) -> None:
    store.add_model(a_model())
    for number in (2, 10, 1):
        store.add_version(a_version(number))
    assert [version.version for version in store.versions("m1")] == [10, 2, 1]


def test_promoting_retires_the_champion_before(store: ModelStore) -> None:
    store.add_model(a_model())
    for number in (1, 2, 3):
        store.add_version(a_version(number))
    store.promote("m1.2", hours(5), "operator")
    assert stages(store) == {"m1.3": Stage.CANDIDATE, "m1.2": Stage.CHAMPION, "m1.1": Stage.RETIRED}
    store.promote("m1.2", hours(6), "operator")
    store.promote("m1.1", hours(7), "operator")
    assert stages(store) == {"m1.3": Stage.CANDIDATE, "m1.2": Stage.RETIRED, "m1.1": Stage.CHAMPION}


def test_a_version_number_is_given_once(store: ModelStore) -> None:
    store.add_model(a_model())
    store.add_version(a_version(1))
    with pytest.raises(ModelError, match=r"m1\.1"):
        store.add_version(a_version(1, seed=8))
    assert store.version("m1.1").seed == 7


def test_what_is_not_there_is_named(store: ModelStore) -> None:
    store.add_model(a_model())
    with pytest.raises(ModelNotFound, match="Midnight"):
        store.model("Midnight")
    with pytest.raises(ModelNotFound, match="no version yet"):
        store.version("m1")
    with pytest.raises(ModelNotFound, match="m9"):
        store.add_version(a_version(model_id="m9"))
    with pytest.raises(ModelNotFound):
        store.promote("m9.1", NOON, "operator")
    with pytest.raises(ModelNotFound):
        store.save_predictions("m9.1", [a_prediction()])


def test_predictions_keep_their_floats_to_the_last_bit(store: ModelStore) -> None:
    store.add_model(a_model())
    store.add_version(a_version())
    store.save_predictions("m1.1", [a_prediction()])
    assert store.predictions("m1.1") == [a_prediction()]


def test_a_prediction_is_made_once_per_version_instrument_and_moment(store: ModelStore) -> None:
    store.add_model(a_model())
    store.add_version(a_version(1))
    store.add_version(a_version(2))
    store.save_predictions("m1.1", [a_prediction()])
    store.save_predictions("m1.1", [a_prediction(signal=Signal.SELL), a_prediction(symbol="ETHUSDT")])
    store.save_predictions("m1.2", [a_prediction(signal=Signal.HOLD)])
    assert store.predictions("m1.1") == [a_prediction(), a_prediction(symbol="ETHUSDT")]
    assert store.predictions("m1.2") == [a_prediction(signal=Signal.HOLD)]


def test_predictions_come_newest_first_up_to_a_limit(store: ModelStore) -> None:
    store.add_model(a_model())
    store.add_version(a_version())
    store.save_predictions("m1.1", (a_prediction(hours(i)) for i in range(2500)))
    assert len(store.predictions("m1.1", limit=9999)) == 2500
    assert [prediction.as_of for prediction in store.predictions("m1.1", limit=2)] == [hours(2499), hours(2498)]


def test_a_version_says_where_it_comes_from(store: ModelStore) -> None:
    store.add_model(a_model())
    told = a_version(
        1, stage=Stage.CHAMPION, origin=Origin.REFIT, parent_id="m1.0", data_sha256="ef",
        parameters={"members": ["linear"]}, checks=(Check(name="newer data", passed=False, detail="older"),),
    )  # fmt: skip
    store.add_version(told)
    assert store.version("m1.1") == told


def test_every_promotion_is_kept_with_its_words(store: ModelStore) -> None:
    store.add_model(a_model())
    store.add_model(a_model("m2", "Evening"))
    store.add_version(a_version(1, "m2"))
    for number in (1, 2):
        store.add_version(a_version(number))
    store.promote("m1.2", hours(5), "operator", "it sleeps better")
    store.promote("m1.2", hours(6), "operator", "once more")
    store.promote("m1.1", hours(7), "evidence")
    assert store.promotions("m1") == [
        Promotion(version_id="m1.1", at=hours(7), promoted_by="evidence", replaced_id="m1.2"),
        Promotion(
            version_id="m1.2", at=hours(5), promoted_by="operator", words="it sleeps better", replaced_id="m1.1"
        ),
        Promotion(version_id="m1.1", at=hours(1), promoted_by="first version"),
    ]  # fmt: skip


def an_outcome(i: int = 0, realised: float | None = 0.1 + 0.2) -> Outcome:
    return Outcome(
        version_id="m1.1", symbol="BTCUSDT", as_of=hours(i), realised=realised, matured_at=hours(i + 24)
    )  # fmt: skip


def test_predictions_wait_until_they_mature(store: ModelStore) -> None:
    store.add_model(a_model())
    for number in (1, 2):
        store.add_version(a_version(number))
        store.save_predictions(f"m1.{number}", [a_prediction(hours(i)) for i in (1, 0)])
    call = a_prediction()
    first = Pending(
        version_id="m1.1", symbol="BTCUSDT", interval=Interval.H1, as_of=NOON, horizon=call.horizon, price=call.price,
        volatility=call.volatility,
    )  # fmt: skip
    assert store.pending("m1.1") == [first, replace(first, as_of=hours(1))]
    assert store.pending("m1.1", limit=1) == [first]
    store.follow({}, [an_outcome(0)])
    assert store.pending("m1.1") == [replace(first, as_of=hours(1))]
    assert len(store.pending("m1.2")) == 2
    assert store.predictions("m1.1")[-1] == call  # what was said stays


def test_an_outcome_is_written_once_and_exactly(store: ModelStore) -> None:
    store.add_model(a_model())
    store.add_version(a_version())
    store.save_predictions("m1.1", [a_prediction(hours(i)) for i in range(3)])
    store.follow({}, [an_outcome(0), an_outcome(1, None), an_outcome(2, -0.01)])
    store.follow({}, [an_outcome(0, 0.7)])
    call = a_prediction()
    first = MaturedCall(
        symbol="BTCUSDT", as_of=NOON, signal=call.signal, probability=call.probability, confidence=call.confidence,
        realised=0.1 + 0.2,
    )  # fmt: skip
    assert store.matured("m1.1") == [first, replace(first, as_of=hours(2), realised=-0.01)]
    assert [c.as_of for c in store.matured("m1.1", since=hours(1))] == [hours(2)]
    assert store.pending("m1.1") == []


def test_a_version_s_calls_are_judged_by_what_it_was_asked(store: ModelStore) -> None:
    store.add_model(a_model())
    barrier = TradeBarrier(cost_ratio=0.0026)
    store.add_version(a_version(parameters={"barrier": barrier.as_json()}))
    store.save_predictions("m1.1", [a_prediction()])
    [waiting] = store.pending("m1.1")
    assert (waiting.barrier, waiting.volatility) == (barrier, a_prediction().volatility)
    store.follow({}, [an_outcome(0, 0.002)])
    [call] = store.matured("m1.1")
    assert (call.barrier, call.up) == (barrier, False)


def test_looks_for_drift_are_kept_newest_first(store: ModelStore) -> None:
    store.add_model(a_model())
    store.add_version(a_version())
    look = Drift(
        version_id="m1.1", at=NOON, kind=DriftKind.SKILL, score=None, limit=0.05, drifted=False, detail="too few"
    )  # fmt: skip
    later = replace(look, at=hours(168), kind=DriftKind.FEATURES, score=0.3, drifted=True)
    store.record_drift([look, later])
    store.record_drift([replace(look, drifted=True)])
    assert store.drift("m1.1") == [later, look]
    assert store.drift("m1.1", limit=1) == [later]
    assert store.drift("m1.2") == []


def test_a_close_is_followed_in_one_step(store: ModelStore) -> None:
    store.add_model(a_model())
    for number in (1, 2):
        store.add_version(a_version(number))
    store.save_predictions("m1.1", [a_prediction()])
    store.follow({"m1.1": a_prediction(hours(1)), "m1.2": a_prediction(hours(1))}, [an_outcome(0)])
    assert [p.as_of for p in store.predictions("m1.1")] == [hours(1), NOON]
    assert store.predictions("m1.2") == [a_prediction(hours(1))]
    assert [c.as_of for c in store.matured("m1.1")] == [NOON]
    with pytest.raises(ModelNotFound):
        store.follow({"m1.2": a_prediction(hours(2)), "m9.1": a_prediction(hours(2))})
    assert len(store.predictions("m1.2")) == 1
