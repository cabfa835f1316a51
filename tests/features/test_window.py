"""The anchored window: live equals batch to the bit, and the future changes nothing."""

from __future__ import annotations

from array import array

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.domain.bar import BarSeries
from engine.domain.interval import Interval, from_ms
from engine.features.window import BLOCK, anchored, anchored_from, window_start
from tests.learning.markets import walk


def running_sum(window: BarSeries) -> NDArray[np.float64]:
    """Depends on every bar of its window: a wrong window shows at once."""
    return np.cumsum(np.asarray(window.close, dtype=np.float64))


def test_a_row_sees_its_block_and_the_one_before() -> None:
    series = walk(3 * BLOCK, first_block=10)
    rows = anchored(series, running_sum)
    close = np.asarray(series.close)
    assert rows[BLOCK + 5] == np.cumsum(close[: BLOCK + 6])[-1]
    assert rows[2 * BLOCK + 5] == np.cumsum(close[BLOCK : 2 * BLOCK + 6])[-1]


@pytest.mark.parametrize("last", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 2 * BLOCK + 700])
def test_the_live_row_is_the_batch_row_to_the_bit(last: int) -> None:
    series = walk(2 * BLOCK + 900, first_block=10, gap=(BLOCK - 3, 40))
    batch = anchored(series, running_sum)
    live = anchored(series.rows(0, last + 1), running_sum, first=last)
    assert live.tobytes() == batch[last : last + 1].tobytes()


def test_bars_before_the_window_are_not_needed() -> None:
    series = walk(3 * BLOCK, first_block=10)
    n = len(series)
    at = series.last_close_at
    assert at is not None
    short = series.between(window_start(at, series.interval), None)
    assert len(short) == 2 * BLOCK
    assert anchored(short, running_sum, first=len(short) - 1)[0] == anchored(series, running_sum, first=n - 1)[0]


def test_rows_without_enough_warm_up_are_nan() -> None:
    series = walk(700, first_block=10)
    rows = anchored(series, running_sum, warm_up=512)
    assert np.isnan(rows[:511]).all()
    assert np.isfinite(rows[511:]).all()


def test_after_a_gap_longer_than_a_block_the_window_warms_up_again() -> None:
    series = walk(2000, first_block=10, gap=(1000, 3 * BLOCK))
    rows = anchored(series, running_sum, warm_up=512)
    cold = np.isnan(rows[1000:])
    assert cold[:511].all()
    assert not cold[511:].any()


def test_an_empty_ask_keeps_the_width() -> None:
    series = walk(10, first_block=10)
    two = anchored(series, lambda w: np.zeros((len(w), 2)), first=10)
    assert two.shape == (0, 2)


def test_a_compute_that_drops_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="one per bar"):
        anchored(walk(10, first_block=10), lambda w: np.zeros(1))


def test_a_position_outside_the_series_is_refused() -> None:
    with pytest.raises(ValueError, match=r"within 0\.\.10"):
        anchored(walk(10, first_block=10), running_sum, first=11)


def test_the_first_block_has_no_block_before_it() -> None:
    series = BarSeries(
        symbol="X", interval=Interval.H1, open_ms=array("q", [0]), open=array("d", [1.0]), high=array("d", [1.0]),
        low=array("d", [1.0]), close=array("d", [1.0]), volume=array("d", [1.0]),
    )  # fmt: skip
    assert anchored(series, running_sum).tolist() == [1.0]
    assert window_start(from_ms(Interval.H1.ms), Interval.H1) == from_ms(0)


def test_rows_that_are_asked_for_from_a_position_on_are_those_of_the_whole() -> None:
    asked: list[int] = []

    def compute(window: BarSeries, first: int) -> NDArray[np.float64]:
        asked.append(first)
        return running_sum(window)[first:]

    series = walk(3 * BLOCK, first_block=10)
    whole = anchored(series, running_sum)
    for first in (0, BLOCK - 7, len(series) - 1):
        assert np.array_equal(anchored_from(series, compute, first), whole[first:])
    assert asked[-1] == 2 * BLOCK - 1
    with pytest.raises(ValueError, match="one per bar"):
        anchored_from(series, lambda window, first: compute(window, first)[1:], 5)
