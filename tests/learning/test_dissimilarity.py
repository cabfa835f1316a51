"""Dissimilarity: new bars of the same market are at home, another market's are strange, and nothing else matters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.errors import UnusableSample
from engine.learning.dissimilarity import LIMIT, Domain
from engine.learning.kernels.compiled import Matrix


def features(n: int, seed: int, k: int = 6) -> Matrix:
    """Features that remember one another, as bars' do."""
    rng = np.random.default_rng(seed)
    out = np.empty((n, k))
    last = np.zeros(k)
    for i in range(n):
        last = 0.9 * last + rng.standard_normal(k)
        out[i] = last
    return np.asarray(out * np.array([1.0, 100.0, 0.01, 5.0, 1.0, 1.0])[:k])


def test_more_of_the_same_is_at_home() -> None:
    x = features(6_000, 1)
    found = Domain.of(x[:4_000], overlap=24).strangeness(x[4_100:])
    assert np.mean(found > LIMIT) <= 0.03
    assert 0.3 < np.mean(found) < 0.7


def test_what_was_never_seen_is_strange() -> None:
    x = features(3_000, 2)
    far = x[-50:].copy()
    far[:, 1] += 1_500.0
    assert (Domain.of(x).strangeness(far) > LIMIT).mean() > 0.9


@given(st.integers(0, 50))
def test_a_row_that_was_learned_from_is_never_strange(seed: int) -> None:
    x = features(120, seed)
    assert (Domain.of(x).strangeness(x) == 0).all()


def test_the_nearest_is_the_nearest() -> None:
    x = features(300, 3)
    domain = Domain.of(x)
    asked = features(20, 4)
    z = (asked - domain.mean) / domain.scale
    distance = np.sqrt(((z[:, None] - domain.rows[None]) ** 2).mean(axis=2)).min(axis=1)
    expected = np.searchsorted(domain.distances, distance) / len(domain.distances)
    np.testing.assert_allclose(domain.strangeness(asked), expected, atol=1.5 / len(domain.distances))


def test_a_row_alone_is_the_row_among_others_and_holes_stay_holes() -> None:
    domain = Domain.of(features(500, 5))
    asked = features(9, 6)
    asked[3, 2] = np.nan
    found = domain.strangeness(asked)
    assert np.isnan(found).tolist() == [i == 3 for i in range(9)]
    assert domain.strangeness(asked[5:6]).tobytes() == found[5:6].tobytes()
    assert Domain.restore(domain.arrays()).strangeness(asked).tobytes() == found.tobytes()


def test_too_few_rows_are_no_experience() -> None:
    with pytest.raises(UnusableSample, match="at least 100"):
        Domain.of(features(99, 1))
    with pytest.raises(UnusableSample, match="no finite"):
        Domain.of(np.full((200, 3), np.nan))
