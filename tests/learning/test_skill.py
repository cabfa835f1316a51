"""The skill gate: shut on luck, open on skill, off on harm, and never by what was not known yet."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.errors import UnusableSample
from engine.learning.kernels.compiled import Column
from engine.learning.online import DAY_MS, Matured
from engine.learning.skill import GATE_MS, Gate, Skill, gains, known_base, skill

HOUR = 3_600_000
N = 24 * 180


def calls(n: int, seed: int, *, edge: float = 0.0, horizon: int = 1) -> tuple[Matured, Column]:
    """Hourly calls on a walk, `edge` of whose log odds is true; and their probabilities."""
    rng = np.random.default_rng(seed)
    logit = 0.25 * np.convolve(rng.standard_normal(n + 11), np.ones(12) / math.sqrt(12), "valid")
    path = np.concatenate(([0.0], np.cumsum(rng.standard_normal(n + horizon - 1))))
    up = (path[horizon:] - path[:-horizon] + edge * 1.6 * logit * math.sqrt(horizon) > 0).astype(np.float64)
    close = HOUR * np.arange(1, n + 1, dtype=np.int64)
    p = 1 / (1 + np.exp(-logit))
    return Matured.of(p, up, close, close + horizon * HOUR, horizon), p


def judged(matured: Matured, p: Column, at_ms: int) -> Skill:
    gain = gains(p, matured.up, known_base(matured))
    return skill(gain, matured.known_ms, at_ms, horizon=matured.horizon)


@pytest.mark.parametrize("horizon", [1, 24])
def test_luck_opens_it_on_one_bar_in_twenty_at_most(horizon: int) -> None:
    found = [judged(*calls(N, seed, horizon=horizon), (N + horizon) * HOUR).gate for seed in range(40)]
    assert np.mean([gate is Gate.ACTIVE for gate in found]) <= 0.05


def test_saying_one_half_is_no_skill_though_it_beats_a_noisy_base_rate() -> None:
    """A year of 24-bar outcomes is a few hundred independent ones: their share of rises is off by chance."""
    found, against_base = [], []
    for seed in range(20):
        matured, _ = calls(24 * 545, seed, horizon=24)
        p = 0.5 + 0.002 * np.random.default_rng(seed).standard_normal(len(matured.up))
        gain = gains(p, matured.up, known_base(matured))
        against_base.append(gain[N // 6 :, 0].mean())
        found.append(skill(gain, matured.known_ms, int(matured.known_ms[-1]), horizon=24))
    assert np.mean(against_base) > 0.0005, "what a noisy base rate gives away"
    assert sum(one.gate is Gate.ACTIVE for one in found) <= 1
    assert np.mean([one.gain for one in found if one.gain is not None]) < 0.0005


def test_skill_opens_it_and_harm_turns_it_off() -> None:
    assert judged(*calls(N, 1, edge=1.0), N * HOUR).gate is Gate.ACTIVE
    found = judged(*calls(N, 1, edge=-1.0), N * HOUR)
    assert found.gate is Gate.OFF
    assert found.high is not None
    assert found.high < 0
    assert found.words.startswith("off: worse than a coin and the base rate; gain -")


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_greater_mean_that_luck_explains_is_tested_too(sign: float) -> None:
    """One mean gain is beyond luck, the other is further from zero and so scattered that luck explains it."""
    rng = np.random.default_rng(1)
    sure, unsure = 0.02 + 0.01 * rng.standard_normal(N), 0.03 + 5.0 * rng.standard_normal(N)
    known = HOUR * np.arange(1, N + 1, dtype=np.int64)
    found = skill(sign * np.column_stack([sure, unsure]), known, N * HOUR, horizon=1)
    assert found.gate is Gate.PAPER_ONLY
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0 < found.high
    alone = skill(sign * np.column_stack([sure, sure]), known, N * HOUR, horizon=1)
    assert alone.gate is (Gate.ACTIVE if sign > 0 else Gate.OFF)


def test_few_calls_stay_on_paper_and_say_so() -> None:
    matured, p = calls(500, 2, edge=1.0)
    found = judged(matured, p, 10**15)
    assert (found.gate, found.n) == (Gate.PAPER_ONLY, 0), "all of them are older than 180 days by then"
    found = judged(matured, p, 501 * HOUR)
    assert (found.gate, found.gain, found.n) == (Gate.PAPER_ONLY, None, 500)
    assert "too few" in found.words


@pytest.mark.parametrize(
    ("hours", "horizon", "most"), [(24, 1, 180), (12, 14, 360), (8, 6, 540), (6, 31, 720), (6, 30, None), (1, 24, None)]
)
def test_what_no_waiting_can_tell_is_said(hours: int, horizon: int, most: int | None) -> None:
    known = hours * HOUR * np.arange(1, 3_000, dtype=np.int64)
    found = skill(np.ones((2_999, 2)), known, int(known[-1]), horizon=horizon)
    if most is None:
        assert found.gain == 1.0
        return
    need = 8 * max(72, 3 * horizon)
    assert (found.gate, found.gain, found.n) == (Gate.PAPER_ONLY, None, most)
    assert found.words == (
        f"paper only: {most} calls at most can be looked at here, and {need} are needed to tell skill from luck; "
        "no waiting changes that: it trades on paper only"
    )


def test_calls_that_say_the_base_rate_stay_on_paper() -> None:
    matured, _ = calls(N, 3)
    assert judged(matured, known_base(matured), N * HOUR).gate is Gate.PAPER_ONLY


@given(st.integers(0, 20), st.integers(800, 1_900))
def test_what_is_known_later_changes_nothing(seed: int, at: int) -> None:
    matured, p = calls(2_000, seed, horizon=5)
    later = matured.known_ms > matured.close_ms[at]
    other = Matured.of(p, np.where(later, 1 - matured.up, matured.up), matured.close_ms, matured.known_ms, 5)
    np.testing.assert_array_equal(known_base(matured)[: at + 1], known_base(other)[: at + 1])
    moment = int(matured.close_ms[at])
    gain = gains(p, matured.up, known_base(matured))
    changed = np.where(later[:, None], gain + 1, gain)
    one = skill(gain, matured.known_ms, moment, horizon=5)
    assert one == skill(changed, matured.known_ms, moment, horizon=5)
    assert one.n == np.count_nonzero((matured.known_ms <= moment) & (matured.known_ms > moment - GATE_MS))


def test_the_base_rate_is_that_of_the_last_year_known_by_then() -> None:
    n = 24 * 500
    close = HOUR * np.arange(1, n + 1, dtype=np.int64)
    up = (np.arange(n) < n / 2).astype(np.float64)
    base = known_base(Matured.of(np.full(n, 0.5), up, close, close + HOUR, 1))
    assert base[0] == 0.5
    assert base[2_000] > 0.99
    at = n - 1
    rows = (close + HOUR <= close[at]) & (close > close[at] - 365 * DAY_MS)
    assert base[at] == pytest.approx((up[rows].sum() + 5) / (rows.sum() + 10))


def test_holes_are_refused() -> None:
    with pytest.raises(UnusableSample, match="no finite"):
        gains(np.array([np.nan]), np.array([1.0]), np.array([0.5]))
