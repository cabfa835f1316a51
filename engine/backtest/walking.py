"""Walking forward: a recipe trained anew every so many days, as live would; each call by the version of its time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from engine.domain.bar import BarSeries
from engine.domain.errors import ConfigurationError
from engine.domain.interval import from_ms
from engine.domain.model import Check
from engine.domain.signal import Prediction
from engine.learning.forecast import TrainedModel
from engine.learning.takeover import takeover_checks
from engine.strategy.calls import Calls
from engine.strategy.strategy import ModelStrategy
from engine.training.fit import fit
from engine.training.lessons import Cancelled, Progress
from engine.training.spec import Trained, TrainingSpec

_FLOATS = ("probability", "probability_low", "probability_high", "confidence", "expected_move", "volatility")
_NO_SKILL = -1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reign:
    """A version that leads: it calls the closes after its training's end, until the next one's does."""

    model: TrainedModel

    @property
    def after_ms(self) -> int:
        """The close at which its training ended: its first call is the next one."""
        return self.model.trained_to_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Refit:
    """One training of the walk. `checks` are those that a refit has to pass live; the first one has none. One that does
    not lead leaves the one before in its place."""

    trained_from: datetime
    trained_to: datetime
    leads: bool
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkPlan:
    """`spec` trained on `span` of bars up to `start`, and again every `every` until `end`."""

    spec: TrainingSpec
    span: timedelta
    every: timedelta
    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.every < timedelta(days=1):
            raise ConfigurationError(f"retraining every {self.every} is too often; a day at the least")

    @property
    def moments(self) -> list[datetime]:
        """When training ends, each time: on the grid of the interval."""
        first, n = self.spec.interval.floor(self.start), -(-(self.end - self.start) // self.every)
        return [self.spec.interval.floor(first + k * self.every) for k in range(max(1, n))]


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkedModel:
    """A strategy of several versions, oldest first; before the first one's training ended nobody calls."""

    name: str
    reigns: Sequence[Reign]

    @property
    def horizon(self) -> int:
        """Bars that each version looks ahead."""
        return self.reigns[0].model.horizon

    def calls(self, series: BarSeries, first: int = 0) -> Calls:
        """Each row by the version that led at its close, from bars up to its own only."""
        starts = [max(first, self._row_after(series, reign)) for reign in self.reigns]
        parts = [_silence(series, max(0, starts[0] - first), self.horizon)]
        for reign, begin, end in zip(self.reigns, starts, [*starts[1:], len(series)], strict=True):
            if begin < end:
                parts.append(ModelStrategy(model=reign.model, version_id="").calls(series.rows(0, end), begin))
        return _joined(parts)

    def prediction(self, series: BarSeries, i: int) -> Prediction | None:
        """None: a walk is backtested, never asked for its reasons."""
        return None

    def _row_after(self, series: BarSeries, reign: Reign) -> int:
        """The first bar that closes after the version's training ended."""
        return series.position(reign.after_ms - series.interval.ms + 1)


def walk_models(
    plan: WalkPlan, series: BarSeries, progress: Progress, cancelled: Cancelled, *, workers: int | None = None
) -> tuple[WalkedModel, list[Refit]]:
    """Train at each moment on the bars of the span before it; a refit leads once it passes what live asks of one.

    MissingBars where the span before the start does not suffice, TrainingCancelled where `cancelled` said so.
    """
    reigns: list[Reign] = []
    refits: list[Refit] = []
    moments = plan.moments
    for k, at in enumerate(moments):
        known = series.between(at - plan.span, at)
        told = _told(progress, k, len(moments))
        trained = fit(known, plan.spec, told, cancelled, workers=workers)
        checks = _checks(trained, reigns, known)
        leads = all(check.passed for check in checks)
        refits.append(Refit(
            trained_from=from_ms(trained.model.trained_from_ms), trained_to=from_ms(trained.model.trained_to_ms),
            leads=leads, checks=checks,
        ))  # fmt: skip
        if leads:
            reigns.append(Reign(model=trained.model))
    days = plan.every / timedelta(days=1)
    name = f"walk:{','.join(plan.spec.members)}:horizon={plan.spec.horizon},seed={plan.spec.seed},every={days:g}d"
    return WalkedModel(name=name, reigns=reigns), refits


def _checks(trained: Trained, reigns: Sequence[Reign], known: BarSeries) -> tuple[Check, ...]:
    if not reigns:
        return ()
    return takeover_checks(trained.model, reigns[-1].model, known, trained.report)


def _told(progress: Progress, k: int, n: int) -> Callable[[float, str], None]:
    return lambda share, message: progress((k + share) / n, f"training {k + 1} of {n}: {message}")


def _silence(series: BarSeries, n: int, horizon: int) -> Calls:
    """No call for `n` bars."""
    nothing = np.full(n, np.nan)
    calls = Calls.of_rule(np.zeros(n, dtype=np.int8))
    years = horizon / series.interval.bars_per_year
    return replace(calls, years=years, skill=np.full(n, _NO_SKILL, dtype=np.int8), strangeness=nothing)


def _joined(parts: Sequence[Calls]) -> Calls:
    floats = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _FLOATS}
    return Calls(
        signal=np.concatenate([part.signal for part in parts]), years=parts[0].years,
        skill=np.concatenate([part.skill for part in parts if part.skill is not None]),
        strangeness=np.concatenate([part.strangeness for part in parts if part.strangeness is not None]), **floats,
    )  # fmt: skip
