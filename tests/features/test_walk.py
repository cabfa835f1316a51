"""Followed from bar to bar, a window's newest row is the batch's row, to the bit, whatever the series shows."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.bar import BarSeries
from engine.features.catalogue import WARM_UP, matrix
from engine.features.walk import Walk
from engine.features.window import BLOCK
from tests.learning.markets import walk

SERIES = walk(2 * BLOCK + 300, first_block=300, gap=(BLOCK - 3, 40))
ROWS = matrix(SERIES)


def upto(n: int, series: BarSeries = SERIES) -> BarSeries:
    """The first n bars, from far enough back."""
    return series.rows(max(0, n - 2 * BLOCK), n)


def test_every_close_gives_the_batchs_row_and_costs_one_bar() -> None:
    follower = Walk()
    for n in (*range(500, 620), *range(BLOCK - 6, BLOCK + 6), *range(2 * BLOCK - 50, 2 * BLOCK + 300)):
        found = follower.newest(upto(n))
        assert found.x.tobytes() == ROWS[n - 1 : n].tobytes(), n
    assert found.fresh == 1


def test_what_is_asked_again_is_not_walked_again() -> None:
    follower = Walk()
    first = follower.newest(upto(1500))
    again = follower.newest(upto(1500))
    assert (first.fresh, again.fresh) == (1500, 0)
    assert first.x.tobytes() == again.x.tobytes() == ROWS[1499:1500].tobytes()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, len(SERIES)), min_size=2, max_size=6))
def test_bars_may_be_left_out_and_gone_back_to(lengths: list[int]) -> None:
    follower = Walk()
    for n in lengths:
        assert follower.newest(upto(n)).x.tobytes() == ROWS[n - 1 : n].tobytes()


def test_a_bar_that_was_put_right_counts_as_it_is_now() -> None:
    follower = Walk()
    follower.newest(upto(1500))
    for name in ("open", "high", "low", "close", "volume"):
        changed = SERIES.rows(0, len(SERIES))
        getattr(changed, name)[1200] *= 1.0000001
        found = follower.newest(upto(1501, changed))
        assert found.fresh == 1501
        assert found.x.tobytes() == matrix(upto(1501, changed), 1500).tobytes()


def test_a_bar_that_came_late_counts_too() -> None:
    follower = Walk()
    lacking = upto(1500)
    for name in ("open_ms", "open", "high", "low", "close", "volume"):
        del getattr(lacking, name)[1300]
    assert follower.newest(lacking).x.tobytes() == matrix(lacking, len(lacking) - 1).tobytes()
    assert follower.newest(upto(1500)).x.tobytes() == ROWS[1499:1500].tobytes()


def test_too_young_a_window_knows_nothing() -> None:
    follower = Walk()
    assert np.isnan(follower.newest(upto(WARM_UP - 1)).x).all()
    assert np.isfinite(follower.newest(upto(WARM_UP)).x).all()
