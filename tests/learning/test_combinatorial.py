"""Combinatorial purged cross-validation: published counts, a purge that leaks nothing, paths that are whole."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.errors import UnusableSample
from engine.learning.combinatorial import Rows, groups, n_paths, path_rows, paths, purged, splits

HOUR = 3_600_000


def times(n: int, horizon: int) -> tuple[Rows, Rows]:
    close = np.arange(1, n + 1, dtype=np.int64) * HOUR
    return close, close + horizon * HOUR


@pytest.mark.parametrize(("n", "k", "split", "path"), [(6, 2, 15, 5), (10, 2, 45, 9), (6, 3, 20, 10), (5, 1, 5, 1)])
def test_the_published_counts(n: int, k: int, split: int, path: int) -> None:
    close, known = times(40 * n, 1)
    assert split == len(list(splits(close, known, n_groups=n, n_tested=k)))
    assert n_paths(n, k) == path == len(paths(n, k))


@given(st.integers(30, 120), st.integers(2, 7), st.integers(1, 3), st.integers(1, 6), st.integers(0, 6))
def test_nothing_that_teaches_shares_time_with_what_is_judged(
    n: int, n_groups: int, n_tested: int, horizon: int, embargo: int
) -> None:
    n_tested = min(n_tested, n_groups - 1)
    close, known = times(n, horizon)
    try:
        found = list(splits(close, known, n_groups=n_groups, n_tested=n_tested, embargo_ms=embargo * HOUR))
    except UnusableSample:
        return
    for split in found:
        assert not set(split.teach) & set(split.judge)
        for i in split.teach:
            shared = (known[i] > close[split.judge]) & (close[i] < known[split.judge])
            assert not shared.any()
            after = close[i] - known[split.judge]
            assert not ((after >= 0) & (after < embargo * HOUR)).any()


def test_the_purge_takes_no_more_than_it_must() -> None:
    close, known = times(100, 3)
    teach = purged(close, known, [np.arange(40, 60)], embargo_ms=5 * HOUR)
    # Before: labels known by row 40's close stay. After: row 59's label is known 3 bars on, then 5 of embargo.
    assert teach.tolist() == [*range(38), *range(67, 100)]
    assert purged(close, known, [np.arange(40, 60)]).tolist() == [*range(38), *range(62, 100)]


@given(st.integers(2, 9), st.integers(1, 8))
def test_every_path_is_whole_and_each_group_is_tested_elsewhere(n_groups: int, n_tested: int) -> None:
    n_tested = min(n_tested, n_groups - 1)
    close, known = times(20 * n_groups, 1)
    try:
        found = list(splits(close, known, n_groups=n_groups, n_tested=n_tested))
    except UnusableSample:
        return
    ways = paths(n_groups, n_tested)
    for g in range(n_groups):
        assert len(set(ways[:, g].tolist())) == len(ways), "each path has another split for a group"
        assert all(g in found[s].groups for s in ways[:, g])
    answers = [split.judge.astype(np.float64) for split in found]
    whole = path_rows(answers, found, n_groups)
    np.testing.assert_array_equal(whole, np.tile(np.arange(len(close)), (len(ways), 1)))


def test_a_gap_in_time_is_heeded() -> None:
    close = np.concatenate([np.arange(1, 51), np.arange(500, 550)]).astype(np.int64) * HOUR
    known = close + 24 * HOUR
    teach = purged(close, known, [np.arange(50, 60)])
    assert teach.tolist() == [*range(50), *range(83, 100)], "the gap has purged the rows before it already"


def test_groups_follow_each_other() -> None:
    parts = groups(103, 6)
    assert np.concatenate(parts).tolist() == list(range(103))
    assert all(b[0] == a[-1] + 1 for a, b in pairwise(parts))


def test_rows_that_cannot_be_split_say_why() -> None:
    close, known = times(60, 1)
    with pytest.raises(UnusableSample, match="6 of 6 groups"):
        next(splits(close, known, n_groups=6, n_tested=6))
    with pytest.raises(UnusableSample, match="at least 12"):
        next(splits(close[:11], known[:11]))
    with pytest.raises(UnusableSample, match="in order of time"):
        next(splits(close[::-1], known[::-1]))
    with pytest.raises(UnusableSample, match="known after its call"):
        next(splits(close, close))
    with pytest.raises(UnusableSample, match="nothing to learn from"):
        list(splits(close, known + 60 * HOUR))
    with pytest.raises(UnusableSample, match="embargo"):
        next(splits(close, known, embargo_ms=-1))
