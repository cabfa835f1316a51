"""ModelStore: the registry of models."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from engine.domain.model import Model, ModelVersion
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

    def promote(self, version_id: str, at: datetime, by: str) -> None:
        """Make it the champion; the one before is retired. Recorded with who and when."""
        ...

    def save_predictions(self, version_id: str, predictions: Iterable[Prediction]) -> None:
        """Keep predictions; one per version, instrument and as_of."""
        ...

    def predictions(self, version_id: str, limit: int = 500) -> Sequence[Prediction]:
        """Newest first."""
        ...
