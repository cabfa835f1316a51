"""Walk-forward: each call is by a version that existed then, trained on bars before it alone."""

from __future__ import annotations

from array import array
from dataclasses import replace
from datetime import timedelta
from functools import cache

import numpy as np
import pytest

from engine.backtest import walking
from engine.backtest.walking import Refit, WalkedModel, WalkPlan, walk_models
from engine.domain.bar import BarSeries
from engine.domain.errors import ConfigurationError, MissingBars
from engine.domain.interval import Interval, from_ms, to_ms
from engine.domain.model import Check
from engine.strategy.strategy import ModelStrategy
from engine.training.spec import TrainingCancelled, TrainingSpec
from tests.learning.fits import long_bars

DAY = timedelta(days=1)
FIRST, DAYS, SPAN = 3_000, 20, timedelta(hours=2_400)


def series_of() -> BarSeries:
    return long_bars().rows(0, 4_200)


def plan() -> WalkPlan:
    series = series_of()
    spec = TrainingSpec(symbol=series.symbol, interval=Interval.H1, horizon=1, members=("linear",), real_market=False)
    start, end = series.bar(FIRST).open_at, series.last_close_at
    assert end is not None
    return WalkPlan(spec=spec, span=SPAN, every=DAYS * DAY, start=start, end=end)


def walk(series: BarSeries) -> tuple[WalkedModel, list[Refit]]:
    return walk_models(plan(), series, lambda *_: None, lambda: False, workers=1)


@cache
def walked() -> tuple[WalkedModel, list[Refit]]:
    return walk(series_of())


def test_it_is_trained_at_the_start_and_every_so_many_days_on_the_span_before() -> None:
    _, refits = walked()
    assert [refit.trained_to for refit in refits] == plan().moments
    assert len(refits) == 3
    assert all(refit.trained_to - refit.trained_from == SPAN for refit in refits)
    assert refits[0].checks == ()
    assert {check.name for check in refits[1].checks} >= {"newer data", "not inferior"}


def test_each_call_is_by_the_version_that_led_then() -> None:
    strategy, series = walked()[0], series_of()
    calls = strategy.calls(series, FIRST)
    close_ms = np.asarray(series.open_ms)[FIRST:] + series.interval.ms
    assert len(calls) == len(series) - FIRST
    seen = 0
    bounds = [*(reign.after_ms for reign in strategy.reigns), close_ms[-1]]
    for reign, until in zip(strategy.reigns, bounds[1:], strict=True):
        mine = (close_ms > reign.after_ms) & (close_ms <= until)
        alone = ModelStrategy(model=reign.model, version_id="x").calls(series, FIRST)
        for name in ("signal", "probability", "confidence", "expected_move", "volatility", "skill", "strangeness"):
            np.testing.assert_array_equal(getattr(calls, name)[mine], getattr(alone, name)[mine], err_msg=name)
        seen += int(mine.sum())
    assert seen == len(calls), "every bar of the run is called by somebody"
    assert len(strategy.reigns) >= 2


def test_no_call_knows_bars_that_came_after_it_not_even_through_its_training() -> None:
    """The whole walk over other future bars: what was called before them stays, to the bit."""
    series = series_of()
    cut = series.position(to_ms(plan().moments[1])) + 100
    shaken = np.exp(np.random.default_rng(1).normal(0, 0.05, len(series) - cut))

    def other(column: array[float]) -> array[float]:
        return array("d", [*column[:cut], *(np.asarray(column[cut:]) * shaken)])

    poisoned = replace(series, open=other(series.open), high=other(series.high), low=other(series.low),
                       close=other(series.close))  # fmt: skip
    mine, theirs = walked()[0].calls(series, FIRST), walk(poisoned)[0].calls(poisoned, FIRST)
    known = cut - FIRST
    np.testing.assert_array_equal(mine.probability[:known], theirs.probability[:known])
    np.testing.assert_array_equal(mine.signal[:known], theirs.signal[:known])
    assert not np.array_equal(mine.probability[known:], theirs.probability[known:])


def test_before_the_first_training_nobody_calls() -> None:
    calls = walked()[0].calls(series_of(), FIRST - 5)
    assert calls.signal[:5].tolist() == [0] * 5
    assert np.isnan(calls.probability[:5]).all()
    assert not np.isnan(calls.probability[5:]).any()


def test_calls_from_a_later_bar_are_the_same_calls() -> None:
    strategy, series = walked()[0], series_of()
    whole, late = strategy.calls(series, FIRST), strategy.calls(series, FIRST + 700)
    np.testing.assert_array_equal(whole.probability[700:], late.probability)


def test_a_refit_that_fails_its_checks_never_leads(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = (Check(name="not inferior", passed=False, detail="it is worse"),)
    monkeypatch.setattr(walking, "takeover_checks", lambda *_: refused)
    strategy, refits = walk(series_of())
    assert [refit.leads for refit in refits] == [True, False, False]
    assert len(strategy.reigns) == 1


def test_what_cannot_be_walked_is_said() -> None:
    with pytest.raises(MissingBars, match="at least"):
        walk_models(replace(plan(), span=timedelta(hours=300)), series_of(), lambda *_: None, lambda: False)
    with pytest.raises(TrainingCancelled):
        walk_models(plan(), series_of(), lambda *_: None, lambda: True, workers=1)
    with pytest.raises(ConfigurationError, match="too often"):
        replace(plan(), every=timedelta(hours=1))


def test_moments_stand_on_the_grid_and_end_before_the_end() -> None:
    moments = plan().moments
    assert moments[0] == from_ms(series_of().open_ms[FIRST])
    assert moments[-1] < plan().end <= moments[-1] + DAYS * DAY
