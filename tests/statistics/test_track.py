"""Sharpe ratios that know how long, how skewed and how often tried they are: published vectors and properties."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.errors import UnusableSample
from engine.statistics.deflated import (
    deflated_sharpe,
    deflated_sharpe_2025,
    expected_best,
    expected_maximum,
    variance_of_maximum,
    variance_of_trials,
)
from engine.statistics.probabilistic import (
    least_track_record,
    least_track_record_2025,
    power_2025,
    probabilistic_sharpe,
    probabilistic_sharpe_2025,
)
from engine.statistics.sharpe import sharpe
from engine.statistics.track import Track

BEST = 2.5 / math.sqrt(250)
FUND = Track(n=24, sharpe=0.036 / 0.079, skew=-2.448, kurtosis=10.164)
HALF = 0.5 / 250


def test_probabilistic_sharpe_of_2012() -> None:
    assert probabilistic_sharpe(Track(n=24, sharpe=0.458)) == pytest.approx(0.98167, abs=1e-5)
    skewed = Track(n=24, sharpe=0.458, skew=-2.448, kurtosis=10.164)
    assert probabilistic_sharpe(skewed) == pytest.approx(0.91336, abs=1e-5)
    assert probabilistic_sharpe(Track(n=250, sharpe=1.14), 1.0) == pytest.approx(0.957278, abs=1e-6)


@pytest.mark.parametrize(("year", "years"), [(250, 2.73), (52, 2.83), (12, 3.24)])
def test_the_least_track_record_of_2012(year: int, years: float) -> None:
    track = Track(n=9, sharpe=2 / math.sqrt(year))
    assert least_track_record(track, 1 / math.sqrt(year)) / year == pytest.approx(years, abs=0.005)


def test_the_least_track_record_with_skew() -> None:
    track = Track(n=9, sharpe=2 / math.sqrt(12), skew=-0.72, kurtosis=5.78)
    assert least_track_record(track, 1 / math.sqrt(12)) == pytest.approx(59.895, abs=5e-4)
    assert least_track_record(Track(n=250, sharpe=1.14), 1.0) == pytest.approx(228.73498, abs=1e-5)


def test_deflated_sharpe_of_2012() -> None:
    assert expected_best(100, HALF) == pytest.approx(0.11317, abs=1e-5)
    wild = Track(n=1250, sharpe=BEST, skew=-3, kurtosis=10)
    assert deflated_sharpe(wild, trials=100, variance=HALF).chance == pytest.approx(0.90040, abs=1e-5)
    assert deflated_sharpe(wild, trials=46, variance=HALF).chance == pytest.approx(0.95050, abs=1e-5)
    assert deflated_sharpe(Track(n=1250, sharpe=BEST), trials=88, variance=HALF).chance == pytest.approx(
        0.95049, abs=1e-5
    )


def test_the_forms_of_2025() -> None:
    assert probabilistic_sharpe_2025(FUND) == pytest.approx(0.9872, abs=5e-5)
    assert probabilistic_sharpe_2025(FUND, 0.1) == pytest.approx(0.9391, abs=5e-5)
    assert least_track_record_2025(FUND) == pytest.approx(13.029, abs=5e-4)
    assert least_track_record_2025(FUND, 0.1) == pytest.approx(27.109, abs=5e-4)
    assert 1 - power_2025(FUND, 0.5) == pytest.approx(0.3152, abs=5e-5)
    found = deflated_sharpe_2025(FUND, trials=10, variance=0.1)
    assert found.benchmark == pytest.approx(0.49793, abs=1e-5)
    assert math.sqrt(variance_of_maximum(10)) == pytest.approx(0.58681, abs=1e-5)
    assert found.chance == pytest.approx(0.4164, abs=5e-5)


def test_the_two_forms_disagree_as_the_paper_says() -> None:
    assert probabilistic_sharpe(FUND) == pytest.approx(0.913, abs=2e-3)
    assert probabilistic_sharpe_2025(FUND) == pytest.approx(0.987, abs=5e-4)


def test_five_years_allow_45_trials() -> None:
    """Years below which the best of so many without skill shows an annual ratio of one: E[max of N] squared."""
    assert expected_maximum(45) ** 2 == pytest.approx(4.998, abs=5e-4)
    assert expected_maximum(46) ** 2 > 5


def test_the_moments_of_a_maximum_are_those_of_drawn_ones() -> None:
    drawn = np.random.default_rng(1).standard_normal((40_000, 10)).max(axis=1)
    assert variance_of_maximum(10) == pytest.approx(drawn.var(), abs=0.01)
    assert expected_maximum(10) == pytest.approx(drawn.mean(), abs=0.045)
    assert variance_of_maximum(1) == pytest.approx(1, abs=1e-8)
    assert expected_maximum(1) == 0
    assert variance_of_maximum(2) == pytest.approx(1 - 1 / math.pi, abs=1e-8)


def test_a_track_s_ratio_is_the_annual_one_s() -> None:
    returns = np.random.default_rng(2).normal(0.001, 0.02, 400)
    track = Track.of(returns)
    assert track.sharpe * math.sqrt(365) == pytest.approx(sharpe(returns, 365).ratio)
    assert probabilistic_sharpe(track) == pytest.approx(probabilistic_sharpe(Track.of(returns * 7)))


@given(st.integers(3, 5_000), st.floats(-0.5, 0.5), st.floats(-2, 2), st.floats(0.01, 9), st.floats(-0.3, 0.3))
def test_chances_are_chances_and_trials_only_cost(
    n: int, ratio: float, skew: float, extra: float, benchmark: float
) -> None:
    track = Track(n=n, sharpe=ratio, skew=skew, kurtosis=1 + skew**2 + extra)
    chance = probabilistic_sharpe(track, benchmark)
    assert 0 <= chance <= 1
    assert (chance > 0.5) == (ratio > benchmark) or chance == 0.5
    assert 0 <= probabilistic_sharpe_2025(track, benchmark) <= 1
    one, few, many = (deflated_sharpe(track, trials=k, variance=0.01).chance for k in (1, 5, 500))
    assert one == probabilistic_sharpe(track)
    assert one >= few >= many


@given(st.floats(0.01, 0.5), st.floats(-1, 1), st.floats(0.6, 0.99))
def test_at_its_least_length_the_chance_is_the_level(ratio: float, skew: float, level: float) -> None:
    track = Track(n=10, sharpe=ratio, skew=skew, kurtosis=4)
    long = Track(n=max(2, math.ceil(least_track_record(track, 0.0, level))), sharpe=ratio, skew=skew, kurtosis=4)
    assert probabilistic_sharpe(long) >= level - 1e-9
    if long.n > 3:
        short = Track(n=long.n - 1, sharpe=ratio, skew=skew, kurtosis=4)
        assert probabilistic_sharpe(short) < level


def test_a_ratio_below_the_benchmark_never_gets_there() -> None:
    assert least_track_record(Track(n=10, sharpe=0.1), 0.2) == math.inf
    assert least_track_record_2025(Track(n=10, sharpe=0.1), 0.1) == math.inf


@pytest.mark.parametrize(
    ("returns", "words"),
    [
        ([0.1, 0.2], "at least 3"),
        ([0.1, np.nan, 0.2], "the first at 1"),
        ([0.1] * 9, "nothing varies"),
        ([], "0 returns"),
    ],
)
def test_returns_that_cannot_be_judged_say_why(returns: list[float], words: str) -> None:
    with pytest.raises(UnusableSample, match=words):
        Track.of(returns)


def test_impossible_moments_and_counts_are_refused() -> None:
    with pytest.raises(UnusableSample, match="excess"):
        Track(n=10, sharpe=0.1, kurtosis=0.0)
    with pytest.raises(UnusableSample, match="skew is nan"):
        Track(n=10, sharpe=0.1, skew=math.nan)
    with pytest.raises(UnusableSample, match="number of trials is 0"):
        deflated_sharpe(FUND, trials=0, variance=0.1)
    with pytest.raises(UnusableSample, match=r"level is 1\.2"):
        least_track_record(FUND, 0.0, 1.2)
    with pytest.raises(UnusableSample, match="two values only"):
        probabilistic_sharpe(Track(n=9, sharpe=1.0, skew=2.0, kurtosis=5.0))


def test_the_variance_of_trials_is_the_unbiased_one() -> None:
    assert variance_of_trials([0.1, 0.2, 0.3]) == pytest.approx(0.01)
    with pytest.raises(UnusableSample, match="at least 2"):
        variance_of_trials([0.1])
