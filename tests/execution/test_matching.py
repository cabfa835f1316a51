"""Fill simulation, bar by bar."""

from __future__ import annotations

import numpy as np
import pytest

from engine.domain.errors import InvalidBar
from engine.execution.matching import (
    ACCEPTED,
    NOT_TOUCHED,
    STOPPED,
    TARGETED,
    TOO_POOR,
    TOO_SMALL,
    accept_buy,
    intrabar,
    limit_buy,
    tick_columns,
    to_ticks,
)
from engine.kernel.grid import Grid
from tests.builders import instrument


@pytest.mark.parametrize(
    ("opened", "high", "low", "expected"),
    [
        (100, 105, 95, (NOT_TOUCHED, 0)),
        (100, 105, 90, (STOPPED, 90)),
        (100, 110, 95, (TARGETED, 110)),
        (100, 110, 90, (STOPPED, 90)),  # both: the stop wins
        (88, 120, 80, (STOPPED, 88)),  # a gap down fills at the open
        (112, 115, 80, (TARGETED, 110)),  # beyond the target it rests at its own price, before the low is reached
        (90, 95, 90, (STOPPED, 90)),
    ],
)
def test_a_bar_meets_a_stop_at_90_and_a_target_at_110(
    opened: int, high: int, low: int, expected: tuple[int, int]
) -> None:
    assert intrabar(opened, high, low, 90, 110) == expected


def test_an_absent_stop_or_target_is_never_touched() -> None:
    assert intrabar(100, 1_000, 1, 0, 0) == (NOT_TOUCHED, 0)
    assert intrabar(100, 1_000, 1, 0, 500) == (TARGETED, 500)


def test_a_limit_buy_fills_at_its_price_or_better() -> None:
    assert [limit_buy(100, low, 95) for low in (96, 95, 90)] == [0, 95, 95]
    assert limit_buy(93, 90, 95) == 93


def test_the_venue_takes_only_what_is_paid_and_large_enough() -> None:
    grid = Grid(10, 1_000, 5_000)
    assert accept_buy(10, 50, 5_000, grid) == ACCEPTED
    assert accept_buy(10, 50, 4_999, grid) == TOO_POOR
    assert accept_buy(9, 50, 5_000, grid) == TOO_SMALL
    assert accept_buy(2**40, 2**40, 10**18, grid) == TOO_POOR  # the product would overflow


def test_observed_prices_become_ticks_or_are_refused() -> None:
    assert to_ticks(64_123.45, instrument()) == 6_412_345
    assert tick_columns([0.01, 1e6], instrument()).tolist() == [1, 100_000_000]
    for wrong in (100.005, 0.0, -1.0, np.nan, np.inf, 1e16):
        with pytest.raises(InvalidBar, match="tick"):
            to_ticks(wrong, instrument())
