"""Model files: the same predictions to the bit after a round trip; anything else is refused before it is read."""

from __future__ import annotations

import hashlib
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io

from engine.adapters.models import files
from engine.adapters.models.files import load, save
from engine.domain.errors import FeatureMismatch, ModelNotFound
from engine.learning.state import arrays_of, content_sha256, facts_of
from tests.learning.fits import planted_bars, trained


def written(folder: Path, document: object) -> tuple[Path, str]:
    """A file with any content and its true hash: as if the registry itself had been talked into it."""
    content: bytes = skops.io.dumps(document)
    path = folder / "model.skops"
    path.write_bytes(content)
    return path, hashlib.sha256(content).hexdigest()


def document(**changes: Any) -> dict[str, Any]:
    model = trained().model
    manifest = {**facts_of(model), "content_sha256": content_sha256(model), **changes}
    return {"manifest": manifest, "arrays": arrays_of(model)}


def test_after_a_round_trip_every_prediction_is_the_same_to_the_bit(tmp_path: Path) -> None:
    path, sha256 = save(trained(), tmp_path)
    again, series = load(path, sha256), planted_bars()
    mine, theirs = trained().model.forecast(series), again.forecast(series)
    for name in ("probability_up", "probability_low", "probability_high", "confidence", "expected_move"):
        assert getattr(mine, name).tobytes() == getattr(theirs, name).tobytes()
    assert again.explain(series) == trained().model.explain(series)
    assert content_sha256(again) == trained().content_sha256


def test_the_file_is_named_by_its_hash_and_nothing_else_is_left(tmp_path: Path) -> None:
    path, sha256 = save(trained(), tmp_path / "models")
    assert path.name == f"BTCUSDT-1h-h1-{sha256[:16]}.skops"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    assert list(path.parent.iterdir()) == [path]


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        save(trained(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_one_flipped_bit_is_refused(tmp_path: Path) -> None:
    path, sha256 = save(trained(), tmp_path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(FeatureMismatch, match="altered or damaged"):
        load(path, sha256)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="restore the models folder from a backup or retrain"):
        load(tmp_path / "gone.skops", "0" * 64)


def test_another_schema_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FeatureMismatch, match="has schema 99, this version reads 2; retrain"):
        load(*written(tmp_path, document(schema=99)))


def test_another_set_of_features_is_refused(tmp_path: Path) -> None:
    names = [*facts_of(trained().model)["feature_names"][:-1], "moon_phase"]
    with pytest.raises(FeatureMismatch, match="no longer known: moon_phase"):
        load(*written(tmp_path, document(feature_names=names)))


def test_a_manifest_of_another_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FeatureMismatch, match="does not hold the model that its manifest names"):
        load(*written(tmp_path, document(horizon=2)))


def test_a_missing_part_is_refused(tmp_path: Path) -> None:
    torn = document()
    del torn["arrays"]["forest.threshold"]
    with pytest.raises(FeatureMismatch, match="incomplete or malformed"):
        load(*written(tmp_path, torn))


@pytest.mark.parametrize(
    "content",
    [["a list"], {"manifest": {}, "arrays": []}, {"manifest": {}}, {"manifest": {}, "arrays": {"a": "text"}}],
)
def test_another_document_is_refused(tmp_path: Path, content: object) -> None:
    with pytest.raises(FeatureMismatch, match="does not have the parts"):
        load(*written(tmp_path, content))


def test_a_type_beyond_arrays_is_refused_before_it_is_built(tmp_path: Path) -> None:
    with pytest.raises(FeatureMismatch, match=r"holds what no model of ours does \(.*Hostile"):
        load(*written(tmp_path, {**document(), "extra": Hostile()}))
    assert not Hostile.built


def test_a_pickle_is_no_model_file_and_is_never_run(tmp_path: Path) -> None:
    content = pickle.dumps(Hostile())
    path = tmp_path / "model.skops"
    path.write_bytes(content)
    with pytest.raises(FeatureMismatch, match="is no model file"):
        load(path, hashlib.sha256(content).hexdigest())
    assert not Hostile.built


def test_a_giant_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_MOST_BYTES", 10)
    path, sha256 = save(trained(), tmp_path)
    with pytest.raises(FeatureMismatch, match="larger than any model of ours"):
        load(path, sha256)


def test_arrays_of_objects_are_refused(tmp_path: Path) -> None:
    hostile = document()
    hostile["arrays"]["features.medians"] = np.array([1, "x", None], dtype=object)
    with pytest.raises(FeatureMismatch):
        load(*written(tmp_path, hostile))


class Hostile:
    """Remembers whether anybody restored it."""

    built = False

    def __setstate__(self, state: object) -> None:
        Hostile.built = True

    def __reduce__(self) -> tuple[object, ...]:
        return (Hostile.rebuild, ())

    @staticmethod
    def rebuild() -> Hostile:
        Hostile.built = True
        return Hostile()
