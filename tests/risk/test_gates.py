"""Each gate fails alone, and says so in numbers."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import pytest

from engine.domain.account import Costs
from engine.risk.gates import GATES, asks_correlation, early, first_failure, late, reserve
from engine.risk.limits import RiskLimits
from engine.risk.sizing import position_lots
from engine.risk.terms import ACTIVE, OFF, PAPER_ONLY, SELL, Purse, terms_of
from engine.risk.words import outcomes
from tests.builders import instrument
from tests.risk.asks import GOOD, GRID, PURSE, RULE, UNIT, terms


def failed(ask: Any = GOOD, purse: Purse = PURSE, **limits: Any) -> list[str]:
    rules = terms(**limits)
    mask = early(ask, purse, rules) | late(position_lots(ask, purse, rules, GRID), ask, purse, rules, GRID)
    return [name for i, name in enumerate(GATES) if mask >> i & 1]


def test_a_good_call_passes_them_all() -> None:
    assert failed() == failed(RULE) == []
    assert position_lots(GOOD, PURSE, terms(), GRID) == 5_000  # a quarter of 10,000 at 0.5 a lot


@pytest.mark.parametrize(
    ("gate", "ask", "purse", "limits"),
    [
        ("signal", {"signal": SELL}, {}, {}),
        ("signal", {"signal": 0}, {}, {}),
        ("confidence", {"confidence": 0.70}, {}, {}),
        ("edge", {"probability_low": 0.5649}, {}, {}),
        ("skill", {"skill": OFF}, {}, {}),
        ("domain", {"strangeness": 0.991}, {}, {}),
        ("domain", {"strangeness": 0.5}, {}, {"max_strangeness": "0.4"}),
        ("fresh", {"fresh": False}, {}, {}),
        ("halted", {}, {"halted": True}, {}),
        ("holding", {"held": True}, {}, {}),
        ("holding", {"waiting": True}, {}, {}),
        ("positions", {}, {"positions": 8}, {}),
        ("exposure", {}, {"exposure": 5_501 * UNIT}, {}),
        ("clock", {}, {"skew_ms": 1_001}, {}),
        ("trading", {"trading": False}, {}, {}),
        ("correlation", {"correlation": 0.91}, {}, {}),
        ("correlation", {"correlation": inf}, {}, {}),
        ("pace", {}, {"orders": 20}, {}),
        ("cooldown", {"bars_since_loss": 0}, {}, {"cooldown_bars": 1}),
        ("cooldown", {"bars_since_loss": 4}, {}, {"cooldown_bars": 5}),
        ("daily_loss", {}, {"day_start": 10_527 * UNIT}, {}),  # 5 % below it is 10,000.65
        ("cash", {}, {"cash": 2_500 * UNIT}, {}),  # 2,500.75 with costs
        ("notional", {}, {}, {"stake": "5.1"}),  # above 5, but not at its stop
    ],
)
def test_one_gate_fails_alone(gate: str, ask: dict[str, Any], purse: dict[str, Any], limits: dict[str, Any]) -> None:
    assert failed(GOOD._replace(**ask), PURSE._replace(**purse), **limits) == [gate]


def test_the_limits_themselves_still_pass() -> None:
    at_the_edge = PURSE._replace(
        skew_ms=1_000, positions=7, orders=19, exposure=5_500 * UNIT, day_start=10_526 * UNIT, peak=11_111 * UNIT
    )
    assert failed(GOOD._replace(correlation=0.9, bars_since_loss=3), at_the_edge, cooldown_bars=3) == []
    assert failed(GOOD._replace(bars_since_loss=0)) == [], "by default there is no cooldown"


def test_a_drawdown_at_its_limit_leaves_neither_size_nor_entry() -> None:
    assert failed(GOOD, PURSE._replace(peak=12_500 * UNIT)) == ["size", "notional", "drawdown"]


def test_an_instrument_that_is_full_takes_no_more() -> None:
    assert failed(GOOD._replace(in_instrument=2_501 * UNIT)) == ["position", "size", "notional"]


def test_a_call_that_kelly_or_the_volatility_would_not_bet_on_is_held() -> None:
    assert failed(GOOD._replace(expected_move=0.01), min_edge_multiple=0) == ["kelly", "size", "notional"]
    assert failed(GOOD._replace(volatility=nan)) == ["volatility", "kelly", "size", "notional"]
    assert failed(GOOD._replace(volatility=nan), stake="1000") == [], "a fixed stake is not sized"


def test_correlation_is_asked_only_where_it_can_decide() -> None:
    some = PURSE._replace(positions=1)
    assert asks_correlation(GOOD, some, terms())
    assert not asks_correlation(GOOD, PURSE, terms()), "nothing else is held"
    assert not asks_correlation(GOOD, some, terms(max_correlation=1))
    assert not asks_correlation(GOOD._replace(held=True), some, terms())
    assert failed(GOOD._replace(correlation=0.99), some, max_correlation=1) == []


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
    assert words["kelly"].detail == "0.25 of Kelly is 53.1% of equity"
    assert words["volatility"].detail == (
        "volatility 4.00% over the horizon: a target of 40% a year allows 52.3% of equity"
    )
    assert words["position"].detail == (
        "2500.00 USDT would be in this instrument, at most 2500.00 USDT (max_position_ratio 25 %)"
    )
    assert words["exposure"].detail == "exposure would be 2500.00 USDT, at most 8000.00 USDT (max_exposure_ratio 80 %)"
    assert words["correlation"].detail == "nothing else is held"
    assert words["cash"].detail == "costs 2500.75 USDT, free cash 10000.00"
    assert [name for name, gate in words.items() if not gate.passed] == ["confidence", "halted"]


@pytest.mark.parametrize(
    ("gate", "ask", "purse", "said"),
    [
        ("skill", {"skill": OFF}, {},
         "the model's skill is off: its matured calls were worse than knowing nothing; it trades nothing"),
        ("domain", {"strangeness": 0.996}, {},
         "stranger than 99.60% of the model's own newer training bars, at most 99.00% (max_strangeness)"),
        ("clock", {}, {"skew_ms": 1_700}, "our clock is 1700 ms from the venue's, at most 1000 ms (max_clock_skew_ms)"),
        ("trading", {"trading": False}, {}, "the venue does not trade it now; exits go on where it lets them"),
        ("correlation", {"correlation": 0.934}, {}, "correlation 0.93 with the rest of the portfolio, at most 0.90"),
        ("correlation", {"correlation": inf}, {},
         "too few bars in common with what is held to know the correlation; it counts as the same bet"),
        ("pace", {}, {"orders": 20}, "20 entries within a minute, at most 20 (max_orders_per_minute)"),
        ("cooldown", {"bars_since_loss": 0}, {}, "0 bars since the last losing trade, needs 2"),
        ("daily_loss", {}, {"day_start": 11_000 * UNIT}, "9.09 % below 00:00 UTC, halts at 5 %"),
        ("drawdown", {}, {"peak": 12_500 * UNIT}, "20.00 % below the peak, halts at 20 %"),
        ("size", {}, {"peak": 12_500 * UNIT},
         ("0 BTC (sized by risk, at most 2500.00 USDT, shrunk to 0.0 % by the drawdown); less than one lot of 0.00001 "
          "would be left to sell")),
    ],
)  # fmt: skip
def test_each_refusal_in_words(gate: str, ask: dict[str, Any], purse: dict[str, Any], said: str) -> None:
    rules = terms(cooldown_bars=2)
    told = outcomes(GOOD._replace(**ask), PURSE._replace(**purse), rules, instrument(), halted_by=None)
    [one] = [g for g in told if g.name == gate]
    assert (one.passed, one.detail) == (False, said)


def test_live_money_asks_for_a_model_that_has_shown_skill() -> None:
    live = terms_of(RiskLimits(), Costs(), live_money=True)
    assert early(GOOD._replace(skill=ACTIVE), PURSE, live) == 0
    assert early(GOOD._replace(skill=PAPER_ONLY), PURSE, terms()) == 0
    assert first_failure(early(GOOD._replace(skill=PAPER_ONLY), PURSE, live)) == GATES.index("skill")
    assert early(RULE._replace(skill=ACTIVE), PURSE, live) == 0, "a rule claims no skill"
    told = outcomes(GOOD._replace(skill=PAPER_ONLY), PURSE, live, instrument(), halted_by=None)
    assert "cannot be told from knowing nothing; live money needs more" in told[GATES.index("skill")].detail


def test_what_a_model_does_not_know_to_be_strange_is_not_held() -> None:
    assert failed(GOOD._replace(strangeness=nan)) == failed(GOOD._replace(strangeness=1.0), max_strangeness=1) == []


def test_an_entry_reserves_for_the_next() -> None:
    after = reserve(5_000, 5_000_000, PURSE, terms(), GRID)
    assert after == PURSE._replace(cash=PURSE.cash - 250_075_000_000, exposure=2_500 * UNIT, positions=1, orders=1)


def test_the_first_failure_held_it() -> None:
    assert [first_failure(mask) for mask in (0, 1, 0b1100, 1 << 10)] == [-1, 0, 2, 10]
