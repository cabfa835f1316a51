"""Intervals of means without resampling: what resampling gives, and an AUC's influence by leaving rows out."""

from __future__ import annotations

import numpy as np
import pytest

from engine.domain.errors import UnusableSample
from engine.statistics import scores
from engine.statistics.bootstrap import interval
from engine.statistics.means import mean_interval


def remembering(n: int, share: float, seed: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    shocks, values = np.random.default_rng(seed).standard_normal(n), np.zeros(n)
    for t in range(1, n):
        values[t] = share * values[t - 1] + shocks[t]
    return values


@pytest.mark.parametrize("share", [0.0, 0.6])
def test_it_is_what_resampling_gives(share: float) -> None:
    values = remembering(2_000, share, 3)
    drawn, told = interval(values, seed=1), mean_interval(values)
    assert told.value == pytest.approx(drawn.value)
    assert told.high - told.low == pytest.approx(drawn.high - drawn.low, rel=0.12)


def test_nineteen_in_twenty_hold_the_mean() -> None:
    held = [found.low <= 0 <= found.high for found in (mean_interval(remembering(800, 0.5, k)) for k in range(300))]
    assert 0.91 <= np.mean(held) <= 0.98


def test_a_block_may_be_asked_for_and_holes_are_refused() -> None:
    values = np.convolve(remembering(2_000, 0.0, 5), np.ones(24) / 24)[:2_000]
    wide, asked = mean_interval(values), mean_interval(values, least_block=200.0)
    assert asked.block == 200.0 > wide.block
    assert mean_interval(values, least_block=1e9).block == pytest.approx(2_000 / 3)
    with pytest.raises(UnusableSample):
        mean_interval(np.ones(100))
    with pytest.raises(UnusableSample):
        mean_interval(np.append(values, np.nan))


def test_the_auc_s_influence_is_what_leaving_a_row_out_does() -> None:
    rng = np.random.default_rng(2)
    p, y = np.round(rng.random(120), 2), (rng.random(120) < 0.4).astype(np.float64)
    told, whole = scores.auc_influence(p, y), scores.auc(p, y)
    without = np.array([whole - scores.auc(np.delete(p, k), np.delete(y, k)) for k in range(120)]) * 119
    assert told.mean() == pytest.approx(0.0, abs=1e-12)
    np.testing.assert_allclose(told, without, atol=0.03)
    assert np.corrcoef(told, without)[0, 1] > 0.999
    assert np.isnan(scores.auc_influence(p, np.ones(120))).all()
