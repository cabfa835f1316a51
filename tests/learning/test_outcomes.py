"""How stored predictions came true, after their horizon and never before."""

from __future__ import annotations

import math

from engine.domain.bar import BarSeries
from engine.domain.interval import from_ms
from engine.domain.signal import Prediction, Signal
from engine.learning.outcomes import came_true, outcomes
from tests.builders import bars_at

SERIES = bars_at("2025-01-01", [100, 110, 105, 120], without=[])


def call(series: BarSeries, i: int, signal: Signal, *, horizon: int = 1, confidence: float = 0.9) -> Prediction:
    return Prediction(
        symbol=series.symbol, horizon=horizon, as_of=from_ms(series.open_ms[i] + series.interval.ms),
        price=series.close[i], signal=signal, probability=0.55, probability_low=0.52, probability_high=0.58,
        confidence=confidence, expected_move=0.01, volatility=0.012,
    )  # fmt: skip


def test_right_and_wrong_are_told_at_the_end_of_the_horizon() -> None:
    rise, fall = outcomes([call(SERIES, 0, Signal.BUY), call(SERIES, 1, Signal.BUY)], SERIES)
    assert rise.right is True
    assert rise.log_return == math.log(1.1)
    assert fall.right is False


def test_a_sell_is_right_when_price_falls() -> None:
    (found,) = outcomes([call(SERIES, 1, Signal.SELL)], SERIES)
    assert found.right is True


def test_what_is_not_yet_known_stays_unknown() -> None:
    (late,) = outcomes([call(SERIES, 2, Signal.BUY, horizon=2)], SERIES)
    assert late.right is None
    assert late.log_return is None
    assert late.due_at == from_ms(SERIES.open_ms[3]) + 2 * SERIES.interval.duration


def test_a_missing_bar_leaves_it_unknown() -> None:
    gap = bars_at("2025-01-01", [100, 110, 105, 120], without=[2])
    (found,) = outcomes([call(gap, 1, Signal.BUY)], gap)
    assert found.right is None


def test_the_record_by_confidence() -> None:
    calls = [
        call(SERIES, 0, Signal.BUY, confidence=0.95),
        call(SERIES, 1, Signal.BUY, confidence=0.85),
        call(SERIES, 2, Signal.SELL, confidence=0.1),
        call(SERIES, 2, Signal.HOLD, confidence=0.1),
        call(SERIES, 3, Signal.BUY, confidence=0.95),
    ]
    bands = came_true(outcomes(calls, SERIES))
    assert [(band.n, band.right if band.n else None) for band in bands] == [
        (1, 0.0), (0, None), (0, None), (0, None), (2, 0.5),
    ]  # fmt: skip
