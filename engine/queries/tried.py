"""What a version is worth now: deflated by everything that was tried on its instrument since, too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from engine.domain.account import Source
from engine.domain.model import Model, ModelVersion
from engine.domain.trial import Tried
from engine.learning.yardstick import Figures, words
from engine.queries.console import Console


def worth(console: Console, model: Model, version: ModelVersion) -> str | None:
    """In words; None where the version's report is older than the trial ledger."""
    report = version.metrics.get("validation")
    told = report.get("net") if isinstance(report, Mapping) else None
    names = {field.name for field in fields(Figures)}
    if not isinstance(report, Mapping) or not isinstance(told, Mapping) or not names <= set(told):
        return None
    source = Source(model.source)
    tried = Tried(
        count=max(int(report["trials"]), console.trials.count(model.symbol, source)),
        ratios=tuple(console.trials.ratios(model.symbol, source)),
    )  # fmt: skip
    return words(model.symbol, Figures(**{name: told[name] for name in names}).deflated_by(tried), tried)
