"""The checks catch a planted look-ahead and a planted long memory, and leave honest strategies alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest

from engine.backtest import checks
from engine.backtest.checks import HISTORY, look_ahead, poisoned, warm_up
from engine.backtest.plan import BacktestPlan
from engine.backtest.run import BacktestResult, walk
from engine.backtest.state import Market, Voices
from engine.domain.bar import BarSeries
from engine.domain.signal import Prediction
from engine.strategy.calls import Calls
from engine.strategy.ruled import RuleStrategy
from engine.strategy.rules import RULES
from tests.backtest.report.sample import plan_of, walk_of
from tests.backtest.worlds import random_plan
from tests.builders import bars_at, instrument, utc

LONG = HISTORY + 3000


@dataclass(frozen=True, kw_only=True)
class Planted:
    """A strategy that says whatever a function of all its bars says."""

    says: Callable[[BarSeries], np.ndarray]
    horizon: int = 0
    name: str = "rule:planted"

    def calls(self, series: BarSeries, first: int = 0) -> Calls:
        return Calls.of_rule(self.says(series)[first:].astype(np.int8))

    def prediction(self, series: BarSeries, i: int) -> Prediction | None:
        return None


def tomorrow(series: BarSeries) -> np.ndarray:
    """BUY where the next close is higher."""
    close = np.asarray(series.close)
    return np.where(np.append(close[1:], close[-1]) > close, 1, -1)


def of_the_whole(series: BarSeries) -> np.ndarray:
    """BUY below the mean of all bars, those to come included: the usual leak."""
    close = np.asarray(series.close)
    return np.where(close < close.mean(), 1, -1)


def last_bar(series: BarSeries) -> np.ndarray:
    """SELL on the very last bar: it knows where the data ends."""
    out = np.ones(len(series))
    out[-1] = -1
    return out


def since_the_first(series: BarSeries) -> np.ndarray:
    """BUY on every third bar since the first: no future, and a memory without end."""
    return np.where(np.arange(len(series)) % 3 == 0, 1, -1)


def planted(says: Callable[[BarSeries], np.ndarray], n: int = 300) -> BacktestPlan:
    return replace(plan_of(walk_of("BTCUSDT", n, 5)), strategy=Planted(says=says))


@pytest.mark.parametrize("says", [tomorrow, of_the_whole, last_bar])
def test_a_planted_look_ahead_is_caught(says: Callable[[BarSeries], np.ndarray]) -> None:
    found = look_ahead(planted(says))
    assert found.passed is False
    assert "its call on BTCUSDT at 2025-01-" in found.detail
    assert "it knows the future" in found.detail


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_passes_both(rule: str) -> None:
    plan = plan_of(walk_of("BTCUSDT", LONG, 5), walk_of("ETHUSDT", LONG - 7, 6), rule=rule)
    assert look_ahead(plan).passed is True
    settled = warm_up(plan)
    assert settled.passed is True, settled.detail


def test_scripted_odds_of_random_worlds_pass_with_halts_and_gaps() -> None:
    for seed in range(6):
        assert look_ahead(random_plan(seed), cuts=3).passed is True


def test_a_loop_that_looks_ahead_would_be_caught_by_its_equity(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_of(walk_of("BTCUSDT", 300, 5))

    def leaking(plan: BacktestPlan, market: Market, voices: Voices) -> BacktestResult:
        result = walk(plan, market, voices)
        return replace(result, equity=result.equity + result.equity[-1])

    monkeypatch.setattr(checks, "walk", leaking)
    found = look_ahead(plan)
    assert (found.passed, "the equity at" in found.detail) == (False, True)


def test_a_memory_without_end_is_caught() -> None:
    found = warm_up(planted(since_the_first, LONG * 2))
    assert found.passed is False
    assert "remembers more than a run is given" in found.detail
    assert look_ahead(planted(since_the_first)).passed is True


def test_the_warm_up_of_averages_is_measured() -> None:
    found = warm_up(plan_of(walk_of("BTCUSDT", 900, 5), rule="sma_cross:fast=20,slow=50"))
    assert found.passed is True
    assert int(found.detail.split()[0]) <= 50


def test_too_few_bars_say_so() -> None:
    assert look_ahead(plan_of(bars_at("2025-01-01", [100.0, 101.0]))).passed is None
    assert warm_up(planted(since_the_first, 500)).passed is None


def test_nonsense_stands_on_the_grid_and_leaves_the_past_alone() -> None:
    series = walk_of("BTCUSDT", 50, 5)
    at = utc("2025-01-21")
    other = poisoned(series, instrument(), at, np.random.default_rng(0))
    assert (other.close[:24], other.open[:24]) == (series.close[:24], series.open[:24])
    assert all(a != b for a, b in zip(other.close[24:], series.close[24:], strict=True))
    assert all(low <= close <= high for low, close, high in zip(other.low, other.close, other.high, strict=True))
    assert RuleStrategy.of("buy_hold").calls(other).signal.all()
