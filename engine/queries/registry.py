"""The registry on one page: where a version comes from, two of them side by side, and who made which the champion."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.domain.model import Model, ModelVersion, Origin, Promotion
from engine.queries.console import Console
from engine.queries.models import as_float, interval_of, scores
from engine.queries.words import ABSENT, number, ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """A version with its origin and what became of it, in words."""

    version: ModelVersion
    lineage: str
    fate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """One property of two versions; `differs` where they are not the same."""

    name: str
    left: str
    right: str

    @property
    def differs(self) -> bool:
        """The two say something else."""
        return self.left != self.right


def read_versions(console: Console, model: Model) -> Sequence[VersionRow]:
    """All versions, newest first."""
    promotions = console.models.promotions(model.model_id)
    return [
        VersionRow(version=v, lineage=lineage(v), fate=_fate(v, promotions))
        for v in console.models.versions(model.model_id)
    ]


def lineage(version: ModelVersion) -> str:
    """Where it comes from: `refit of v1`, `challenger of v1`, `first`."""
    if version.parent_id is None:
        return version.origin.value
    parent = version.parent_id.rpartition(".")[2]
    return f"{version.origin.value} of v{parent}"


def _fate(version: ModelVersion, promotions: Sequence[Promotion]) -> str:
    mine = next((p for p in promotions if p.version_id == version.version_id), None)
    if version.leak_suspected:
        return "leak suspected: never promoted"
    if mine is not None and mine.replaced_id is None and version.parent_id is None:
        return "the model's first version"
    if mine is not None:
        return f"promoted by {mine.promoted_by}" + (f": {mine.words}" if mine.words else "")
    failed = [check.name for check in version.checks or () if not check.passed]
    if failed:
        return f"does not take over: {', '.join(failed)}"
    return "passed its checks; the engine promotes it" if version.may_take_over else "in shadow"


def former_champion(console: Console, model: Model) -> ModelVersion | None:
    """Whom the champion replaced: what one click rolls back to. None where nobody was replaced or it may not lead."""
    champion = console.models.version(model.model_id)
    promotions = console.models.promotions(model.model_id)
    before = next((p.replaced_id for p in promotions if p.version_id == champion.version_id), None)
    found = None if before is None else console.models.version(before)
    return None if found is None or found.leak_suspected else found


def side_by_side(left: ModelVersion, right: ModelVersion, show: Mapping[str, str]) -> Sequence[Beside]:
    """Two versions, property by property: origin, data, code, parameters, figures with intervals, files. `show` has the
    moments that are written for a reader, by ISO text."""
    one, other = _told(left, show), _told(right, show)
    return [Beside(name=name, left=one.get(name, ABSENT), right=other.get(name, ABSENT)) for name in {**one, **other}]


def moments(*versions: ModelVersion) -> Sequence[datetime]:
    """The moments that `side_by_side` writes."""
    return [at for v in versions for at in (v.trained_from, v.trained_to, v.created_at)]


def _told(v: ModelVersion, show: Mapping[str, str]) -> dict[str, str]:
    def when(at: datetime) -> str:
        return show.get(at.isoformat(), at.isoformat())

    parameters = {f"parameter: {name}": _plain(value) for name, value in v.parameters.items()}
    return {
        "lineage": lineage(v), "stage": v.stage.value.lower(), "created": when(v.created_at),
        "bars": f"{v.n_bars:,}", "from": when(v.trained_from), "to": when(v.trained_to),
        "members": ", ".join(v.members), "seed": str(v.seed), **parameters, **figures_with_intervals(v),
        "data SHA-256": _short(v.data_sha256), "artefact SHA-256": _short(v.artefact_sha256),
        "content SHA-256": _short(v.content_sha256), "code version": v.code_version,
    }  # fmt: skip


def figures_with_intervals(version: ModelVersion) -> dict[str, str]:
    """The out-of-sample figures beside what chance alone would make of them, as text."""
    s = scores(version.metrics)
    n = as_float(version.metrics.get("n_independent")) or as_float(s.get("n"))
    return {
        "accuracy": _share(as_float(s.get("accuracy")), n),
        "best tenth": _share(as_float(s.get("top_decile_accuracy")), None if n is None else n / 10),
        "AUC": f"{number(s.get('auc'), 3)}{_span(version, 'auc')}",
        "Brier score": number(s.get("brier"), 4),
        "log-loss skill": ratio(as_float(s.get("log_loss_skill")), 2, signed=True),
        "calibration error": f"{number(s.get('ece'), 4)} (noise below {number(s.get('ece_noise_q95'), 4)})",
        **_trading(version.metrics),
    }  # fmt: skip


def _trading(metrics: Mapping[str, object]) -> dict[str, str]:
    """What trading the calls would have earned, net, and how far that can be believed."""
    found = metrics.get("validation")
    net = found.get("net") if isinstance(found, Mapping) else None
    if not isinstance(found, Mapping) or not isinstance(net, Mapping):
        return {}
    span = f"{number(net.get('sharpe_low'), 2)} to {number(net.get('sharpe_high'), 2)}"
    over = found.get("overfitting")
    pbo = over.get("pbo") if isinstance(over, Mapping) else None
    return {
        "net Sharpe a year": f"{number(net.get('sharpe'), 2)} ({span})",
        "deflated Sharpe": f"{ratio(as_float(net.get('dsr')), 1)} ({number(found.get('trials'))} trials)",
        "least track record": f"{number(net.get('least_years'), 1)} years, has {number(net.get('years'), 1)}",
        "chance of overfitting": f"{ratio(as_float(pbo), 0)} (without skill: 50 %)",
    }


def _span(version: ModelVersion, name: str) -> str:
    found = interval_of(version.metrics, name)
    return "" if found is None else f" ({found})"


def _share(share: float | None, n: float | None) -> str:
    if share is None or not n:
        return ratio(share, 1)
    return f"{ratio(share, 1)} ± {ratio(1.96 * math.sqrt(max(share * (1 - share), 0.25 / n) / n), 1)}"


def _short(digest: str | None) -> str:
    return ABSENT if not digest else f"{digest[:16]}.."


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else str(value)


def origin_words(origin: Origin) -> str:
    """What an origin means for what comes next."""
    return {
        Origin.FIRST: "The first version leads until another takes over.",
        Origin.REFIT: "A refit takes over once its checks are passed: newer data, no leak, calibrated, not inferior.",
        Origin.CHALLENGER: "A challenger takes over once the evidence for it is 20 to 1, and it earns more net of "
        "costs.",
    }[origin]
