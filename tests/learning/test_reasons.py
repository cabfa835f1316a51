"""Reasons come from what moved this prediction, not from what looks remarkable."""

from __future__ import annotations

import numpy as np

from engine.features.catalogue import FEATURES, NAMES
from engine.learning.kernels.compiled import Column
from engine.learning.reasons import account, shapley

MEDIANS = np.zeros(len(NAMES))


def row(**values: float) -> Column:
    found = MEDIANS.copy()
    for name, value in values.items():
        found[NAMES.index(name)] = value
    return found


def test_a_remarkable_value_that_the_model_ignores_is_no_reason() -> None:
    at = row(rsi_14=5.0, return_24=2.0)
    found = account(at, MEDIANS, FEATURES, lambda x: 0.5 + 0.03 * x[:, NAMES.index("return_24")])
    assert found.reasons() == ("24-bar momentum strongly up (momentum: 6.0 points up)",)


def test_families_are_told_hardest_first_with_their_direction() -> None:
    at = row(rsi_14=27.0, return_24=1.0)
    found = account(
        at, MEDIANS, FEATURES,
        lambda x: 0.5 + 0.002 * x[:, NAMES.index("rsi_14")] - 0.02 * x[:, NAMES.index("return_24")],
    )  # fmt: skip
    assert found.reasons() == (
        "RSI 27, oversold (oscillators: 5.4 points up)",
        "24-bar momentum up (momentum: 2.0 points down)",
    )


def test_within_a_family_the_feature_that_pushes_the_familys_way_speaks() -> None:
    at = row(return_24=2.0, return_3=1.0)
    found = account(
        at, MEDIANS, FEATURES,
        lambda x: 0.5 + 0.03 * x[:, NAMES.index("return_24")] - 0.05 * x[:, NAMES.index("return_3")],
    ).pushes  # fmt: skip
    assert found[0].amount > 0
    assert found[0].words == "24-bar momentum strongly up"


def test_where_nothing_moves_the_call_it_says_so() -> None:
    found = account(row(rsi_14=5.0), MEDIANS, FEATURES, lambda x: np.full(len(x), 0.5))
    assert found.reasons() == ("no family of features moves this call: all are near their usual values",)


def test_the_pushes_add_up_to_the_chance_whatever_the_features_do_together() -> None:
    rng = np.random.default_rng(4)
    weights = rng.normal(0, 0.02, (len(NAMES), len(NAMES)))
    at = rng.standard_normal(len(NAMES))
    medians = rng.normal(0, 0.1, len(NAMES))

    def chance(x: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Column:
        return np.asarray(1 / (1 + np.exp(-((x @ weights) * x).sum(axis=1))))

    found = account(at, medians, FEATURES, chance)
    assert found.chance == chance(at[None, :])[0]
    assert found.usual == chance(medians[None, :])[0]
    assert abs(found.usual + sum(push.amount for push in found.pushes) - found.chance) < 1e-12
    assert abs(found.contributions.chance - found.chance) < 1e-12, "what is stored adds up too"
    assert [p.family for p in found.pushes] != list(dict.fromkeys(f.family for f in FEATURES)), "hardest first"


def test_players_that_work_together_share_alike_and_idlers_get_nothing() -> None:
    both = np.array([0.0, 0.0, 0.0, 1.0] * 2)  # players 0 and 1 together are worth 1; player 2 nothing
    np.testing.assert_allclose(shapley(both), [0.5, 0.5, 0.0], atol=1e-15)
