"""The vote: better members weigh more, but never all."""

from __future__ import annotations

import numpy as np
import pytest

from engine.learning.ensemble import equal_weights, vote, weights_from


def test_weights_sum_to_one_and_favour_the_better() -> None:
    weights = weights_from({"good": 0.690, "poor": 0.693}, 1_000)
    assert sum(weights.values()) == pytest.approx(1.0)
    assert weights["good"] == pytest.approx(0.25 + 0.5 / (1 + np.exp(-3)), abs=1e-12)


def test_even_the_worst_keeps_half_its_equal_share() -> None:
    assert weights_from({"good": 0.60, "awful": 9.0}, 100_000)["awful"] == pytest.approx(0.25)


def test_few_independent_calls_leave_the_weights_nearly_equal() -> None:
    weights = weights_from({"a": 0.690, "b": 0.693}, 10)
    assert abs(weights["a"] - weights["b"]) < 0.02


def test_the_vote_is_the_weighted_mean() -> None:
    chances = [np.array([0.4, 0.6]), np.array([0.8, 0.2])]
    np.testing.assert_allclose(vote(chances, [0.75, 0.25]), [0.5, 0.5])
    assert equal_weights(["a", "b"]) == {"a": 0.5, "b": 0.5}
