"""A model version on one page: how good it is out of sample, how sure that is, and what it was made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.domain.model import Model, ModelVersion
from engine.queries.console import Console
from engine.queries.words import number, ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure with the sentence that keeps it honest."""

    name: str
    value: str
    honesty: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """A model with its champion; `version` None while nothing was ever trained."""

    model: Model
    version: ModelVersion | None
    n_versions: int


def read_models(console: Console) -> Sequence[ModelRow]:
    """All models, newest first."""
    rows = []
    for model in console.models.models():
        versions = console.models.versions(model.model_id)
        champion = console.models.version(model.model_id) if versions else None
        rows.append(ModelRow(model=model, version=champion, n_versions=len(versions)))
    return rows


def scores(metrics: Mapping[str, object]) -> Mapping[str, object]:
    """The out-of-sample scores, wherever the report keeps them."""
    inner = metrics.get("out_of_sample")
    return inner if isinstance(inner, Mapping) else metrics


def figures(metrics: Mapping[str, object]) -> Sequence[Figure]:
    """The headline figures, each beside what it must be read with."""
    s = scores(metrics)
    n = number(s.get("n"))
    return [
        Figure(
            name="Accuracy", value=ratio(as_float(s.get("accuracy")), 1),
            honesty=f"Share of {n} out-of-sample calls that were right. Honest values lie between 50 % and 57 %; "
            "above 60 % suspect a leak.",
        ),
        Figure(name="AUC", value=number(s.get("auc"), 3), honesty="0.5 is a coin; how well calls are ranked."),
        Figure(
            name="Calibration error", value=number(s.get("ece"), 4),
            honesty=f"A perfect forecaster with as many calls stays below {number(s.get('ece_noise_q95'), 4)} in 95 of "
            "100 cases (its noise floor). Above that the probabilities are off.",
        ),
        Figure(
            name="Log-loss skill", value=ratio(as_float(s.get("log_loss_skill")), 2, signed=True),
            honesty="Against always saying the base rate. Below zero it is worse than not knowing.",
        ),
        Figure(
            name="Best tenth", value=ratio(as_float(s.get("top_decile_accuracy")), 1),
            honesty="Accuracy of the tenth of calls it was most confident about.",
        ),
        Figure(
            name="Brier score", value=number(s.get("brier"), 4),
            honesty="Mean squared error of the probability; 0.25 is a coin.",
        ),
    ]  # fmt: skip


def calibrated(metrics: Mapping[str, object]) -> bool | None:
    """True where the calibration error lies within its noise floor; None where either is unknown."""
    s = scores(metrics)
    error, floor = as_float(s.get("ece")), as_float(s.get("ece_noise_q95"))
    return None if error is None or floor is None else error <= floor


def table(metrics: Mapping[str, object], *names: str) -> Sequence[Mapping[str, object]]:
    """A list of rows in the report under the first of `names` that is there; a mapping becomes name-value rows."""
    for name in names:
        for place in (metrics, scores(metrics)):
            found = place.get(name)
            if isinstance(found, Mapping):
                return [{"name": key, "value": value} for key, value in found.items()]
            if isinstance(found, Sequence) and not isinstance(found, str) and found:
                return [dict(row) for row in found if isinstance(row, Mapping)]
    return []


def as_float(value: object) -> float | None:
    """The value as a float; None where it is no number."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
