"""Weights: the published uniqueness, a definition spelled out bar by bar, and recency."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.errors import UnusableSample
from engine.learning.weights import (
    DAY_MS,
    draw_chances,
    independent,
    recency,
    row_weights,
    uniqueness,
)

START, END = [0, 2, 4], [3, 4, 6]


def test_the_published_uniqueness() -> None:
    """López de Prado 2018, 4.5.3."""
    np.testing.assert_allclose(uniqueness(START, END), [5 / 6, 3 / 4, 1], atol=1e-12)
    np.testing.assert_allclose(draw_chances(START, END, [1]), [5 / 14, 3 / 14, 6 / 14], atol=1e-12)
    np.testing.assert_allclose(draw_chances(START, END, []), [1 / 3] * 3, atol=1e-12)


lives = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 9)), min_size=1, max_size=15)


@given(lives, st.lists(st.integers(0, 14), max_size=5))
def test_it_is_the_definition_bar_by_bar(labels: list[tuple[int, int]], picks: list[int]) -> None:
    start, end = [s for s, _ in labels], [s + d for s, d in labels]
    drawn = [k % len(labels) for k in picks]
    for i, mean in enumerate(uniqueness(start, end)):
        owned = [1 / sum(s <= t < e for s, e in zip(start, end, strict=True)) for t in range(start[i], end[i])]
        assert mean == pytest.approx(np.mean(owned))
    added = []
    for i in range(len(labels)):
        under_way = [1 + sum(start[k] <= t < end[k] for k in drawn) for t in range(start[i], end[i])]
        added.append(np.mean([1 / c for c in under_way]))
    np.testing.assert_allclose(draw_chances(start, end, drawn), np.array(added) / sum(added), atol=1e-12)


@given(lives, st.integers(1, 3_600_000), st.integers(0, 10**12))
def test_uniqueness_knows_no_units(labels: list[tuple[int, int]], unit: int, shift: int) -> None:
    start, end = np.array([s for s, _ in labels]), np.array([s + d for s, d in labels])
    plain = uniqueness(start, end)
    assert ((plain > 0) & (plain <= 1 + 1e-12)).all()
    np.testing.assert_allclose(uniqueness(start * unit + shift, end * unit + shift), plain, rtol=1e-9)


def test_steady_overlap_makes_rows_worth_one_in_its_length() -> None:
    start = np.arange(500)
    found = uniqueness(start, start + 24)
    assert found[100:400] == pytest.approx(1 / 24)
    assert found[0] > 2 / 24, "the first has the past to itself"


def test_a_year_halves_and_the_mean_is_one() -> None:
    times = np.arange(0, 731) * DAY_MS
    found = recency(times)
    assert (found[-1], found[365], found[0]) == (1.0, 0.5, 0.25)
    assert row_weights(times, times + DAY_MS).mean() == pytest.approx(1)
    np.testing.assert_allclose(row_weights(times, times + DAY_MS), found / found.mean())


def test_equal_weights_are_all_independent() -> None:
    assert independent(np.full(7, 0.3)) == pytest.approx(7)
    assert independent([5, 0, 0]) == 1
    assert independent([0, 0]) == 0


def test_lives_that_are_none_say_why() -> None:
    with pytest.raises(UnusableSample, match="label 1 ends at 2"):
        uniqueness([0, 2], [1, 2])
    with pytest.raises(UnusableSample, match="at least one row"):
        uniqueness([], [])
    with pytest.raises(UnusableSample, match="needs both"):
        uniqueness([0, 1], [1])
    with pytest.raises(UnusableSample, match="not among the 3"):
        draw_chances(START, END, [3])
    with pytest.raises(UnusableSample, match="half-life is 0"):
        recency([0], 0)
