"""Every feature: causal, the same live and in batch to the bit, finite, and explained."""

from __future__ import annotations

from array import array
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.bar import BarSeries
from engine.features.catalogue import FEATURES, NAMES, WARM_UP, matrix, window_matrix
from engine.features.window import BLOCK
from tests.features.by_talib import features
from tests.learning.markets import walk

SERIES = walk(2 * BLOCK + 900, first_block=300, gap=(BLOCK - 3, 40))


def changed_after(series: BarSeries, t: int, seed: int = 9) -> BarSeries:
    """The same bars up to t, and quite another future."""
    other = walk(len(series), seed=seed)

    def joined(name: str) -> array[float]:
        mine: array[float] = getattr(series, name)
        theirs: array[float] = getattr(other, name)
        return mine[: t + 1] + theirs[t + 1 :]

    return replace(
        series, open=joined("open"), high=joined("high"), low=joined("low"), close=joined("close"),
        volume=joined("volume"),
    )  # fmt: skip


@pytest.mark.parametrize("t", [700, BLOCK - 2, BLOCK + 1, 2 * BLOCK + 399])
def test_changing_the_future_changes_no_past_value(t: int) -> None:
    past, again = matrix(SERIES)[: t + 1], matrix(changed_after(SERIES, t))[: t + 1]
    assert [name for k, name in enumerate(NAMES) if past[:, k].tobytes() != again[:, k].tobytes()] == []


@pytest.mark.parametrize("t", [520, 1201, BLOCK - 4, BLOCK - 3, BLOCK, 2 * BLOCK - 41, 2 * BLOCK - 40, 2 * BLOCK + 899])
def test_the_live_row_is_the_batch_row_to_the_bit(t: int) -> None:
    live = matrix(SERIES.rows(0, t + 1), first=t)
    assert live.shape == (1, len(FEATURES))
    assert live.tobytes() == np.ascontiguousarray(matrix(SERIES)[t : t + 1]).tobytes()


@settings(max_examples=25, deadline=None)
@given(t=st.integers(0, len(SERIES) - 1))
def test_any_truncation_gives_the_same_row(t: int) -> None:
    live = matrix(SERIES.rows(0, t + 1), first=t)
    assert live.tobytes() == np.ascontiguousarray(matrix(SERIES, first=t)[:1]).tobytes()


@pytest.mark.parametrize("rounded", [False, True])
def test_every_feature_is_what_talib_makes_of_the_window(rounded: bool) -> None:
    window = SERIES.rows(900, 900 + 3900)
    if rounded:  # closes that stand still, and bars without trade
        for column in (window.open, window.high, window.low, window.close):
            column[:] = array("d", np.round(column, -2))
        window.volume[:] = array("d", [0.0 if i % 7 == 3 else v for i, v in enumerate(window.volume)])
    found, wanted = window_matrix(window)[WARM_UP:], features(window)
    for k, name in enumerate(NAMES):
        np.testing.assert_allclose(found[:, k], wanted[name][WARM_UP:], rtol=1e-8, atol=1e-9, err_msg=name)


def test_after_the_warm_up_every_value_is_finite() -> None:
    values = matrix(SERIES)
    assert np.isnan(values[: WARM_UP - 1]).all()
    assert np.isfinite(values[WARM_UP - 1 :]).all()


def test_prices_that_stand_still_and_no_volume_stay_finite() -> None:
    n = 900
    flat = array("d", [100.0] * n)
    still = replace(walk(n), open=flat, high=flat, low=flat, close=flat, volume=array("d", [0.0] * n))
    assert np.isfinite(matrix(still)[WARM_UP:]).all()


def test_the_unit_of_price_does_not_matter() -> None:
    def divided(column: array[float]) -> array[float]:
        return array("d", [v * 1e-10 for v in column])

    cheap = replace(
        SERIES, open=divided(SERIES.open), high=divided(SERIES.high), low=divided(SERIES.low),
        close=divided(SERIES.close),
    )  # fmt: skip
    compared = [k for k, name in enumerate(NAMES) if name != "money_flow_14"]
    left, right = matrix(SERIES)[WARM_UP:, compared], matrix(cheap)[WARM_UP:, compared]
    np.testing.assert_allclose(left, right, rtol=1e-6, atol=1e-6)


def test_about_forty_features_with_a_name_a_meaning_and_words() -> None:
    assert 39 <= len(FEATURES) <= 45
    assert len(set(NAMES)) == len(NAMES)
    row = matrix(SERIES)[-1]
    for feature, value in zip(FEATURES, row, strict=True):
        assert feature.meaning
        assert feature.family
        assert feature.words(float(value))
