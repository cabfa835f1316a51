"""A training that was scored, as a row of the trial ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from engine.domain.account import Source
from engine.domain.trial import Trial, TrialKind, hash_of
from engine.training.spec import Trained, TrainingSpec


def trial_of(trained: Trained, spec: TrainingSpec, *, source: Source, name: str, at: datetime) -> Trial:
    """What the walk's calls would have earned net of costs, as the report's `validation` has it."""
    told = trained.report["validation"]
    assert isinstance(told, Mapping)
    net = told["net"] or {}
    return Trial(
        symbol=spec.symbol, interval=spec.interval, source=source, kind=TrialKind.TRAINING, name=name,
        recipe_sha256=spec.recipe_sha256,
        content_sha256=hash_of({"recipe": spec.recipe_sha256, "model": trained.content_sha256}),
        scored_from=datetime.fromisoformat(told["scored_from"]), scored_to=datetime.fromisoformat(told["scored_to"]),
        n_periods=net.get("n", 0), periods_per_year=told["periods_per_year"], sharpe=net.get("sharpe_per_period"),
        skew=net.get("skew"), kurtosis=net.get("kurtosis"), tried_at=at,
    )  # fmt: skip
