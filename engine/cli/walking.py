"""`backtest --model ID --retrain DAYS`: the model's recipe, walked forward through the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engine.backtest.walking import Refit, WalkedModel, WalkPlan, walk_models
from engine.bootstrap import Stores
from engine.cli.material import bars_of
from engine.cli.planned import Progress
from engine.commands.run_options import RunOptions
from engine.domain.account import Source
from engine.domain.errors import ConfigurationError
from engine.domain.interval import iso
from engine.domain.target import barrier_of
from engine.training.spec import TrainingSpec

_SHARE = 0.8
"""Of the time, for the trainings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """The strategy, and every training that was made for it."""

    strategy: WalkedModel
    refits: Sequence[Refit]
    days: int

    @property
    def words(self) -> str:
        """For the report's notes."""
        refused = sum(not refit.leads for refit in self.refits)
        times = f"trained {len(self.refits)} times, every {self.days} days, on bars before that day alone"
        kept = f"; {refused} failed a refit's checks and never led" if refused else ""
        return f"walk-forward: {times}; each call is by the version that existed then{kept}"

    def told(self) -> list[dict[str, object]]:
        """The command line's JSON."""
        return [
            {
                "trained_from": iso(refit.trained_from), "trained_to": iso(refit.trained_to), "leads": refit.leads,
                "failed": [f"{check.name}: {check.detail}" for check in refit.checks if not check.passed],
            }
            for refit in self.refits
        ]  # fmt: skip


def walk_forward(
    stores: Stores, run: RunOptions, span: tuple[datetime, datetime], days: int, progress: Progress
) -> Walked:
    """Train the recipe of a stored version every `days` days of the run, on as much data as that version had."""
    if not run.strategy.startswith("model:"):
        raise ConfigurationError(f"{run.strategy} learns nothing; name a model that is to be retrained")
    version = stores.models.version(run.strategy.removeprefix("model:"))
    model, length = stores.models.model(version.model_id), version.trained_to - version.trained_from
    spec = TrainingSpec(
        symbol=model.symbol, interval=model.interval, horizon=model.horizon, seed=version.seed,
        members=version.members, real_market=run.source != Source.SIMULATED, barrier=barrier_of(version.parameters),
    )  # fmt: skip
    plan = WalkPlan(spec=spec, span=length, every=timedelta(days=days), start=span[0], end=span[1])
    series = bars_of(stores, run.source, model.symbol, run.interval, start=span[0] - length, end=span[1])
    stops = [False]

    def tell(share: float, message: str) -> None:
        stops[0] = progress(share * _SHARE, message)

    found, refits = walk_models(plan, series, tell, lambda: stops[0], workers=stores.settings.workers)
    strategy = replace(found, name=f"model:{model.model_id}:retrained every {days} days")
    return Walked(strategy=strategy, refits=refits, days=days)
