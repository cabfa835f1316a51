"""A town whose market is long enough for models, with versions trading in it. Two quick members, a horizon of one."""

from __future__ import annotations

from array import array
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from engine.adapters.models.files import save
from engine.domain.bar import BarSeries
from engine.domain.command import CommandKind
from engine.domain.interval import Interval, from_ms
from engine.domain.model import Model, ModelVersion, Origin, Stage
from engine.training.fit import fit
from engine.training.spec import Trained
from tests.autotrader.town import Town
from tests.learning.fits import N_BARS, long_bars, spec

LINEAR, OTHER = ("linear",), ("linear", "polynomial")


@cache
def market() -> BarSeries:
    """The planted market, its prices on the grid of ticks."""
    series = long_bars()

    def rounded(column: array[float]) -> array[float]:
        return array("d", np.round(np.array(column), 2).tolist())

    return replace(
        series, open=rounded(series.open), high=rounded(series.high), low=rounded(series.low),
        close=rounded(series.close),
    )  # fmt: skip


@cache
def learned(members: tuple[str, ...] = LINEAR, n: int = N_BARS) -> Trained:
    """A model of the market's first n bars."""
    series = market().rows(0, n)
    return fit(series, replace(spec(series), members=members), workers=1)


def before_monday() -> int:
    """A bar that opens two hours before a week begins, when calls enough have matured since training."""
    opens = market().open_ms
    first = next(i for i in range(N_BARS + 400, len(opens)) if from_ms(opens[i]).strftime("%a%H") == "Mon00")
    return first - 2


def modelled(folder: Path, at: int = N_BARS + 2) -> Town:
    """A town at the open of a bar after the champion's training, the champion trading."""
    town = Town(folder, market(), at=from_ms(market().open_ms[at])).open()
    model = Model(
        model_id="m1", name="Morning", symbol="BTCUSDT", interval=Interval.H1, horizon=1, source="SIMULATED",
        created_at=town.clock.now(),
    )  # fmt: skip
    town.stores.models.add_model(model)
    add(town, 1)
    sleeve = {"strategy": "model:m1.1", "symbol": "BTCUSDT", "interval": "1h"}
    assert town.ask(CommandKind.START_SLEEVE, sleeve).result
    town.ask(CommandKind.SWITCH_TRADING, {"on": True})
    return town


def add(
    town: Town, number: int, members: tuple[str, ...] = LINEAR, *, leak: bool = False, n: int = N_BARS,
    parent_id: str | None = None,
) -> ModelVersion:  # fmt: skip
    """Register a version with its artefact; a refit where it has a parent."""
    origin = Origin.FIRST if number == 1 else Origin.CHALLENGER if parent_id is None else Origin.REFIT
    trained = learned(members, n)
    path, sha256 = save(trained, town.stores.settings.models_folder)
    version = ModelVersion(
        version_id=f"m1.{number}", model_id="m1", version=number, stage=Stage.CANDIDATE,
        trained_from=trained.trained_from, trained_to=trained.trained_to, n_bars=trained.n_bars, seed=0,
        members=members, metrics={**trained.report, "leak_suspected": leak}, fit_seconds=1.0,
        artefact_path=path.name, artefact_sha256=sha256, content_sha256=trained.content_sha256, code_version="test",
        created_at=town.clock.now(), origin=origin, parent_id=parent_id,
    )  # fmt: skip
    town.stores.models.add_version(version)
    return version


def live(town: Town, n: int) -> None:
    """Let bars close as the engine does: the trader first, then what follows it."""
    for _ in range(n):
        town.pass_bars()
        town.engine.follow(town.session)
