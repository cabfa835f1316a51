"""What came of a prediction: the same as the labels that models learn from, never a later bar's."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.domain.bar import BarSeries
from engine.domain.interval import Interval, from_ms
from engine.domain.outcome import MaturedCall, Outcome, Pending
from engine.domain.signal import Signal
from engine.learning.labels import labels
from engine.learning.maturity import outcome
from tests.builders import bars_at, utc
from tests.learning.markets import walk

CLOSES = [100.0, 101.0, 99.0, 99.0, 104.0]


def pending(bars: BarSeries, i: int, horizon: int) -> Pending:
    """A prediction made at the close of bar i."""
    return Pending(
        version_id="m1.1", symbol=bars.symbol, interval=bars.interval, horizon=horizon, price=bars.close[i],
        as_of=from_ms(bars.open_ms[i] + bars.interval.ms),
    )  # fmt: skip


def test_it_is_the_move_to_the_close_a_horizon_later() -> None:
    bars = bars_at("2025-01-01", CLOSES)
    found = outcome(pending(bars, 0, 2), bars)
    assert found == Outcome(
        version_id="m1.1", symbol=bars.symbol, as_of=utc("2025-01-01 01:00"), realised=math.log(99) - math.log(100),
        matured_at=utc("2025-01-01 03:00"),
    )  # fmt: skip


def test_before_its_horizon_has_passed_nobody_knows() -> None:
    bars = bars_at("2025-01-01", CLOSES)
    assert outcome(pending(bars, 2, 3), bars) is None
    assert outcome(pending(bars, 1, 3), bars) is not None
    assert outcome(pending(bars, 1, 3), bars.rows(0, 4)) is None
    assert outcome(pending(bars, 0, 1), bars.rows(3, 5)) is None  # bars that begin after it say nothing
    assert outcome(pending(bars, 0, 1), BarSeries.empty(bars.symbol, Interval.H1)) is None


def test_a_gap_is_never_filled_by_a_later_bar() -> None:
    bars = walk(40, gap=(20, 3))
    lost = outcome(pending(bars, 18, 2), bars)
    assert lost is not None
    assert lost.realised is None


@pytest.mark.parametrize("horizon", [1, 5, 24])
def test_models_are_judged_by_what_they_learn_from(horizon: int) -> None:
    bars = walk(200, gap=(120, 2))
    known = labels(bars, horizon)
    for i in range(len(bars)):
        found = outcome(pending(bars, i, horizon), bars)
        told = math.nan if found is None or found.realised is None else found.realised
        assert np.isclose(told, known.log_return[i], rtol=0, atol=0, equal_nan=True), i


@pytest.mark.parametrize(
    ("signal", "realised", "hit", "up"),
    [(Signal.BUY, 0.01, True, 0.6), (Signal.BUY, 0.0, False, 0.6), (Signal.SELL, 0.01, False, 0.4),
     (Signal.SELL, -0.01, True, 0.4), (Signal.SELL, 0.0, True, 0.4)],
)  # fmt: skip
def test_a_hit_is_a_direction_that_came_true(signal: Signal, realised: float, hit: bool, up: float) -> None:
    call = MaturedCall(
        symbol="BTCUSDT", as_of=utc("2025-01-01"), signal=signal, probability=0.6, confidence=0.5, realised=realised
    )
    assert call.hit is hit
    assert call.probability_up == pytest.approx(up)
