"""Each gate fails alone, and says so in numbers."""

from __future__ import annotations

from typing import Any

import pytest

from engine.risk.gates import GATES, first_failure, reserve, weigh
from engine.risk.terms import SELL, Purse
from engine.risk.words import outcomes
from tests.builders import instrument
from tests.risk.asks import GOOD, GRID, PURSE, RULE, UNIT, terms


def failed(ask: Any = GOOD, purse: Purse = PURSE, **limits: Any) -> list[str]:
    mask, _ = weigh(ask, purse, terms(**limits), GRID)
    return [name for i, name in enumerate(GATES) if mask >> i & 1]


def test_a_good_call_passes_them_all() -> None:
    assert failed() == failed(RULE) == []
    assert weigh(GOOD, PURSE, terms(), GRID) == (0, 5_000)  # a quarter of 10,000 at 0.5 a lot


@pytest.mark.parametrize(
    ("gate", "ask", "purse", "limits"),
    [
        ("signal", {"signal": SELL}, {}, {}),
        ("signal", {"signal": 0}, {}, {}),
        ("confidence", {"confidence": 0.70}, {}, {}),
        ("edge", {"probability_low": 0.5649}, {}, {}),
        ("fresh", {"fresh": False}, {}, {}),
        ("halted", {}, {"halted": True}, {}),
        ("holding", {"held": True}, {}, {}),
        ("holding", {"waiting": True}, {}, {}),
        ("positions", {}, {"positions": 8}, {}),
        ("exposure", {}, {"exposure": 5_501 * UNIT}, {}),
        ("cash", {}, {"cash": 2_500 * UNIT}, {}),  # 2,500.75 with costs
        ("notional", {}, {}, {"stake": "5.1"}),  # above 5, but not at its stop
    ],
)
def test_one_gate_fails_alone(gate: str, ask: dict[str, Any], purse: dict[str, Any], limits: dict[str, Any]) -> None:
    assert failed(GOOD._replace(**ask), PURSE._replace(**purse), **limits) == [gate]


def test_an_edge_exactly_at_its_multiple_passes() -> None:
    twice_the_costs = GOOD._replace(probability_low=0.75, expected_move=0.0104)  # 0.5 x 0.0104 = 2 x 0.0026
    assert failed(twice_the_costs, min_edge_multiple=2) == []
    assert failed(twice_the_costs, min_edge_multiple="2.000001") == ["edge"]


def test_a_stake_below_one_sellable_lot_has_no_size() -> None:
    assert failed(stake="0.5") == ["size", "notional"]  # one lot of 0.5: its fee leaves less than a lot
    assert failed(stake="0.49") == ["size", "notional"]


def test_a_rule_is_not_asked_for_confidence_and_edge() -> None:
    words = {g.name: g for g in outcomes(RULE, PURSE, terms(), instrument(), halted_by=None)}
    assert words["confidence"].passed
    assert words["confidence"].detail == words["edge"].detail == "not asked: a rule has no probability"


def test_the_words_name_what_was_there_and_what_was_needed() -> None:
    ask = GOOD._replace(confidence=0.63)
    words = {g.name: g for g in outcomes(ask, PURSE._replace(halted=True), terms(), instrument(), halted_by="operator")}
    assert tuple(words) == GATES
    assert words["confidence"].detail == "confidence 0.63, needs > 0.70"
    assert words["edge"].detail == "edge 60.0 bps, needs 39.0 bps (1.5 x 26.0 bps of costs)"
    assert words["halted"].detail == "halted by operator"
    assert words["size"].detail == "0.05 BTC (sized by risk, at most 2500.00 USDT)"
    assert words["cash"].detail == "costs 2500.75 USDT, free cash 10000.00"
    assert [name for name, gate in words.items() if not gate.passed] == ["confidence", "halted"]


def test_an_entry_reserves_for_the_next() -> None:
    after = reserve(5_000, 5_000_000, PURSE, terms(), GRID)
    assert after == Purse(PURSE.cash - 250_075_000_000, PURSE.equity, 2_500 * UNIT, 1, False)


def test_the_first_failure_held_it() -> None:
    assert [first_failure(mask) for mask in (0, 1, 0b1100, 1 << 10)] == [-1, 0, 2, 10]
