"""Sizes against hand-computed ones."""

from __future__ import annotations

from typing import Any

import pytest

from engine.risk.sizing import expected_edge, kelly_ratio, position_lots, position_ppm, volatility_cap
from tests.risk.asks import GOOD, GRID, PURSE, RULE, UNIT, terms


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
    assert position_lots(RULE, PURSE, terms(max_position_ratio="0.1"), GRID) == 2_000  # 1000 / 0.5 a lot


def test_a_stake_replaces_risk_sizing_within_the_limit() -> None:
    poor = PURSE._replace(equity=2_000 * UNIT, peak=2_000 * UNIT)
    assert position_lots(GOOD, PURSE, terms(stake="1000"), GRID) == 2_000
    assert position_lots(GOOD, poor, terms(stake="1000"), GRID) == 1_000  # a quarter of 2,000
    assert position_lots(GOOD, PURSE, terms(stake="1000.49"), GRID) == 2_000, "lots are rounded down"


@pytest.mark.parametrize(
    ("drawdown", "limits", "lots"),
    [
        ("0.10", {}, 2_000),  # half of max_drawdown 0.20: not beyond the soft limit yet
        ("0.15", {}, 1_000),  # half way from there to the halt
        ("0.195", {}, 100),
        ("0.20", {}, 0),
        ("0.15", {"shrink_from": 1}, 2_000),
        ("0.15", {"shrink_from": 0}, 500),  # from the peak on: a quarter is left
        ("0.15", {"max_drawdown": 1}, 2_000),
    ],
)
def test_the_drawdown_shrinks_every_size_in_a_straight_line(drawdown: str, limits: dict[str, Any], lots: int) -> None:
    peak = PURSE.equity * 1_000_000 // (1_000_000 - int(float(drawdown) * 1_000_000))
    drawn = PURSE._replace(peak=peak)
    assert position_lots(GOOD, drawn, terms(stake="1000", **limits), GRID) == lots
    assert position_lots(RULE, drawn, terms(max_position_ratio="0.1", **limits), GRID) == lots


def test_what_the_account_has_in_the_instrument_leaves_less_room() -> None:
    assert position_lots(GOOD._replace(in_instrument=2_000 * UNIT), PURSE, terms(), GRID) == 1_000  # 500 of 2,500 left
    assert position_lots(GOOD._replace(in_instrument=2_400 * UNIT), PURSE, terms(stake="1000"), GRID) == 200
    assert position_lots(GOOD._replace(in_instrument=3_000 * UNIT), PURSE, terms(), GRID) == 0
