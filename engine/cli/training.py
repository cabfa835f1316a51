"""Train a model: bars in, a registered version with its artefact out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version

from engine.adapters.coingecko.market import POINTS_REACH
from engine.adapters.models.files import save as save_artefact
from engine.bootstrap import Stores, history, market_of
from engine.cli.lineage import Lineage, announce, barrier_for, lineage_of, members_of
from engine.cli.material import bars_of
from engine.cli.unseen import unseen_equity
from engine.commands.requests import Train
from engine.domain.account import Source
from engine.domain.bar import BarSeries
from engine.domain.errors import ConfigurationError, InvalidBar, MissingBars, ModelNotFound
from engine.domain.model import Model, ModelVersion, Stage
from engine.domain.order import hashed_id
from engine.domain.target import barrier_of, target
from engine.domain.trial import Tried
from engine.market.sync import sync
from engine.training.fit import fit
from engine.training.spec import Trained, TrainingSpec
from engine.training.tried import trial_of

DEFAULT_HISTORY = timedelta(days=3 * 365)
"""Enough to learn from, and quick: a newcomer's first model takes seconds."""


_FETCHED = {Source.BINANCE: DEFAULT_HISTORY, Source.COINGECKO: POINTS_REACH - timedelta(hours=2)}
"""Sources that are asked for what is not stored yet, and how far back by default. CoinGecko has no longer hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Who hears about progress and who may cancel."""

    progress: Callable[[float, str], None]
    cancelled: Callable[[], bool]


def train(stores: Stores, wanted: Train, watched: Watched) -> dict[str, object]:
    """Fit, judge, store. TrainingCancelled, MissingBars and the rest leave nothing behind."""
    began = time.monotonic()
    model = _model(stores, wanted)
    barrier = barrier_for(stores, model, wanted)
    series = _bars(stores, wanted, watched)
    spec = TrainingSpec(
        symbol=wanted.symbol, interval=wanted.interval, horizon=wanted.horizon, seed=wanted.seed,
        real_market=wanted.source != Source.SIMULATED, members=members_of(stores, model, wanted), paths=wanted.paths,
        barrier=barrier,
    )  # fmt: skip
    tried, workers = _tried(stores, spec, Source(wanted.source)), stores.settings.workers
    trained = fit(series, spec, watched.progress, watched.cancelled, workers=workers, tried=tried)
    at = stores.clock.now()
    stores.trials.add([trial_of(trained, spec, source=Source(wanted.source), name=wanted.name, at=at)])
    watched.progress(1.0, "trading its unseen calls beside the baselines, and checking it against the champion")
    trained = replace(trained, report={**trained.report, "unseen": _unseen(stores, wanted, trained, series)})
    past = lineage_of(stores, model, wanted, trained, series)
    stored = _register(stores, model, trained, past, time.monotonic() - began)
    announce(stores, model, stored)
    return outcome(stored)


def _tried(stores: Stores, spec: TrainingSpec, source: Source) -> Tried:
    """What was ever scored on the instrument, with what is about to be."""
    count = stores.trials.count(spec.symbol, source, including=[spec.recipe_sha256])
    return Tried(count=count, ratios=tuple(stores.trials.ratios(spec.symbol, source)))


def _unseen(stores: Stores, wanted: Train, trained: Trained, series: BarSeries) -> dict[str, object] | None:
    """Equity over the bars that no member of its time had seen; None where nothing can be traded on such prices."""
    source = wanted.source
    known = history(source, stores).instruments() if source == Source.SIMULATED else stores.bars.rules(source)
    instrument = next((one for one in known if one.symbol == wanted.symbol), None)
    try:
        return None if instrument is None else unseen_equity(series, trained.model.record, instrument)
    except (InvalidBar, MissingBars):  # bars that may teach and cannot be traded: off the grid of ticks, for one
        return None


def outcome(stored: ModelVersion) -> dict[str, object]:
    """The command line's JSON."""
    return {
        "model_id": stored.model_id,
        "version": stored.version,
        "version_id": stored.version_id,
        "stage": stored.stage.value,
        "fit_seconds": round(stored.fit_seconds, 3),
        "target": target(barrier_of(stored.parameters)).value,
        "out_of_sample": stored.metrics["out_of_sample"],
        "members": list(stored.members),
        "artifact_sha256": stored.artefact_sha256,
        "content_sha256": stored.content_sha256,
        "warnings": stored.metrics.get("warnings", []),
        "origin": stored.origin.value,
        "checks": None
        if stored.checks is None
        else [{"name": c.name, "passed": c.passed, "detail": c.detail} for c in stored.checks],
        "weights": stored.metrics.get("weights", []),
        "validation": stored.metrics.get("validation"),
        "paths": stored.metrics.get("paths"),
    }


def _model(stores: Stores, wanted: Train) -> Model:
    """The model of that name, or a new one; ConfigurationError where the name stands for something else."""
    try:
        known = stores.models.model(wanted.name)
    except ModelNotFound:
        now = stores.clock.now()
        return Model(
            model_id=hashed_id("m", f"{wanted.name}|{now.isoformat()}")[:9], name=wanted.name, symbol=wanted.symbol,
            interval=wanted.interval, horizon=wanted.horizon, source=wanted.source, created_at=now,
        )  # fmt: skip
    if (known.symbol, known.interval, known.horizon) != (wanted.symbol, wanted.interval, wanted.horizon):
        raise ConfigurationError(
            f"name {wanted.name!r} is a model of {known.symbol} {known.interval}, horizon {known.horizon}; "
            "choose another name"
        )
    return known


def _bars(stores: Stores, wanted: Train, watched: Watched) -> BarSeries:
    if wanted.source in _FETCHED:
        end = wanted.end or stores.clock.now()
        start = wanted.start or end - _FETCHED[Source(wanted.source)]
        watched.progress(0.0, f"fetching {wanted.symbol} {wanted.interval} bars")
        sync(
            market_of(wanted.source, stores, stores.clock), stores.bars, wanted.source, wanted.symbol,
            interval=wanted.interval, start=start, end=end,
        )  # fmt: skip
    series = bars_of(stores, wanted.source, wanted.symbol, wanted.interval, start=wanted.start, end=wanted.end)
    if wanted.start is None:
        series = series.between(_last(series) - DEFAULT_HISTORY, None)
    return series


def _last(series: BarSeries) -> datetime:
    return series.bar(-1).open_at


def _register(stores: Stores, model: Model, trained: Trained, past: Lineage, seconds: float) -> ModelVersion:
    """Artefact first, then the rows: a kill in between leaves a file that nobody names."""
    path, sha256 = save_artefact(trained, stores.settings.models_folder)
    known = {m.model_id for m in stores.models.models()}
    if model.model_id not in known:
        stores.models.add_model(model)
    number = max((v.version for v in stores.models.versions(model.model_id)), default=0) + 1
    version_id = f"{model.model_id}.{number}"
    stored = ModelVersion(
        version_id=version_id, model_id=model.model_id, version=number, stage=Stage.CANDIDATE,
        trained_from=trained.trained_from, trained_to=trained.trained_to, n_bars=trained.n_bars,
        seed=trained.model.seed,
        members=tuple(m.name for m in trained.model.ensemble.members), metrics=trained.report, fit_seconds=seconds,
        artefact_path=path.name, artefact_sha256=sha256, content_sha256=trained.content_sha256,
        code_version=code_version(), created_at=stores.clock.now(), origin=past.origin, parent_id=past.parent_id,
        data_sha256=past.data_sha256, parameters=past.parameters, checks=past.checks,
    )  # fmt: skip
    stores.models.add_version(stored)
    return stores.models.version(version_id)


def code_version() -> str:
    """The installed version of AAITI; `source` where it runs from a checkout."""
    try:
        return version("aaiti")
    except PackageNotFoundError:
        return "source"
