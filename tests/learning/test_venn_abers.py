"""Venn-Abers: the published vector, scikit-learn's isotonic regression as the judge, and what it promises."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from engine.domain.errors import UnusableSample
from engine.learning.venn_abers import VennAbers, merged
from engine.statistics.scores import brier

SCORES, UP = np.array([0.1, 0.4, 0.35, 0.8]), np.array([0.0, 1, 0, 1])
ASKED = np.array([0.2, 0.5, 0.9])


def test_the_published_vector() -> None:
    """The README of CRAN's vennabers."""
    found = VennAbers.fit(SCORES, UP)
    np.testing.assert_allclose(found.bounds(ASKED), [[0, 0.5], [0.5, 1], [2 / 3, 1]], atol=1e-12)
    p = merged(found.bounds(ASKED))
    np.testing.assert_allclose(p, [1 / 3, 2 / 3, 3 / 4], atol=1e-12)
    assert brier(p, np.array([0.0, 1, 1])) == pytest.approx(0.09490741, abs=5e-9)


grid = st.integers(0, 8).map(lambda k: k / 8)


@given(st.lists(st.tuples(grid, st.booleans()), min_size=2, max_size=30), grid, st.integers(1, 4))
def test_it_is_the_isotonic_fit_with_the_row_added(rows: list[tuple[float, bool]], asked: float, overlap: int) -> None:
    score, up = np.array([r[0] for r in rows]), np.array([float(r[1]) for r in rows])
    found = VennAbers.fit(score, up, overlap).bounds(np.array([asked]))[0]
    weight = np.append(np.ones(len(up)), overlap)
    for value, end in zip(found, (0.0, 1.0), strict=True):
        judge = IsotonicRegression().fit(np.append(score, asked), np.append(up, end), sample_weight=weight)
        assert value == pytest.approx(judge.predict([asked])[0], abs=1e-9)


@given(st.integers(0, 300))
def test_bounds_are_ordered_rise_with_the_score_and_hold_the_merged(seed: int) -> None:
    rng = np.random.default_rng(seed)
    score = rng.random(50)
    model = VennAbers.fit(score, (rng.random(50) < score).astype(np.float64))
    found = model.apply(np.linspace(-0.2, 1.2, 40))
    assert (found[:, 1] <= found[:, 0] + 1e-12).all()
    assert (found[:, 0] <= found[:, 2] + 1e-12).all()
    assert (np.diff(found[:, 1:], axis=0) >= -1e-12).all()
    assert (found >= 0).all()
    assert (found <= 1).all()


def test_scores_count_by_their_order_alone() -> None:
    rng = np.random.default_rng(2)
    score, asked = rng.random(60), rng.random(9)
    up = (rng.random(60) < score).astype(np.float64)
    plain = VennAbers.fit(score, up).bounds(asked)
    np.testing.assert_array_equal(plain, VennAbers.fit(np.exp(3 * score), up).bounds(np.exp(3 * asked)))


def test_more_rows_narrow_it_and_overlap_widens_it() -> None:
    rng = np.random.default_rng(3)
    score = rng.random(4_000)
    up = (rng.random(4_000) < score).astype(np.float64)

    def width(rows: int, overlap: int) -> float:
        found = VennAbers.fit(score[:rows], up[:rows], overlap).bounds(np.linspace(0.1, 0.9, 30))
        return float((found[:, 1] - found[:, 0]).mean())

    assert width(4_000, 1) < width(400, 1)
    assert width(4_000, 24) > 2 * width(4_000, 1)


def test_what_it_says_comes_true() -> None:
    """One of the two ends is calibrated whichever the outcome was; merged, both are near."""
    rng = np.random.default_rng(4)
    z = rng.standard_normal(3_000)
    truth = 1 / (1 + np.exp(-z))
    up = (rng.random(3_000) < truth).astype(np.float64)
    model = VennAbers.fit(z[:2_000], up[:2_000])
    found = model.apply(z[2_000:])
    assert np.mean(found[:, 0]) == pytest.approx(up[2_000:].mean(), abs=0.04)
    assert np.abs(found[:, 0] - truth[2_000:]).mean() < 0.06


def test_a_row_alone_is_the_row_among_others_and_restored_it_is_the_same() -> None:
    model = VennAbers.fit(SCORES, UP, 3)
    batch = model.bounds(np.append(ASKED, np.nan))
    assert model.bounds(ASKED[1:2]).tobytes() == batch[1:2].tobytes()
    assert np.isnan(batch[-1]).all()
    assert VennAbers.restore(model.arrays()).bounds(ASKED).tobytes() == batch[:3].tobytes()


def test_rows_that_cannot_teach_it_are_refused() -> None:
    with pytest.raises(UnusableSample, match="neither 0 nor 1"):
        VennAbers.fit(SCORES, SCORES)
    with pytest.raises(UnusableSample, match="at least 2"):
        VennAbers.fit(SCORES[:1], UP[:1])
    with pytest.raises(UnusableSample, match="no finite"):
        VennAbers.fit(np.array([0.1, np.nan]), np.array([0.0, 1.0]))
    with pytest.raises(UnusableSample, match="overlap is 0"):
        VennAbers.fit(SCORES, UP, 0)
