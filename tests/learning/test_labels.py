"""Labels: a direction over time, not over positions, and never learned before it was known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.domain.interval import Interval
from engine.learning.labels import known_before, labels
from tests.builders import bars_at

HOUR = Interval.H1.ms


def test_the_label_is_the_log_return_over_the_horizon() -> None:
    found = labels(bars_at("2025-01-01", [100, 110, 99, 99]), 1)
    np.testing.assert_allclose(found.log_return[:3], [math.log(1.1), math.log(0.9), 0.0], atol=1e-15)
    assert math.isnan(found.log_return[3])


def test_a_close_where_it_was_is_no_rise() -> None:
    up = labels(bars_at("2025-01-01", [100, 110, 99, 99]), 1).up
    assert up[:3].tolist() == [1.0, 0.0, 0.0]
    assert math.isnan(up[3])


def test_a_horizon_that_ends_in_a_gap_has_no_label() -> None:
    found = labels(bars_at("2025-01-01", [100, 101, 102, 103, 104], without=[2]), 1)
    # Bars 0, 1, 3, 4: from bar 1 the next hour is missing; bar 3 must not stand in for it.
    assert np.isnan(found.log_return).tolist() == [False, True, False, True]


def test_a_label_is_known_at_the_close_that_ends_its_horizon() -> None:
    series = bars_at("2025-01-01", [100, 101, 102, 103])
    assert labels(series, 2).known_ms[0] == series.open_ms[2] + HOUR


def test_the_purge_keeps_only_labels_known_by_then() -> None:
    series = bars_at("2025-01-01", [100.0 + i for i in range(10)])
    found = labels(series, 3)
    at_close_of_bar_6 = series.open_ms[6] + HOUR
    assert known_before(found.known_ms, np.arange(7), at_close_of_bar_6).tolist() == [0, 1, 2, 3]


def test_no_bars_no_labels() -> None:
    assert len(labels(bars_at("2025-01-01", [1.0]).rows(0, 0), 1).log_return) == 0


def test_a_horizon_below_one_bar_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1 bar"):
        labels(bars_at("2025-01-01", [1.0]), 0)
