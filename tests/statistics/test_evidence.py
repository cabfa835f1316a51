"""The e-process: errs no more often than it says however often one looks, and finds a better challenger."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.errors import UnusableSample
from engine.statistics.evidence import STAKES, Evidence, brier_difference, evidence
from engine.statistics.sample import Floats


def challenge(
    champion: Floats, challenger: Floats, outcome: Floats, *, horizon: int = 1, error_rate: float = 0.05
) -> Evidence:
    d, bound = brier_difference(champion, challenger, outcome)
    return evidence(d, bound, horizon=horizon, error_rate=error_rate)


def equals(n: int, seed: int, horizon: int) -> Evidence:
    """Two forecasters who differ for days on end about a coin: neither is better."""
    rng = np.random.default_rng(seed)
    path = np.concatenate(([0.0], np.cumsum(rng.standard_normal(n + horizon - 1))))
    outcome = (path[horizon:] - path[:-horizon] > 0).astype(np.float64)
    side = 0.08 * np.sign(rng.standard_normal(n // 50 + 1)).repeat(50)[:n]
    return challenge(0.5 + side, 0.5 - side, outcome, horizon=horizon)


def better(gain: float, n: int, seed: int, horizon: int = 1) -> Evidence:
    """A calibrated challenger whose Brier score is `gain` below that of a champion who knows nothing."""
    rng = np.random.default_rng(seed)
    q = np.clip(0.5 + math.sqrt(gain) * rng.standard_normal(n), 0.2, 0.8)
    return challenge(np.full(n, 0.5), q, (rng.random(n) < q).astype(np.float64), horizon=horizon)


def test_wealth_by_hand() -> None:
    found = evidence([0.4, -0.2], 0.5)
    stakes = np.minimum(STAKES, 1.0)
    np.testing.assert_allclose(
        found.wealth, [np.mean(1 + stakes * 0.4), np.mean((1 + stakes * 0.4) * (1 - stakes * 0.2))]
    )


@pytest.mark.parametrize(("horizon", "runs"), [(1, 200), (24, 60)])
def test_an_equal_is_promoted_no_more_often_than_said(horizon: int, runs: int) -> None:
    promoted = [equals(3_000, seed, horizon).decided is not None for seed in range(runs)]
    assert np.mean(promoted) <= 0.05


def test_a_better_one_is_found_within_the_year() -> None:
    found = [better(0.0013, 8_760, seed) for seed in range(30)]
    assert np.mean([f.decided is not None for f in found]) >= 0.7
    quick = [better(0.0056, 8_760, seed).decided or 9_999 for seed in range(30)]
    assert np.median(quick) < 1_500


def test_a_worse_one_is_never_found() -> None:
    rng = np.random.default_rng(1)
    q = np.clip(0.5 + 0.05 * rng.standard_normal(5_000), 0, 1)
    found = challenge(q, np.full(5_000, 0.5), (rng.random(5_000) < q).astype(np.float64))
    assert found.decided is None
    assert found.rows_left is None
    assert found.wealth[-1] < 0.5


def test_a_wait_is_told_and_comes_true_roughly() -> None:
    found = better(0.0056, 20_000, 3)
    assert found.decided is not None
    d, bound = brier_difference(*_half(found.decided // 2))
    early = evidence(d, bound)
    assert early.decided is None
    assert early.rows_left is not None
    assert early.rows_left < 10 * found.decided
    assert found.rows_left == 0


def _half(n: int) -> tuple[Floats, Floats, Floats]:
    rng = np.random.default_rng(3)
    q = np.clip(0.5 + math.sqrt(0.0056) * rng.standard_normal(20_000), 0.2, 0.8)
    y = (rng.random(20_000) < q).astype(np.float64)
    return np.full(n, 0.5), q[:n], y[:n]


def test_overlapping_outcomes_have_to_stand_the_ones_under_way() -> None:
    sure = np.full(400, 0.3)
    won = evidence(sure, 0.3, horizon=5)
    crossed = int(np.flatnonzero(won.wealth >= 25)[0])
    assert won.decided == crossed + 4
    falls = sure.copy()
    falls[crossed + 1 :] = -0.3
    lost = evidence(falls, 0.3, horizon=5)
    assert (lost.decided, lost.lapsed, lost.rows_left) == (None, crossed + 4, None)
    waiting = evidence(sure[: crossed + 2], 0.3, horizon=5)
    assert (waiting.decided, waiting.lapsed) == (None, None)


@given(st.lists(st.floats(-1, 1), max_size=60), st.integers(1, 5))
def test_wealth_never_ends_and_the_past_stays_as_it_was(values: list[float], horizon: int) -> None:
    whole = evidence(values, horizon=horizon)
    assert (whole.wealth > 0).all()
    part = evidence(values[: len(values) // 2], horizon=horizon)
    np.testing.assert_allclose(part.wealth, whole.wealth[: len(values) // 2], rtol=1e-12)


@given(st.floats(0, 1), st.floats(0, 1), st.sampled_from([0.0, 1.0]))
def test_the_bound_holds_whatever_comes(p: float, q: float, y: float) -> None:
    d, bound = brier_difference([p], [q], [y])
    assert abs(d[0]) <= bound[0] + 1e-12


def test_every_stake_loses_at_most_half_in_a_step() -> None:
    d, bound = brier_difference([0.9], [0.1], [1.0])
    assert evidence(d, bound).wealth[0] >= 0.5


def test_no_outcomes_no_verdict() -> None:
    found = evidence([])
    assert (len(found.wealth), found.decided, found.rows_left) == (0, None, None)


def test_much_evidence_does_not_overflow() -> None:
    assert np.isfinite(evidence(np.full(5_000, 0.9)).wealth).all()


def test_what_would_break_the_error_rate_is_refused() -> None:
    with pytest.raises(UnusableSample, match="exceeds its bound"):
        evidence([0.3], 0.2)
    with pytest.raises(UnusableSample, match="error rate is 1"):
        evidence([0.3], error_rate=1.0)
    with pytest.raises(UnusableSample, match="no finite"):
        evidence([np.nan])
    with pytest.raises(UnusableSample, match="outcomes be 0 or 1"):
        brier_difference([0.5], [0.5], [0.5])
    with pytest.raises(UnusableSample, match="as many"):
        brier_difference([0.5], [0.5, 0.4], [1.0])


def test_interleaved_processes_grow_a_horizon_slower() -> None:
    plain, slow = evidence([0.1, -0.05] * 30, 0.3), evidence([0.1, -0.05] * 30, 0.3, horizon=6)
    assert slow.growth == pytest.approx(plain.growth / 6)
    assert plain.decided is None
    assert plain.rows_left == pytest.approx(math.log(20 / plain.wealth[-1]) / plain.growth)
