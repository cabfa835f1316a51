"""The model registry in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from threading import RLock

from engine.domain.drift import Drift
from engine.domain.errors import ModelError, ModelNotFound
from engine.domain.model import Model, ModelVersion, Promotion, Stage
from engine.domain.outcome import MaturedCall, Outcome, Pending
from engine.domain.signal import Prediction
from engine.domain.target import barrier_of


class FakeModelStore:
    """`ports.ModelStore` in dicts."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._models: dict[str, Model] = {}
        self._versions: dict[str, ModelVersion] = {}
        self._predictions: dict[tuple[str, str, datetime], Prediction] = {}
        self._outcomes: dict[tuple[str, str, datetime], Outcome] = {}
        self._drift: dict[tuple[str, datetime, str], Drift] = {}
        self._promotions: list[Promotion] = []

    def add_model(self, model: Model) -> None:
        if any(model.name == known.name or model.model_id == known.model_id for known in self._models.values()):
            raise ModelError(f"a model named {model.name!r} exists already")
        self._models[model.model_id] = model

    def models(self) -> Sequence[Model]:
        return sorted(self._models.values(), key=lambda model: model.created_at)[::-1]

    def model(self, name_or_id: str) -> Model:
        if name_or_id in self._models:
            return self._models[name_or_id]
        for model in self._models.values():
            if model.name == name_or_id:
                return model
        raise ModelNotFound(f"there is no model {name_or_id!r}")

    def add_version(self, version: ModelVersion) -> None:
        if version.model_id not in self._models:
            raise ModelNotFound(f"there is no model {version.model_id!r}")
        with self._lock:
            others = self.versions(version.model_id)
            if any(version.version == other.version for other in others):
                raise ModelError(f"version {version.version_id} exists already")
            stage = version.stage if others else Stage.CHAMPION
            self._versions[version.version_id] = replace(version, stage=stage)
            if not others:
                first = Promotion(version_id=version.version_id, at=version.created_at, promoted_by="first version")
                self._promotions.append(first)

    def versions(self, model_id: str) -> Sequence[ModelVersion]:
        mine = [version for version in self._versions.values() if version.model_id == model_id]
        return sorted(mine, key=lambda version: version.version, reverse=True)

    def version(self, model_or_version_id: str) -> ModelVersion:
        if model_or_version_id in self._versions:
            return self._versions[model_or_version_id]
        for version in self.versions(self.model(model_or_version_id).model_id):
            if version.stage is Stage.CHAMPION:
                return version
        raise ModelNotFound(f"model {model_or_version_id!r} has no version yet")

    def promote(self, version_id: str, at: datetime, by: str, words: str | None = None) -> None:
        chosen = self.version(version_id)
        if chosen.stage is Stage.CHAMPION:
            return
        before = self.version(chosen.model_id)
        self._versions[before.version_id] = replace(before, stage=Stage.RETIRED)
        self._versions[chosen.version_id] = replace(chosen, stage=Stage.CHAMPION)
        told = Promotion(
            version_id=version_id, at=at, promoted_by=by, words=words, replaced_id=before.version_id
        )  # fmt: skip
        self._promotions.append(told)

    def promotions(self, model_id: str) -> Sequence[Promotion]:
        return [p for p in reversed(self._promotions) if self._versions[p.version_id].model_id == model_id]

    def save_predictions(self, version_id: str, predictions: Iterable[Prediction]) -> None:
        if version_id not in self._versions:
            raise ModelNotFound(f"there is no version {version_id!r}")
        for prediction in predictions:
            self._predictions.setdefault((version_id, prediction.symbol, prediction.as_of), prediction)

    def predictions(self, version_id: str, limit: int = 500) -> Sequence[Prediction]:
        mine = [prediction for key, prediction in self._predictions.items() if key[0] == version_id]
        by_symbol = sorted(mine, key=lambda prediction: prediction.symbol)
        return sorted(by_symbol, key=lambda prediction: prediction.as_of, reverse=True)[:limit]

    def pending(self, version_id: str, limit: int = 5000) -> Sequence[Pending]:
        interval = self._models[self._versions[version_id].model_id].interval if version_id in self._versions else None
        keys = sorted(
            (key for key in self._predictions if key[0] == version_id and key not in self._outcomes),
            key=lambda key: (key[2], key[1]),
        )
        waiting = [self._predictions[key] for key in keys[:limit]]
        assert interval is not None or not waiting
        return [
            Pending(
                version_id=version_id, symbol=p.symbol, interval=interval, as_of=p.as_of, horizon=p.horizon,
                price=p.price, volatility=p.volatility, barrier=barrier_of(self._versions[version_id].parameters),
            )
            for p in waiting
            if interval is not None
        ]  # fmt: skip

    def follow(self, said: Mapping[str, Prediction], outcomes: Iterable[Outcome] = ()) -> None:
        for version_id in said:
            if version_id not in self._versions:
                raise ModelNotFound(f"there is no version {version_id!r}")
        for version_id, prediction in said.items():
            self.save_predictions(version_id, [prediction])
        for one in outcomes:
            self._outcomes.setdefault((one.version_id, one.symbol, one.as_of), one)

    def matured(self, version_id: str, since: datetime | None = None) -> Sequence[MaturedCall]:
        found = []
        for key, one in sorted(self._outcomes.items(), key=lambda item: (item[0][2], item[0][1])):
            call = self._predictions[key]
            if key[0] == version_id and one.realised is not None and (since is None or call.as_of >= since):
                found.append(
                    MaturedCall(
                        symbol=call.symbol, as_of=call.as_of, signal=call.signal, probability=call.probability,
                        confidence=call.confidence, realised=one.realised,
                        barrier=barrier_of(self._versions[version_id].parameters),
                    )
                )  # fmt: skip
        return found

    def record_drift(self, looks: Iterable[Drift]) -> None:
        for look in looks:
            self._drift.setdefault((look.version_id, look.at, look.kind.value), look)

    def drift(self, version_id: str, limit: int = 200) -> Sequence[Drift]:
        mine = sorted((d for d in self._drift.values() if d.version_id == version_id), key=lambda d: d.kind.value)
        return sorted(mine, key=lambda d: d.at, reverse=True)[:limit]
