"""Flattened trees: a stored tree that would loop or read beyond its nodes is refused."""

from __future__ import annotations

import numpy as np
import pytest

from engine.learning.members.trees import Branches, Trees


def stump() -> Trees:
    one = Branches(
        feature=np.array([0, -2, -2]),
        threshold=np.array([1.5, 0.0, 0.0]),
        left=np.array([1, -1, -1]),
        right=np.array([2, -1, -1]),
        value=np.array([0.0, 0.25, 0.75]),
    )
    return Trees.joined([one, one])


def test_rows_fall_left_at_the_threshold_and_right_above_it() -> None:
    sums = stump().sums(np.array([[1.5], [1.5000001], [9.0]]), narrow=False)
    assert sums.tolist() == [0.5, 1.5, 1.5]


def test_a_narrow_tree_sees_what_float32_sees() -> None:
    assert stump().sums(np.array([[1.5 + 1e-9]]), narrow=True).tolist() == [0.5]


@pytest.mark.parametrize("child", [0, -5, 99])
def test_a_child_that_would_loop_or_escape_is_refused(child: int) -> None:
    arrays = {name: array.copy() for name, array in stump().arrays().items()}
    arrays["left"][0] = child
    with pytest.raises(ValueError, match="child"):
        Trees.restored(arrays)


def test_a_root_outside_the_nodes_is_refused() -> None:
    arrays = {name: array.copy() for name, array in stump().arrays().items()}
    arrays["roots"][1] = 6
    with pytest.raises(ValueError, match="root"):
        Trees.restored(arrays)
