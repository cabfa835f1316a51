"""ModelStore: the registry of models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from engine.domain.drift import Drift
from engine.domain.model import Model, ModelVersion, Promotion
from engine.domain.outcome import MaturedCall, Outcome, Pending
from engine.domain.signal import Prediction


class ModelStore(Protocol):
    """Registry rows and artefact files of models."""

    def add_model(self, model: Model) -> None:
        """Record a model; ModelError where the name is taken."""
        ...

    def models(self) -> Sequence[Model]:
        """All models, newest first."""
        ...

    def model(self, name_or_id: str) -> Model:
        """By id or name; ModelNotFound."""
        ...

    def add_version(self, version: ModelVersion) -> None:
        """Record a version; the first one of a model becomes its CHAMPION."""
        ...

    def versions(self, model_id: str) -> Sequence[ModelVersion]:
        """Versions, newest first."""
        ...

    def version(self, model_or_version_id: str) -> ModelVersion:
        """A version by its id, or the champion of a model's id or name; ModelNotFound."""
        ...

    def promote(self, version_id: str, at: datetime, by: str, words: str | None = None) -> None:
        """Make it the champion; the one before is retired. Recorded with who, when, why and whom it replaced."""
        ...

    def promotions(self, model_id: str) -> Sequence[Promotion]:
        """Who made which version the champion, newest first."""
        ...

    def save_predictions(self, version_id: str, predictions: Iterable[Prediction]) -> None:
        """Keep predictions; one per version, instrument and as_of."""
        ...

    def predictions(self, version_id: str, limit: int = 500) -> Sequence[Prediction]:
        """Newest first."""
        ...

    def pending(self, version_id: str, limit: int = 5000) -> Sequence[Pending]:
        """Its stored predictions without an outcome, oldest first."""
        ...

    def follow(self, said: Mapping[str, Prediction], outcomes: Iterable[Outcome] = ()) -> None:
        """At one close and in one step: keep what versions said, by their ids, and write what came of earlier
        predictions. What is there already stays. ModelNotFound where a version is unknown; then nothing is written."""
        ...

    def matured(self, version_id: str, since: datetime | None = None) -> Sequence[MaturedCall]:
        """Its predictions made at `since` or later whose outcome is known, oldest first."""
        ...

    def record_drift(self, looks: Iterable[Drift]) -> None:
        """Keep what a look for drift found; one of each kind per version and moment."""
        ...

    def drift(self, version_id: str, limit: int = 200) -> Sequence[Drift]:
        """What looks for drift found, newest first."""
        ...
