"""Model and its versions: what was learned, from what, and how good it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.domain.interval import Interval


class Stage(StrEnum):
    """Where a version stands: one CHAMPION per model, its CANDIDATEs, and the RETIRED."""

    CANDIDATE = "CANDIDATE"
    CHAMPION = "CHAMPION"
    RETIRED = "RETIRED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A named recipe for one instrument and interval; its versions hold what was learned."""

    model_id: str
    name: str
    symbol: str
    interval: Interval
    horizon: int
    source: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVersion:
    """`version_id` = `<model_id>.<version>`. Bars in [trained_from, trained_to) took part, the purge included;
    a replay inside that range is IN SAMPLE. `metrics` is the out-of-sample report as JSON."""

    version_id: str
    model_id: str
    version: int
    stage: Stage
    trained_from: datetime
    trained_to: datetime
    n_bars: int
    seed: int
    members: tuple[str, ...]
    metrics: Mapping[str, object]
    fit_seconds: float
    artefact_path: str
    artefact_sha256: str
    content_sha256: str
    code_version: str
    created_at: datetime
