"""A model version on one page: how good it is out of sample, how sure that is, and what it was made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.domain.model import Model, ModelVersion
from engine.queries.console import Console
from engine.queries.words import number, ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure with the sentence that keeps it honest, and its 95 % interval where the report has one."""

    name: str
    value: str
    honesty: str
    interval: str | None = None


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
    return [
        Figure(
            name="Accuracy", value=ratio(as_float(s.get("accuracy")), 1), honesty=_accuracy(s),
            interval=interval_of(metrics, "accuracy"),
        ),
        Figure(
            name="AUC", value=number(s.get("auc"), 3), honesty="0.5 is a coin; how well calls are ranked.",
            interval=interval_of(metrics, "auc"),
        ),
        Figure(
            name="Calibration error", value=number(s.get("ece"), 4),
            honesty=f"A perfect forecaster with as many calls stays below {number(s.get('ece_noise_q95'), 4)} in 95 of "
            "100 cases (its noise floor). Above that the probabilities are off.",
        ),
        Figure(
            name="Log-loss skill", value=ratio(as_float(s.get("log_loss_skill")), 2, signed=True),
            honesty="Against always saying the base rate, or one half where that did better. Below zero it is worse "
            "than not knowing.",
        ),
        Figure(
            name="Best tenth", value=ratio(as_float(s.get("top_decile_accuracy")), 1),
            honesty="Accuracy of the tenth of calls it was most confident about."
            if as_float(s.get("base_rate")) is None
            else f"Share that paid of the tenth of buys it thought likeliest to; {_base(s)} of all did.",
        ),
        Figure(
            name="Brier score", value=number(s.get("brier"), 4),
            honesty="Mean squared error of the probability; 0.25 is a coin.",
        ),
    ]  # fmt: skip


def _accuracy(s: Mapping[str, object]) -> str:
    """What it must be read with: where the target is a trade the base rate is no coin's."""
    n, base = number(s.get("n")), as_float(s.get("base_rate"))
    if base is None:
        return (
            f"Share of {n} out-of-sample calls that were right. Honest values lie between 50 % and 57 %; above 60 % "
            "suspect a leak."
        )
    return (
        f"Share of {n} out-of-sample answers (does a buy pay?) that were right. {_base(s)} of buys paid, so that "
        f"always giving the likelier answer is right {ratio(max(base, 1 - base), 1)} of the time."
    )


def _base(s: Mapping[str, object]) -> str:
    return ratio(as_float(s.get("base_rate")), 1)


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


def interval_of(metrics: Mapping[str, object], name: str) -> str | None:
    """A score's 95 % interval in words; None where the report has none."""
    found = metrics.get("validation")
    intervals = found.get("intervals") if isinstance(found, Mapping) else None
    ends = ends_of(intervals.get(name)) if isinstance(intervals, Mapping) else None
    if ends is None:
        return None
    low, high = ends
    return f"{ratio(low, 1)} to {ratio(high, 1)}" if name == "accuracy" else f"{number(low, 3)} to {number(high, 3)}"


def ends_of(value: object) -> tuple[float, float] | None:
    """The two ends of an interval in a report; None where it is none."""
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        return None
    low, high = as_float(value[0]), as_float(value[1])
    return None if low is None or high is None else (low, high)
