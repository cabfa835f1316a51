"""A challenge: won by better probabilities that also earn more, bounded in how often luck wins, at bars both have."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from engine.domain.outcome import MaturedCall
from engine.domain.signal import Signal
from engine.domain.target import Barrier
from engine.learning.challenge import Challenge, challenge, earned
from tests.builders import utc

START = utc("2025-01-01")


def calls(up: np.ndarray, realised: np.ndarray, first: int = 0) -> list[MaturedCall]:
    """A record of stated chances of a rise at consecutive hours."""
    return [
        MaturedCall(
            symbol="BTCUSDT", as_of=START + timedelta(hours=first + i), signal=Signal.BUY if p > 0.5 else Signal.SELL,
            probability=max(p, 1 - p), confidence=0.5, realised=r,
        )
        for i, (p, r) in enumerate(zip(up.tolist(), realised.tolist(), strict=True))
    ]  # fmt: skip


def market(n: int, seed: int, edge: float) -> tuple[np.ndarray, np.ndarray]:
    """The true chance of a rise per bar, and what happened."""
    rng = np.random.default_rng(seed)
    chance = 0.5 + edge * rng.choice([-1.0, 1.0], n)
    up = rng.random(n) < chance
    return chance, np.where(up, 1.0, -1.0) * rng.gamma(2.0, 0.005, n)


def held(n: int = 2_000, seed: int = 1, edge: float = 0.1, *, horizon: int = 1, cost: float = 0.0) -> Challenge:
    """One that knows the truth against one that knows nothing."""
    chance, moves = market(n, seed, edge)
    return challenge(calls(np.full(n, 0.501), moves), calls(chance, moves), horizon=horizon, cost=cost)


def test_who_knows_more_wins() -> None:
    found = held()
    assert found.won
    assert found.n == 2_000
    assert found.brier == pytest.approx(0.01, abs=0.004)
    assert "Proved: it takes over" in found.words


def test_who_knows_nothing_more_is_not_promoted() -> None:
    won = 0
    for seed in range(40):
        _, moves = market(1_000, seed, 0.0)
        noise = 0.5 + 0.05 * np.random.default_rng(1_000 + seed).standard_normal(1_000)
        won += challenge(calls(np.full(1_000, 0.5), moves), calls(noise, moves), horizon=1, cost=0.0).proved
    assert won <= 4  # 1 in 20 is allowed


def test_a_horizon_needs_its_confirmation() -> None:
    chance, moves = market(4_000, 2, 0.1)
    one = challenge(calls(np.full(4_000, 0.501), moves), calls(chance, moves), horizon=1, cost=0.0)
    six = challenge(calls(np.full(4_000, 0.501), moves), calls(chance, moves), horizon=6, cost=0.0)
    assert one.evidence.decided is not None
    assert six.evidence.decided is not None
    assert six.evidence.decided > one.evidence.decided


def test_a_sharper_probability_that_earns_no_more_does_not_take_over() -> None:
    chance, moves = market(2_000, 3, 0.1)
    dull = 0.5 + (chance - 0.5) * 0.1  # the same side at every bar
    found = challenge(calls(dull, moves), calls(chance, moves), horizon=1, cost=0.002)
    assert found.proved
    assert found.net == 0.0
    assert not found.won
    assert "no gain net of costs" in found.words


def test_costs_are_paid_for_each_call_to_be_long() -> None:
    found = earned(calls(np.array([0.6, 0.4, 0.5]), np.array([0.01, 0.01, 0.01])), 0.003)
    assert found.tolist() == pytest.approx([np.expm1(0.01) - 0.003, 0.0, 0.0])


def test_a_model_of_trades_is_long_where_it_called_a_buy_that_is_likelier_to_pay_than_not() -> None:
    """Its SELL may stand beside a chance above one half that a buy pays, its BUY beside one below."""
    [call] = calls(np.array([0.6]), np.array([0.01]))
    told = [
        replace(call, signal=signal, probability=p, barrier=Barrier(cost_ratio=0.002))
        for signal, p in ((Signal.BUY, 0.6), (Signal.BUY, 0.4), (Signal.SELL, 0.4), (Signal.SELL, 0.6))
    ]
    assert [one.probability_up > 0.5 for one in told] == [True, False, True, False]
    assert [gain > 0 for gain in earned(told, 0.003)] == [True, False, False, False]


def test_only_bars_that_both_judged_count() -> None:
    chance, moves = market(100, 4, 0.1)
    found = challenge(calls(chance, moves), calls(chance[:50], moves[:50], first=70), horizon=1, cost=0.0)
    assert found.n == 30
    assert found.at[0] == START + timedelta(hours=70)


def test_how_long_it_will_take_is_said() -> None:
    assert "Nothing points to a win" in held(400, edge=0.0).words
    early = held(30)
    assert early.evidence.rows_left is not None
    assert "bars more" in early.words
