"""A model as plain facts and named arrays, and back: what is stored and what is hashed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.domain.errors import FeatureMismatch
from engine.domain.interval import Interval
from engine.domain.target import barrier_of
from engine.learning.dissimilarity import Domain
from engine.learning.ensemble import Ensemble
from engine.learning.forecast import TrainedModel
from engine.learning.members.member import Arrays
from engine.learning.members.roster import recipe
from engine.learning.meta import Meta
from engine.learning.record import Record
from engine.learning.size import Size

SCHEMA = 2
"""Grows when the meaning of a stored model changes; an older one is then retrained, not reinterpreted."""
SCHEMA_OF_TRADES = 3
"""That of a model whose target is a trade: a version of AAITI that takes it for a direction refuses it."""

Facts = dict[str, Any]
"""JSON values only."""


def facts_of(model: TrainedModel) -> Facts:
    """What a model is, without its arrays."""
    return {
        "schema": SCHEMA if model.meta is None else SCHEMA_OF_TRADES,
        "symbol": model.symbol,
        "interval": model.interval.value,
        "horizon": model.horizon,
        "seed": model.seed,
        "trained_from_ms": model.trained_from_ms,
        "trained_to_ms": model.trained_to_ms,
        "feature_names": list(model.feature_names),
        "members": [member.name for member in model.ensemble.members],
        **({} if model.meta is None else {"barrier": model.meta.barrier.as_json()}),
    }


def arrays_of(model: TrainedModel) -> dict[str, NDArray[Any]]:
    """All that a model learned, by dotted names such as `forest.threshold`."""
    parts: list[tuple[str, Arrays]] = [(member.name, member.arrays()) for member in model.ensemble.members]
    parts += [("size", model.size.arrays()), ("record", model.record.arrays()), ("domain", model.domain.arrays())]
    parts += [] if model.meta is None else [("meta", model.meta.arrays())]
    out = {f"{part}.{name}": np.ascontiguousarray(array) for part, arrays in parts for name, array in arrays.items()}
    return {**out, "vote.weights": np.array(model.ensemble.weights), "features.medians": model.medians}


def model_from(facts: Mapping[str, Any], arrays: Arrays) -> TrainedModel:
    """The model that those came from. FeatureMismatch where the schema or the features are not this version's, or where
    something is missing."""
    read = SCHEMA_OF_TRADES if "barrier" in facts else SCHEMA
    if facts.get("schema") != read:
        raise FeatureMismatch(
            f"the model file has schema {facts.get('schema')!r}, this version reads {read}; retrain the model"
        )
    try:
        return _assembled(facts, arrays)
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise FeatureMismatch(f"the model file is incomplete or malformed ({error!r}); retrain the model") from error


def content_sha256(model: TrainedModel) -> str:
    """SHA-256 of facts and arrays in one canonical form: the same data and seed give the same hash anywhere."""
    digest = hashlib.sha256(json.dumps(facts_of(model), sort_keys=True, separators=(",", ":")).encode())
    for name, array in sorted(arrays_of(model).items()):
        small_endian = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        digest.update(f"\n{name} {small_endian.dtype.str} {small_endian.shape}\n".encode())
        digest.update(small_endian.tobytes())
    return digest.hexdigest()


def _assembled(facts: Mapping[str, Any], arrays: Arrays) -> TrainedModel:
    def part(prefix: str) -> Arrays:
        return {name.removeprefix(prefix + "."): a for name, a in arrays.items() if name.startswith(prefix + ".")}

    vote = part("vote")
    horizon, barrier = int(facts["horizon"]), barrier_of(facts)
    return TrainedModel(
        symbol=str(facts["symbol"]),
        interval=Interval(facts["interval"]),
        horizon=horizon,
        seed=int(facts["seed"]),
        trained_from_ms=int(facts["trained_from_ms"]),
        trained_to_ms=int(facts["trained_to_ms"]),
        feature_names=tuple(facts["feature_names"]),
        ensemble=Ensemble(
            members=tuple(recipe(name).restore(part(name)) for name in facts["members"]),
            weights=tuple(float(w) for w in vote["weights"]),
        ),
        record=Record.restore(part("record"), horizon),
        size=Size.restore(part("size")),
        domain=Domain.restore(part("domain")),
        medians=part("features")["medians"],
        meta=None if barrier is None else Meta.restore(barrier, part("meta")),
    )
