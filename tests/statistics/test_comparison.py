"""Diebold-Mariano and tails: hand vectors, scipy as the judge, and properties."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from engine.domain.errors import UnusableSample
from engine.statistics import tails
from engine.statistics.comparison import diebold_mariano

D = [0.1, -0.2, 0.3, 0.4, -0.1, 0.2, 0.5, -0.3, 0.1, 0.2]


def test_one_step_ahead_it_is_the_vector_and_a_plain_t_test() -> None:
    found = diebold_mariano(D)
    assert found.statistic == pytest.approx(1.474617, abs=1e-6)
    assert found.p_value == pytest.approx(0.174416, abs=1e-6)
    plain = stats.ttest_1samp(D, 0.0)
    assert found.statistic == pytest.approx(plain.statistic)
    assert found.p_value == pytest.approx(plain.pvalue)


def test_several_steps_ahead_by_hand() -> None:
    d = np.convolve(np.random.default_rng(1).standard_normal(40), np.ones(3), "valid") + 0.5
    away, n, h = d - d.mean(), 38, 3
    g = [float((away[k:] * away[: n - k]).sum()) / n for k in range(h)]
    plain = (g[0] + 2 * (g[1] + g[2])) / n
    expected = d.mean() / math.sqrt(plain) * math.sqrt((n + 1 - 2 * h + h * (h - 1) / n) / n)
    found = diebold_mariano(d, 3)
    assert found.truncated
    assert found.statistic == pytest.approx(expected)


def test_a_negative_sum_gives_way_to_bartlett_and_says_so() -> None:
    found = diebold_mariano(np.tile([1.0, -1.0], 20) + 0.01 * np.arange(40), 2)
    assert not found.truncated
    assert math.isfinite(found.statistic)


def test_overlap_does_not_make_a_null_significant() -> None:
    rng = np.random.default_rng(4)
    overlapping = [np.convolve(rng.standard_normal(500), np.ones(12), "valid") for _ in range(200)]
    assert np.mean([diebold_mariano(d, 12).p_value < 0.05 for d in overlapping]) <= 0.10
    assert np.mean([diebold_mariano(d, 1).p_value < 0.05 for d in overlapping]) > 0.4, "unaware of it, it does"


@given(st.lists(st.floats(-1, 1), min_size=12, max_size=60), st.integers(1, 4))
def test_swapping_the_forecasts_swaps_the_sign_alone(values: list[float], horizon: int) -> None:
    d = np.array(values) + np.linspace(0, 0.1, len(values))
    try:
        one = diebold_mariano(d, horizon)
    except UnusableSample:
        return
    other = diebold_mariano(-d, horizon)
    assert one.statistic == pytest.approx(-other.statistic)
    assert one.p_value == pytest.approx(other.p_value)
    assert 0 <= one.p_value <= 1


def test_differences_that_cannot_be_judged_say_why() -> None:
    with pytest.raises(UnusableSample, match="nothing varies"):
        diebold_mariano([0.1] * 10)
    with pytest.raises(UnusableSample, match="at least 48"):
        diebold_mariano(D, 24)
    with pytest.raises(UnusableSample, match="horizon is 0"):
        diebold_mariano(D, 0)


@given(st.floats(-40, 40), st.floats(1, 5000, exclude_min=True))  # at 1 scipy loses digits near t = 0
def test_student_s_tails_are_scipy_s(t: float, degrees: float) -> None:
    assert tails.student_two_sided(t, degrees) == pytest.approx(2 * stats.t.sf(abs(t), degrees), abs=1e-10)


@given(st.floats(-40, 40))
def test_student_s_tails_with_one_degree_of_freedom_are_cauchy_s(t: float) -> None:
    assert tails.student_two_sided(t, 1.0) == pytest.approx(1 - 2 / math.pi * math.atan(abs(t)), abs=1e-10)


@given(st.floats(0.05, 4), st.floats(0.5, 0.99), st.integers(3, 200))
def test_the_other_tails_are_scipy_s(x: float, share: float, degrees: int) -> None:
    assert tails.kolmogorov_above(x) == pytest.approx(special.kolmogorov(x), abs=1e-10)
    assert tails.chi_square_quantile(share, degrees) == pytest.approx(stats.chi2.ppf(share, degrees), rel=0.01)
    assert tails.normal_quantile(share) == pytest.approx(stats.norm.ppf(share), abs=1e-12)
