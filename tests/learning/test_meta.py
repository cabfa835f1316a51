"""A model that is asked whether a buy pays: the same live and in batch, blind to the future, stored and judged so."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.adapters.models.files import load, save
from engine.domain.errors import FeatureMismatch
from engine.domain.interval import from_ms
from engine.domain.outcome import MaturedCall, Pending
from engine.domain.signal import Signal
from engine.domain.target import Barrier, Target, barrier_of, target
from engine.learning.calibration import Calibrator
from engine.learning.drift import look_for_drift
from engine.learning.forecast import TrainedModel
from engine.learning.maturity import outcome
from engine.learning.record import Standing
from engine.learning.state import arrays_of, content_sha256, facts_of, model_from
from engine.learning.volatility import volatility
from engine.strategy.strategy import ModelStrategy
from tests.builders import utc
from tests.features.test_catalogue import changed_after
from tests.learning.fits import N_BARS, trained, trained_on_trades, trending_bars
from tests.learning.markets import walk
from tests.learning.test_forecast import ARRAYS, bits

BARRIER = Barrier(cost_ratio=0.002)


def model() -> TrainedModel:
    return trained_on_trades().model


@pytest.mark.parametrize("t", [2047, 4096, N_BARS, 5_200, 6_143, 6_144, 8_999])
def test_the_live_call_is_the_batch_call_to_the_bit(t: int) -> None:
    """After training too, where each week's standing counts the trades that have matured."""
    series = trending_bars()
    fresh = replace(model())  # its memory is empty
    live = fresh.forecast(series.rows(0, t + 1), first=t)
    assert bits(live, 0) == bits(model().forecast(series), t)
    assert live.signal[0] == model().forecast(series).signal[t]


def test_changing_the_future_changes_no_past_call() -> None:
    series, t = trending_bars(), 6_500
    past, again = model().forecast(series), replace(model()).forecast(changed_after(series, t))
    for name in (*ARRAYS, "signal"):
        assert getattr(past, name)[: t + 1].tobytes() == getattr(again, name)[: t + 1].tobytes(), name
    assert past.probability_up[t + 1 :].tobytes() != again.probability_up[t + 1 :].tobytes()


def test_the_vote_makes_the_call_and_the_second_model_its_chance() -> None:
    series = trending_bars()
    found = model().forecast(series)
    seen = ~np.isnan(found.probability_up)
    assert set(np.unique(found.signal[seen])) == {-1, 1}
    buys, sells = seen & (found.signal == 1), seen & (found.signal == -1)
    assert (found.probability[buys] == found.probability_up[buys]).all()
    assert (found.probability[sells] == 1.0 - found.probability_up[sells]).all()
    assert (found.probability_low[seen] <= found.probability[seen]).all()
    assert (found.probability_up[buys] < 0.5).any(), "a vote for a rise that is not worth a buy"
    said = ModelStrategy(model=model(), version_id="m1.1").calls(series, len(series) - 3)
    assert said.signal.tolist() == found.signal[-3:].tolist()
    told = model().explain(series)
    assert told.signal is {1: Signal.BUY, -1: Signal.SELL}[int(found.signal[-1])]
    assert told.probability == found.probability[-1]


def test_confidence_ranks_buys_among_buys_and_sells_among_sells() -> None:
    plain = model().at_training()
    assert plain.against is not None
    standing = Standing(
        calibrator=plain.calibrator, strengths=np.array([0.4, 0.5]), skill=plain.skill, against=np.array([0.5, 0.6])
    )
    found = standing.confidence(np.array([0.45, 0.45, 0.55, np.nan]), np.array([True, False, True, True]))
    assert found[:3].tolist() == [0.5, 0.5, 1.0]
    assert math.isnan(found[3])


def test_the_calibrator_shrinks_to_the_base_rate_of_what_is_asked() -> None:
    rng = np.random.default_rng(1)
    raw = np.full(4_000, 0.4)
    came = (rng.random(4_000) < 0.4).astype(np.float64)
    centred, plain = (Calibrator.fit(raw, came, 24, at).apply(raw[:1])[0] for at in (math.log(0.4 / 0.6), 0.0))
    assert centred[0] == pytest.approx(came.mean(), abs=0.01)
    assert plain[0] > centred[0] + 0.02, "towards a coin, which it is not"
    assert centred[1] < centred[0] < centred[2]


@pytest.mark.parametrize("horizon", [1, 12])
def test_a_call_is_judged_by_the_label_that_taught(horizon: int) -> None:
    series = walk(240, gap=(150, 2))
    deviation = volatility(series, horizon)
    known = model().meta
    assert known is not None
    taught = known.labels(series, horizon)
    for i in range(1, len(series)):
        pending = Pending(
            version_id="m1.1", symbol=series.symbol, interval=series.interval, horizon=horizon, price=series.close[i],
            as_of=from_ms(series.open_ms[i] + series.interval.ms), volatility=float(deviation[i]), barrier=BARRIER,
        )  # fmt: skip
        found = outcome(pending, series)
        told = math.nan if found is None or found.realised is None else found.realised
        assert np.isclose(told, taught.log_return[i], rtol=0, atol=0, equal_nan=True), i
        if not math.isnan(told):
            call = MaturedCall(
                symbol="BTCUSDT", as_of=utc("2025-01-01"), signal=Signal.BUY, probability=0.6, confidence=0.5,
                realised=told, barrier=BARRIER,
            )  # fmt: skip
            assert call.hit == (taught.up[i] == 1.0)
    assert outcome(pending, series.rows(len(series) - 1, len(series))) is None


def test_a_small_gain_is_no_buy_that_paid() -> None:
    call = MaturedCall(
        symbol="BTCUSDT", as_of=utc("2025-01-01"), signal=Signal.BUY, probability=0.6, confidence=0.5, realised=0.0015
    )
    assert call.hit
    assert not replace(call, barrier=BARRIER).hit
    assert replace(call, barrier=BARRIER, realised=0.0025).hit
    assert replace(call, barrier=BARRIER, signal=Signal.SELL).hit


def test_after_a_round_trip_every_call_is_the_same_to_the_bit(tmp_path: Path) -> None:
    path, sha256 = save(trained_on_trades(), tmp_path)
    again, series = load(path, sha256), trending_bars().rows(0, 5_000)
    assert content_sha256(again) == trained_on_trades().content_sha256
    mine, theirs = model().forecast(series), again.forecast(series)
    for name in (*ARRAYS, "signal"):
        assert getattr(mine, name).tobytes() == getattr(theirs, name).tobytes(), name


def test_a_direction_is_stored_as_before_and_a_trade_is_no_older_version_s_direction() -> None:
    plain, asked = facts_of(trained().model), facts_of(model())
    assert (plain["schema"], "barrier" in plain) == (2, False)
    assert (asked["schema"], asked["barrier"]) == (3, {"width": 1.5, "cost_ratio": 0.002})
    with pytest.raises(FeatureMismatch, match="schema 2"):
        model_from({**asked, "schema": 2}, arrays_of(model()))
    arrays = {name: array for name, array in arrays_of(model()).items() if not name.startswith("meta.")}
    with pytest.raises(FeatureMismatch, match="incomplete"):
        model_from(asked, arrays)
    assert (target(barrier_of(asked)), target(barrier_of(plain))) == (Target.BARRIER, Target.DIRECTION)


def test_drift_is_looked_for_in_what_buys_came_to() -> None:
    series = trending_bars()
    looks = look_for_drift("m1.1", model(), series, utc("2025-01-01"))
    assert [look.score is not None for look in looks] == [True, True, True]
    assert not looks[2].drifted, "the trend goes on as it was"
