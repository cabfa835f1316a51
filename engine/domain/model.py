"""Model and its versions: what was learned, from what, how good it is, and who made it the champion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from engine.domain.interval import Interval


class Stage(StrEnum):
    """Where a version stands: one CHAMPION per model, its CANDIDATEs, and the RETIRED."""

    CANDIDATE = "CANDIDATE"
    CHAMPION = "CHAMPION"
    RETIRED = "RETIRED"


class Origin(StrEnum):
    """How a version came to be: the model's FIRST, a REFIT of the champion's recipe on newer data, or a CHALLENGER:
    another recipe for the same instrument, interval and horizon."""

    FIRST = "first"
    REFIT = "refit"
    CHALLENGER = "challenger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check that a refit must pass before it takes over; `detail`: what was found and what was needed."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """Who made a version the champion and when, with their words; `replaced_id` is the champion before, None for a
    model's first version and where nobody kept it."""

    version_id: str
    at: datetime
    promoted_by: str
    words: str | None = None
    replaced_id: str | None = None


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
    a replay inside that range is IN SAMPLE. `metrics` is the out-of-sample report as JSON.

    `parent_id`: the champion when it was trained. `data_sha256`: hash of the bars that took part. `parameters`: what
    was asked for, as JSON. `checks`: what was found before a refit may take over, None where nobody looked."""

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
    origin: Origin = Origin.FIRST
    parent_id: str | None = None
    data_sha256: str | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    checks: tuple[Check, ...] | None = None

    @property
    def leak_suspected(self) -> bool:
        """True where its scores are too good for a real market: it is never promoted."""
        return self.metrics.get("leak_suspected") is True

    @property
    def may_take_over(self) -> bool:
        """True for a refit that passed every check."""
        return self.origin is Origin.REFIT and bool(self.checks) and all(check.passed for check in self.checks or ())
