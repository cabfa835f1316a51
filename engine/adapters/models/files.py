"""Save and load a trained model as one file.

The file is skops' zip of a manifest and plain numpy arrays: nothing in it needs to be trusted to run. It is read in
this order, and the first thing that is wrong ends the reading: size, SHA-256 of the bytes against the registry's, types
against the allow-list (empty: arrays, numbers and texts are all there is), manifest, arrays, content hash.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile

import numpy as np

from engine.domain.errors import FeatureMismatch, ModelNotFound
from engine.learning.forecast import TrainedModel
from engine.learning.state import arrays_of, content_sha256, facts_of, model_from
from engine.training.spec import Trained

TRUSTED: tuple[str, ...] = ()
"""Types beyond skops' own defaults that a file may hold: none is needed."""

_MOST_BYTES = 256 * 1024 * 1024
_LIBRARIES = ("numpy", "scikit-learn", "skops", "TA-Lib", "numba")


def prepare() -> ModuleType:
    """Load skops: it imports all of scikit-learn and scipy, a second that only saving and loading should pay."""
    import skops.io

    module: ModuleType = skops.io
    return module


def save(trained: Trained | TrainedModel, folder: Path) -> tuple[Path, str]:
    """Write the model into `folder` and return its path and the SHA-256 of its bytes.

    Atomic: the file appears whole or not at all. Its name carries the hash, so that no version overwrites another.
    """
    model = trained.model if isinstance(trained, Trained) else trained
    manifest = {
        **facts_of(model),
        "content_sha256": content_sha256(model),
        "libraries": {name: version(name) for name in _LIBRARIES},
    }
    content = prepare().dumps({"manifest": manifest, "arrays": arrays_of(model)}, compression=ZIP_DEFLATED)
    sha256 = hashlib.sha256(content).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{model.symbol}-{model.interval.value}-h{model.horizon}-{sha256[:16]}.skops"
    _write(path, content)
    return path, sha256


def load(path: Path, sha256: str) -> TrainedModel:
    """Read a model whose bytes have that SHA-256. ModelNotFound where there is no file; FeatureMismatch, in words,
    where it was altered, holds anything but arrays, or was made for another schema or other features."""
    content = _read(path)
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise FeatureMismatch(
            f"{path.name} was altered or damaged: its SHA-256 is {found[:12]}.., the registry says {sha256[:12]}..; "
            "restore it from a backup or retrain the model"
        )
    document = _document(path, content)
    manifest, arrays = document["manifest"], document["arrays"]
    model = model_from(manifest, arrays)
    if content_sha256(model) != manifest.get("content_sha256"):
        raise FeatureMismatch(f"{path.name} does not hold the model that its manifest names; retrain the model")
    return model


def _write(path: Path, content: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".model-", delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise FeatureMismatch(f"{path.name} is larger than any model of ours; do not use it")
        return path.read_bytes()
    except FileNotFoundError:
        raise ModelNotFound(
            f"the model file {path} is gone; restore the models folder from a backup or retrain the model"
        ) from None
    except OSError as error:
        raise ModelNotFound(f"{path} cannot be read ({error.strerror}); check the folder's rights") from None


def _document(path: Path, content: bytes) -> dict[str, Any]:
    """Manifest and arrays, after the allow-list; whatever skops finds wrong is told as one clear line."""
    try:
        foreign = sorted(set(prepare().get_untrusted_types(data=content)) - set(TRUSTED))
        if foreign:
            raise FeatureMismatch(f"{path.name} holds what no model of ours does ({', '.join(foreign)}); do not use it")
        document = prepare().loads(content, trusted=list(TRUSTED))
    except (BadZipFile, KeyError, ValueError, TypeError, AttributeError, ImportError, OSError) as error:
        raise FeatureMismatch(f"{path.name} is no model file ({error}); retrain the model") from error
    return _shaped(path, document)


def _shaped(path: Path, document: object) -> dict[str, Any]:
    """Refuse anything but {"manifest": {..}, "arrays": {name: array of numbers}}."""
    if isinstance(document, dict):
        manifest, arrays = document.get("manifest"), document.get("arrays")
        if (
            isinstance(manifest, dict)
            and isinstance(arrays, dict)
            and all(isinstance(a, np.ndarray) and a.dtype.kind in "fiu" for a in arrays.values())
        ):
            return document
    raise FeatureMismatch(f"{path.name} does not have the parts of a model file; retrain the model")
