"""Unseen calls as a strategy: each from its own record, nothing of it from what matured later."""

from __future__ import annotations

from array import array
from dataclasses import replace

import numpy as np

from engine.domain.bar import BarSeries
from engine.learning.record import Record
from engine.strategy.calls import BUY, HOLD, SELL
from engine.strategy.unseen import UnseenCalls
from tests.learning.markets import walk

HOUR = 3_600_000


def on_the_grid(series: BarSeries) -> BarSeries:
    """Prices in whole cents."""

    def cents(prices: array[float]) -> array[float]:
        return array("d", np.round(np.array(prices), 2).tobytes())

    return replace(
        series, open=cents(series.open), high=cents(series.high), low=cents(series.low), close=cents(series.close)
    )


SERIES = on_the_grid(walk(3_000, seed=5))


def a_record(first: int = 500, *, skill: float = 0.0, horizon: int = 6) -> Record:
    """Calls of bars `first`.. of the series; `skill` is the share of the truth in them."""
    close = np.array(SERIES.close)
    rows = np.arange(first, len(SERIES) - horizon)
    up = (close[rows + horizon] > close[rows]).astype(np.float64)
    raw = 0.5 + 0.1 * skill * (2 * up - 1) + 0.03 * np.random.default_rng(1).standard_normal(len(rows))
    close_ms = np.array(SERIES.open_ms, dtype=np.int64)[rows] + HOUR
    return Record(raw=raw, said=raw, up=up, close_ms=close_ms, known_ms=close_ms + horizon * HOUR, horizon=horizon)


def test_each_bar_has_its_own_call_and_the_others_none() -> None:
    record = a_record(skill=0.3)
    found = UnseenCalls(record=record).calls(SERIES, 400)
    assert len(found) == len(SERIES) - 400
    assert (found.signal[:100] == HOLD).all()
    assert (found.signal[-6:] == HOLD).all()
    called = found.signal[100:-6]
    assert set(called.tolist()) <= {BUY, SELL, HOLD}
    assert np.mean((called == BUY) == (record.raw > 0.5)) > 0.9, "calibration moves calls near one half alone"
    assert ((found.probability[100:-6] >= 0.5) & (found.probability_low[100:-6] <= found.probability[100:-6])).all()
    assert ((found.confidence[800:-6] >= 0) & (found.confidence[800:-6] <= 1)).all()


def test_the_strongest_calls_have_the_most_confidence() -> None:
    record = a_record()
    found = UnseenCalls(record=record).calls(SERIES)
    rows, strength = np.arange(1_500, len(SERIES) - 6), np.abs(record.raw - 0.5)[1_000:]
    strong, weak = rows[strength > np.quantile(strength, 0.9)], rows[strength < np.quantile(strength, 0.5)]
    assert found.confidence[strong].mean() > found.confidence[weak].mean() + 0.3


def test_what_matures_later_changes_no_earlier_call() -> None:
    record, t = a_record(), 1_200
    at = int(record.close_ms[t])
    other = replace(record, up=np.where(record.known_ms > at, 1 - record.up, record.up))
    one, two = (UnseenCalls(record=r).calls(SERIES) for r in (record, other))
    upto = 500 + t + 1
    for name in ("signal", "probability", "probability_low", "confidence", "skill", "expected_move"):
        assert getattr(one, name)[:upto].tobytes() == getattr(two, name)[:upto].tobytes(), name
    assert one.probability[upto:].tobytes() != two.probability[upto:].tobytes()


def test_bare_calls_are_asked_for_nothing() -> None:
    bare = UnseenCalls(record=a_record(), bare=True)
    found = bare.calls(SERIES)
    assert bare.horizon == 0
    assert np.isnan(found.probability_low).all()
    np.testing.assert_array_equal(found.signal, UnseenCalls(record=a_record()).calls(SERIES).signal)
