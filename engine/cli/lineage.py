"""Lineage: where a new version comes from, whether it may take over, and who is told."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from engine.adapters.models.files import load as load_artefact
from engine.bootstrap import Stores
from engine.commands.models import TRAINING
from engine.commands.requests import Train
from engine.domain.account import Costs, Source
from engine.domain.bar import BarSeries
from engine.domain.command import Command, CommandKind
from engine.domain.errors import ConfigurationError, ModelError
from engine.domain.model import Check, Model, ModelVersion, Origin
from engine.domain.target import Barrier, Target, barrier_of, target
from engine.learning.members.roster import DEFAULT_MEMBERS
from engine.learning.takeover import takeover_checks
from engine.training.spec import Trained

_PATIENCE = timedelta(days=7)
"""How long a refit that passed its checks waits for an engine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """What a version's row says of its past."""

    origin: Origin
    parent_id: str | None
    data_sha256: str
    parameters: Mapping[str, object]
    checks: tuple[Check, ...] | None


def champion_of(stores: Stores, model: Model) -> ModelVersion | None:
    """The model's champion; None before its first version."""
    return stores.models.version(model.model_id) if stores.models.versions(model.model_id) else None


def members_of(stores: Stores, model: Model, wanted: Train) -> tuple[str, ...]:
    """The recipe: what was asked for, else the champion's, else the usual."""
    champion = champion_of(stores, model)
    return wanted.members or (DEFAULT_MEMBERS if champion is None else champion.members)


def barrier_for(stores: Stores, model: Model, wanted: Train) -> Barrier | None:
    """What a buy has to do to pay, as the champion has it, or None for a direction. ConfigurationError where the
    model's versions predict something else: versions are judged against each other by one event."""
    if wanted.target is Target.BARRIER and wanted.source == Source.COINGECKO:
        raise ConfigurationError(
            "CoinGecko tells price points, whose bars do not show what was touched between them: no barrier can be "
            "judged on them. Choose the target direction, or another source"
        )
    champion = champion_of(stores, model)
    if champion is None:
        fresh = Barrier(cost_ratio=float(Costs().round_trip_ratio))
        return fresh if wanted.target is Target.BARRIER else None
    known = barrier_of(champion.parameters)
    if wanted.target is not None and wanted.target is not target(known):
        raise ConfigurationError(
            f"{model.name!r} has versions with the target {target(known)}, and {wanted.target} is another question; "
            "choose another name"
        )
    return known


def lineage_of(stores: Stores, model: Model, wanted: Train, trained: Trained, series: BarSeries) -> Lineage:
    """A refit has the champion's members and is checked at once; other members make a challenger."""
    champion = champion_of(stores, model)
    members = tuple(member.name for member in trained.model.ensemble.members)
    origin = Origin.FIRST if champion is None else Origin.CHALLENGER
    checks = None
    if champion is not None and set(champion.members) == set(members):
        origin, checks = Origin.REFIT, _checked(stores, champion, trained, series)
    barrier = None if trained.model.meta is None else trained.model.meta.barrier
    asked = {"source": wanted.source, "horizon": wanted.horizon, "seed": wanted.seed, "members": list(members)}
    return Lineage(
        origin=origin, parent_id=None if champion is None else champion.version_id, data_sha256=data_sha256(series),
        checks=checks, parameters=asked if barrier is None else {**asked, "barrier": barrier.as_json()},
    )  # fmt: skip


def _checked(stores: Stores, champion: ModelVersion, trained: Trained, series: BarSeries) -> tuple[Check, ...]:
    try:
        leader = load_artefact(stores.settings.models_folder / champion.artefact_path, champion.artefact_sha256)
    except ModelError as error:
        return (Check(name="champion", passed=False, detail=f"the champion cannot be loaded: {error}"),)
    return takeover_checks(trained.model, leader, series, trained.report)


def announce(stores: Stores, model: Model, version: ModelVersion) -> None:
    """Ask the engine to promote a refit that may take over; tell why another may not, and what a challenger does."""
    name, now = f"{model.name} v{version.version}", stores.clock.now()
    if version.may_take_over:
        stores.board.ask(
            Command(
                key=f"takeover:{version.version_id}", kind=CommandKind.PROMOTE, asked_by=TRAINING, asked_at=now,
                expires_at=now + _PATIENCE, state_version=None,
                payload={"version_id": version.version_id, "words": _passed(version.checks or ())},
            )
        )  # fmt: skip
    elif version.origin is Origin.REFIT:
        failed = "; ".join(f"{check.name}: {check.detail}" for check in version.checks or () if not check.passed)
        stores.board.alert(now, "warning", f"{name} does not take over. {failed}", None)
    elif version.origin is Origin.CHALLENGER:
        words = f"{name} is a challenger: it runs in shadow beside the champion wherever that trades"
        stores.board.alert(now, "info", words, None)


def _passed(checks: tuple[Check, ...]) -> str:
    told = next((check.detail for check in checks if check.name == "not inferior"), "")
    return f"a refit that passed all {len(checks)} checks. {told}"


def data_sha256(series: BarSeries) -> str:
    """SHA-256 of the bars: every column's bytes, little-endian as they lie in memory."""
    digest = hashlib.sha256(f"{series.symbol} {series.interval}".encode())
    for column in (series.open_ms, series.open, series.high, series.low, series.close, series.volume):
        digest.update(memoryview(column).cast("B"))
    return digest.hexdigest()
