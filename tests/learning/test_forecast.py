"""A trained model: bit-identical live and in batch, blind to the future, explained, fast."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from engine.domain.errors import FeatureMismatch, MissingBars
from engine.domain.interval import Interval, from_ms, to_ms
from engine.domain.signal import Signal
from engine.features.catalogue import FEATURES, NAMES, WARM_UP, matrix
from engine.features.window import window_start
from engine.learning.ensemble import Ensemble
from engine.learning.forecast import Forecasts, TrainedModel
from engine.learning.members.roster import RECIPES
from tests.features.test_catalogue import changed_after
from tests.learning.fits import planted_bars, trained
from tests.learning.markets import walk

ARRAYS = (
    "as_of_ms", "probability_up", "probability", "probability_low", "probability_high", "confidence", "expected_move",
    "volatility", "skill", "strangeness",
)  # fmt: skip


def model() -> TrainedModel:
    return trained().model


def bits(forecasts: Forecasts, i: int) -> list[bytes]:
    return [getattr(forecasts, name)[i].tobytes() for name in ARRAYS]


@pytest.mark.parametrize("t", [WARM_UP - 1, 2047, 2048, 2049, 4095, 4096, 4499])
def test_the_live_call_is_the_batch_call_to_the_bit(t: int) -> None:
    series = planted_bars()
    live = model().forecast(series.rows(0, t + 1), first=t)
    assert len(live) == 1
    assert bits(live, 0) == bits(model().forecast(series), t)


def test_changing_the_future_changes_no_past_call() -> None:
    series = planted_bars()
    t = 3_000
    past, again = model().forecast(series), model().forecast(changed_after(series, t))
    for name in ARRAYS:
        assert getattr(past, name)[: t + 1].tobytes() == getattr(again, name)[: t + 1].tobytes(), name
    assert past.probability_up[t + 1 :].tobytes() != again.probability_up[t + 1 :].tobytes()


@pytest.mark.parametrize("name", RECIPES)
def test_changing_the_future_changes_no_past_call_of_any_member(name: str) -> None:
    series, t = planted_bars(), 3_000
    alone = next(member for member in model().ensemble.members if member.name == name)
    one = replace(model(), ensemble=Ensemble(members=(alone,), weights=(1.0,)))
    past, again = one.forecast(series), one.forecast(changed_after(series, t))
    for array in ARRAYS:
        assert getattr(past, array)[: t + 1].tobytes() == getattr(again, array)[: t + 1].tobytes(), array
    assert past.probability_up[t + 1 :].tobytes() != again.probability_up[t + 1 :].tobytes()


@pytest.mark.parametrize("i", [3_100, 3_500, 3_999])
def test_the_contributions_of_a_call_add_up_to_it(i: int) -> None:
    made = model().explain(planted_bars(), i).contributions
    assert made is not None
    assert len(made.pushes) == len({feature.family for feature in FEATURES}), "every family, not the loudest alone"
    assert made.chance == pytest.approx(model().forecast(planted_bars()).probability_up[i], abs=1e-12)


def test_only_the_bars_of_the_window_are_needed() -> None:
    series = planted_bars()
    last = from_ms(series.open_ms[-1] + series.interval.ms)
    short = series.between(window_start(last, series.interval), None)
    assert len(short) < len(series)
    assert bits(model().forecast(short, first=len(short) - 1), 0) == bits(model().forecast(series), -1)


def test_calls_hang_together() -> None:
    found = model().forecast(planted_bars())
    known = ~np.isnan(found.probability_up)
    assert known.tolist() == [False] * (WARM_UP - 1) + [True] * (len(found) - WARM_UP + 1)
    up, p = found.probability_up[known], found.probability[known]
    np.testing.assert_allclose(p, np.maximum(up, 1 - up), rtol=0, atol=1e-15)
    assert (found.probability_low[known] < p).all()
    assert (p < found.probability_high[known]).all()
    assert ((found.confidence[known] >= 0) & (found.confidence[known] <= 1)).all()
    assert (found.expected_move[known] > 0).all()
    assert np.isnan(found.expected_move[~known]).all()
    stronger, weaker = np.argmax(p), np.argmin(p)
    assert found.confidence[known][stronger] > found.confidence[known][weaker]


def test_the_explanation_is_the_call_with_votes_and_reasons() -> None:
    series = planted_bars()
    call, batch = model().explain(series, 3_500), model().forecast(series)
    assert call.probability == batch.probability[3_500]
    assert (call.probability_low, call.probability_high) == (
        batch.probability_low[3_500],
        batch.probability_high[3_500],
    )
    assert call.confidence == batch.confidence[3_500]
    assert to_ms(call.as_of) == series.open_ms[3_501]
    assert call.price == series.close[3_500]
    assert call.signal is (Signal.BUY if batch.probability_up[3_500] > 0.5 else Signal.SELL)
    assert [vote.member for vote in call.votes] == ["linear", "polynomial", "forest", "boosting", "network"]
    assert sum(vote.weight for vote in call.votes) == pytest.approx(1.0)
    assert 1 <= len(call.reasons) <= 3


def test_the_votes_make_the_call() -> None:
    call = model().explain(planted_bars())
    raw = sum(vote.weight * vote.probability_up for vote in call.votes)
    up = model().at_training().calibrated(np.array([raw]))[0, 0]
    assert call.probability == pytest.approx(max(up, 1 - up), abs=1e-12)


def test_the_planted_cause_is_the_reason_most_often_given() -> None:
    """Returns lean to the last one's sign: momentum, or where the bar closed, must speak first."""
    series = planted_bars()
    first = [model().explain(series, i).reasons[0] for i in range(4_000, 4_100, 5)]
    told = sum("(momentum:" in reason or "(volume:" in reason for reason in first)
    assert told >= 0.7 * len(first)


def test_bars_that_do_not_suffice_are_refused_with_what_is_needed() -> None:
    with pytest.raises(MissingBars, match="needs 512 bars before it"):
        model().explain(planted_bars(), 100)
    with pytest.raises(MissingBars, match="bar 9999 was asked for"):
        model().explain(planted_bars(), 9_999)


def test_another_interval_is_refused() -> None:
    with pytest.raises(FeatureMismatch, match="trained on 1h bars; these are 4h bars"):
        model().forecast(replace(walk(600), interval=Interval.H4))


def test_other_features_are_refused_by_name() -> None:
    with pytest.raises(FeatureMismatch, match=r"no longer known: moon_phase.*new: hour_sin"):
        replace(model(), feature_names=tuple("moon_phase" if n == "hour_sin" else n for n in NAMES))
    with pytest.raises(FeatureMismatch, match="another order"):
        replace(model(), feature_names=tuple(reversed(NAMES)))


def test_one_row_through_the_whole_ensemble_takes_less_than_a_millisecond() -> None:
    row = np.ascontiguousarray(matrix(planted_bars(), len(planted_bars()) - 1))
    times = []
    for _ in range(200):
        began = time.perf_counter()
        model().at_training().calibrated(model().ensemble.probability_up(row))
        times.append(time.perf_counter() - began)
    assert np.median(times) < 1e-3
