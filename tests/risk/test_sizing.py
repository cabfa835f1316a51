"""Sizes against hand-computed ones."""

from __future__ import annotations

from typing import Any

import pytest

from engine.risk.sizing import expected_edge, kelly_ratio, position_lots, position_ppm, volatility_cap
from tests.risk.asks import GOOD, GRID, RULE, UNIT, terms


def test_edge_and_kelly_by_hand() -> None:
    t = terms()
    edge = expected_edge(0.60, 0.03)
    assert edge == pytest.approx(0.006)
    assert t.round_trip == 0.0026
    assert kelly_ratio(edge, 0.04, t) == pytest.approx(0.25 * (0.006 - 0.0026) / 0.0016)  # 0.53125
    assert kelly_ratio(0.001, 0.04, t) == 0.0, "an edge below its costs is worth nothing"
    assert kelly_ratio(edge, 0.0, t) == kelly_ratio(edge, float("nan"), t) == 0.0


def test_the_volatility_target_is_scaled_to_the_horizon() -> None:
    assert volatility_cap(0.04, 24 / 8760, terms()) == pytest.approx(0.40 * (24 / 8760) ** 0.5 / 0.04)  # 0.5234


@pytest.mark.parametrize(
    ("limits", "ppm"),
    [
        ({}, 250_000),  # max_position_ratio caps
        ({"max_position_ratio": 1}, 523_423),  # the volatility target caps
        ({"max_position_ratio": 1, "volatility_target": 5}, 531_250),  # Kelly
        ({"max_position_ratio": 1, "kelly_fraction": 0}, 0),
    ],
)
def test_the_smallest_of_kelly_volatility_and_limit_counts(limits: dict[str, Any], ppm: int) -> None:
    assert position_ppm(GOOD, terms(**limits)) == pytest.approx(ppm, abs=1)


def test_a_rule_uses_its_limit_in_full() -> None:
    assert position_ppm(RULE, terms(max_position_ratio="0.1")) == 100_000
    assert position_lots(RULE, 10_000 * UNIT, terms(max_position_ratio="0.1"), GRID) == 2_000  # 1000 / 0.5 a lot


def test_a_stake_replaces_risk_sizing_within_the_limit() -> None:
    assert position_lots(GOOD, 10_000 * UNIT, terms(stake="1000"), GRID) == 2_000
    assert position_lots(GOOD, 2_000 * UNIT, terms(stake="1000"), GRID) == 1_000  # a quarter of 2,000
    assert position_lots(GOOD, 10_000 * UNIT, terms(stake="1000.49"), GRID) == 2_000, "lots are rounded down"
