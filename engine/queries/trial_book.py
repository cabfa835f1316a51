"""The trial ledger of one instrument as it is read: what was tried, and what that costs each Sharpe ratio."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.domain.account import Source
from engine.domain.errors import UnusableSample
from engine.domain.trial import Trial, TrialKind, Tried
from engine.learning.yardstick import spread
from engine.ports import Trials
from engine.queries.words import count, ratio
from engine.statistics.deflated import deflated_sharpe
from engine.statistics.probabilistic import probabilistic_sharpe
from engine.statistics.track import Track

_NEWEST = 2_000
_WORDS = {TrialKind.TRAINING: "training", TrialKind.BACKTEST: "backtest", TrialKind.SWEEP: "cell of sweeps"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What was chosen and tried `runs` times; `newest` is its last score. `alone` is the chance (2012) that its true
    Sharpe ratio is above zero, had it been the only one; `deflated` that it is above what the best of all recipes shows
    by luck. None where it has no ratio."""

    newest: Trial
    runs: int
    alone: float | None
    deflated: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBook:
    """All that was ever scored on an instrument: `n_recipes` of `kinds` (recipes, runs); `recipes` of the newest 2,000
    runs, newest first."""

    symbol: str
    n_recipes: int
    kinds: Mapping[TrialKind, tuple[int, int]]
    recipes: Sequence[Recipe]

    @property
    def words(self) -> str:
        """What was tried, and what that costs the best of it."""
        if not self.n_recipes:
            return f"Nothing was scored on {self.symbol} yet: train a model or run a backtest."
        told = ", ".join(_counted(kind, *self.kinds[kind]) for kind in TrialKind if kind in self.kinds)
        return f"{count(self.n_recipes, 'recipe')} tried on {self.symbol}: {told}.{self._cost}"

    @property
    def _cost(self) -> str:
        judged = [one for one in self.recipes if one.alone is not None]
        best = max(judged, key=lambda one: one.alone or 0.0, default=None)
        if best is None or self.n_recipes == 1:
            return "" if best is None else " As the only one it is not deflated."
        return (
            f" The best of them, {best.newest.name}, has a true Sharpe ratio above zero with a "
            f"chance of {ratio(best.alone, 0)} had it been the only one; above the luck of as many with "
            f"{ratio(best.deflated, 0)}."
        )


def read_trial_book(trials: Trials, symbol: str, source: Source) -> TrialBook:
    """Everything of one market, other sources of the same prices among it."""
    tried = Tried(count=trials.count(symbol, source), ratios=tuple(trials.ratios(symbol, source)))
    by_recipe: dict[str, list[Trial]] = {}
    for trial in trials.of(symbol, source, limit=_NEWEST):
        by_recipe.setdefault(trial.recipe_sha256, []).append(trial)
    return TrialBook(
        symbol=symbol, n_recipes=tried.count, kinds=trials.kinds(symbol, source),
        recipes=[_recipe(runs, tried) for runs in by_recipe.values()],
    )  # fmt: skip


def _recipe(runs: Sequence[Trial], tried: Tried) -> Recipe:
    newest = runs[0]
    try:
        track = Track(
            n=newest.n_periods, sharpe=_known(newest.sharpe), skew=_known(newest.skew),
            kurtosis=_known(newest.kurtosis),
        )  # fmt: skip
    except UnusableSample:
        return Recipe(newest=newest, runs=len(runs), alone=None, deflated=None)
    variance = spread(track, tried, newest.periods_per_year)
    deflated = deflated_sharpe(track, trials=tried.count, variance=variance).chance
    return Recipe(newest=newest, runs=len(runs), alone=probabilistic_sharpe(track), deflated=deflated)


def _known(value: float | None) -> float:
    if value is None:
        raise UnusableSample("its returns never varied")
    return value


def _counted(kind: TrialKind, recipes: int, runs: int) -> str:
    word = _WORDS[kind]
    more = f" in {count(runs, 'run')}" if runs > recipes else ""
    if kind is TrialKind.SWEEP and recipes != 1:
        return f"{recipes:,} cells of sweeps{more}"
    return f"{count(recipes, word)}{more}"
