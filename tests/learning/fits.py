"""Models for tests, fitted once per run: small, but by the real recipe."""

from __future__ import annotations

from functools import cache

import numpy as np

from engine.domain.bar import BarSeries
from engine.domain.interval import Interval
from engine.domain.target import Barrier
from engine.learning.members.member import Lesson
from engine.training.fit import fit
from engine.training.spec import Trained, TrainingSpec
from tests.learning.markets import walk

N_BARS = 4_500


@cache
def planted_bars() -> BarSeries:
    """A market in which each return leans to the last one's sign."""
    return walk(N_BARS, seed=3, planted=0.2)


@cache
def trained() -> Trained:
    """A model of the planted market."""
    series = planted_bars()
    return fit(series, spec(series), workers=2)


@cache
def long_bars() -> BarSeries:
    """The same market for twice as long."""
    return walk(9_000, seed=3, planted=0.2)


@cache
def trained_early() -> Trained:
    """A model of the first half of the long market; the second half came after its training."""
    series = long_bars().rows(0, N_BARS)
    return fit(series, spec(series), workers=2)


@cache
def trending_bars() -> BarSeries:
    """A market in which trends last, for twice as long as `trained_on_trades` has seen of it."""
    return walk(9_000, seed=5, trending=0.35)


@cache
def trained_on_trades() -> Trained:
    """A model of the trending market's first half that was asked whether a buy pays."""
    series = trending_bars().rows(0, N_BARS)
    return fit(series, spec_of_trades(series), workers=2)


def spec_of_trades(series: BarSeries) -> TrainingSpec:
    """The member that is fitted in no time, half a day ahead, at costs that bite."""
    return TrainingSpec(
        symbol=series.symbol, interval=Interval.H1, horizon=12, members=("linear",), barrier=Barrier(cost_ratio=0.002)
    )


def spec(series: BarSeries, *, horizon: int = 1) -> TrainingSpec:
    """The default recipe for a series."""
    return TrainingSpec(symbol=series.symbol, interval=Interval.H1, horizon=horizon)


@cache
def lesson(n: int = 3_000, k: int = 42) -> Lesson:
    """Rows whose direction follows the first two columns, with noise."""
    rng = np.random.default_rng(5)
    x = rng.standard_normal((n, k)) * np.linspace(0.5, 40.0, k)
    chance = 1 / (1 + np.exp(-(0.8 * x[:, 0] / 0.5 - 0.5 * x[:, 1])))
    y = (rng.random(n) < chance).astype(np.float64)
    return Lesson(x=x, y=y, weight=np.linspace(0.5, 1.5, n), seed=7)
