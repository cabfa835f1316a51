"""Reasons come from what moved this prediction, not from what looks remarkable."""

from __future__ import annotations

import numpy as np

from engine.features.catalogue import FEATURES, NAMES
from engine.learning.kernels.compiled import Column
from engine.learning.reasons import pushes, reasons

MEDIANS = np.zeros(len(NAMES))


def row(**values: float) -> Column:
    found = MEDIANS.copy()
    for name, value in values.items():
        found[NAMES.index(name)] = value
    return found


def test_a_remarkable_value_that_the_model_ignores_is_no_reason() -> None:
    at = row(rsi_14=5.0, return_24=2.0)
    found = pushes(at, MEDIANS, FEATURES, lambda x: 0.5 + 0.03 * x[:, NAMES.index("return_24")])
    assert reasons(found) == ("24-bar momentum strongly up (momentum: 6.0 points up)",)


def test_families_are_told_hardest_first_with_their_direction() -> None:
    at = row(rsi_14=27.0, return_24=1.0)
    found = pushes(
        at, MEDIANS, FEATURES,
        lambda x: 0.5 + 0.002 * x[:, NAMES.index("rsi_14")] - 0.02 * x[:, NAMES.index("return_24")],
    )  # fmt: skip
    assert reasons(found) == (
        "RSI 27, oversold (oscillators: 5.4 points up)",
        "24-bar momentum up (momentum: 2.0 points down)",
    )


def test_within_a_family_the_feature_that_pushes_the_familys_way_speaks() -> None:
    at = row(return_24=2.0, return_3=1.0)
    found = pushes(
        at, MEDIANS, FEATURES,
        lambda x: 0.5 + 0.03 * x[:, NAMES.index("return_24")] - 0.05 * x[:, NAMES.index("return_3")],
    )  # fmt: skip
    assert found[0].amount > 0
    assert found[0].words == "24-bar momentum strongly up"


def test_where_nothing_moves_the_call_it_says_so() -> None:
    found = pushes(row(rsi_14=5.0), MEDIANS, FEATURES, lambda x: np.full(len(x), 0.5))
    assert reasons(found) == ("no family of features moves this call: all are near their usual values",)
