"""Drift: ADWIN as river has it, PSI by hand, Kolmogorov-Smirnov with scipy as the judge."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from engine.domain.errors import UnusableSample
from engine.statistics.adwin import adwin
from engine.statistics.sample import Floats
from engine.statistics.shift import LARGE_SHIFT, holm, kolmogorov_smirnov, stability


def misses(parts: list[tuple[float, int]], seed: int) -> Floats:
    rng = np.random.default_rng(seed)
    return np.concatenate([(rng.random(n) < p).astype(np.float64) for p, n in parts])


JUMPS = [328, 330, 333, 335, 336, 337, 342, 344, 347, 395, 505, 640, 641, 645, 647, 658, 691, 754]


Parts = list[tuple[float, int]]

RIVER: list[tuple[Parts, float, int, list[int], int]] = [
    ([(0.46, 1500), (0.54, 3000)], 0.05, 32, [2079, 2143], 3348),
    ([(0.46, 6000)], 0.002, 32, [], 6000),
    ([(0.2, 300), (0.8, 300), (0.3, 300)], 0.002, 1, JUMPS, 340),
    ([(0.45, 2000), (0.6, 1000), (0.4, 1500)], 0.05, 8, [2103, 2111, 2127, 2391, 3087, 3135], 1556),
]


@pytest.mark.parametrize("case", range(len(RIVER)))
def test_adwin_cuts_where_river_does(case: int) -> None:
    """river 0.26.1, its AdaptiveWindowing without the reset that river's ADWIN adds."""
    parts, delta, every, changes, width = RIVER[case]
    values = misses(parts, case + 1)
    found = adwin(values, delta, every=every)
    assert found.changes.tolist() == changes
    assert len(values) - found.since == width


def test_the_window_is_what_it_says() -> None:
    values = misses([(0.3, 900), (0.7, 900)], 5)
    found = adwin(values)
    assert found.mean == pytest.approx(values[found.since :].mean())
    assert 700 < found.since < 1_100


@given(st.integers(0, 99), st.integers(50, 600))
def test_a_row_is_judged_by_rows_up_to_it_alone(seed: int, upto: int) -> None:
    values = misses([(0.2, 300), (0.8, 300)], seed)
    whole, part = adwin(values).changes, adwin(values[:upto]).changes
    assert part.tolist() == [row for row in whole.tolist() if row < upto]


def test_false_alarms_are_rare_and_overlap_does_not_make_them() -> None:
    plain = [len(adwin(misses([(0.46, 8_760)], seed)).changes) > 0 for seed in range(40)]
    assert np.mean(plain) <= 0.125
    rng = np.random.default_rng(6)
    moves = [np.convolve(rng.standard_normal(4_000), np.ones(24), "valid") for _ in range(20)]
    overlapping = [(m > 0).astype(np.float64) for m in moves]
    assert np.mean([len(adwin(x, overlap=24).changes) > 0 for x in overlapping]) <= 0.15
    assert np.mean([len(adwin(x).changes) > 0 for x in overlapping]) > 0.5, "unaware of it, it would cry wolf"


def test_a_lost_edge_takes_weeks_to_see() -> None:
    delays = []
    for seed in range(30):
        changes = adwin(misses([(0.46, 4_000), (0.54, 4_000)], seed)).changes
        delays.append(changes[changes >= 4_000][0] - 4_000)
    assert 200 <= np.median(delays) <= 900


def test_values_that_are_no_misses_are_refused() -> None:
    with pytest.raises(UnusableSample, match="within 0 and 1"):
        adwin([0.0, 2.0])
    with pytest.raises(UnusableSample, match="delta is 0"):
        adwin([0.0, 1.0], 0.0)
    with pytest.raises(UnusableSample, match="no finite"):
        adwin([0.0, np.nan])
    with pytest.raises(UnusableSample, match="at least 1"):
        adwin([])


def test_psi_by_hand() -> None:
    reference, recent = np.repeat([1, 2, 3, 4], 25), np.repeat([1, 2, 3, 4], [40, 30, 20, 10])
    expected = sum((a - 0.25) * np.log(a / 0.25) for a in (0.4, 0.3, 0.2, 0.1))
    assert stability(reference, recent, bins=4).psi == pytest.approx(expected, abs=1e-12)


def test_psi_without_a_move_stays_under_its_floor_19_times_in_20() -> None:
    rng = np.random.default_rng(7)
    found = [stability(rng.standard_normal(2_000), rng.standard_normal(300)) for _ in range(400)]
    assert 0.02 <= np.mean([s.psi > s.noise_q95 for s in found]) <= 0.09


def test_a_move_of_a_deviation_is_large_and_an_empty_bin_is_not_infinite() -> None:
    rng = np.random.default_rng(8)
    assert stability(rng.standard_normal(2_000), rng.standard_normal(500) + 1).psi > LARGE_SHIFT
    assert 1 < stability(rng.standard_normal(2_000), rng.standard_normal(500) + 50).psi < 20


@given(st.integers(0, 500), st.floats(0.01, 100), st.floats(-10, 10))
def test_shift_knows_no_units_and_is_zero_for_itself(seed: int, scale: float, move: float) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.standard_normal(100).round(3), rng.standard_normal(60).round(3)
    assert stability(a, a).psi == 0
    assert kolmogorov_smirnov(a, a).statistic == 0
    assert kolmogorov_smirnov(a, a).p_value == 1
    assert stability(a * scale + move, b * scale + move).psi == pytest.approx(stability(a, b).psi, abs=1e-3)
    assert kolmogorov_smirnov(a, b).statistic == pytest.approx(kolmogorov_smirnov(b, a).statistic)


@given(st.integers(0, 500), st.integers(60, 300), st.integers(60, 300), st.floats(0, 1))
def test_kolmogorov_smirnov_is_scipy_s(seed: int, n: int, m: int, move: float) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.standard_normal(n).round(1), rng.standard_normal(m).round(1) + move
    found, judge = kolmogorov_smirnov(a, b), stats.ks_2samp(a, b, method="asymp")
    assert found.statistic == pytest.approx(judge.statistic, abs=1e-12)
    assert found.p_value == pytest.approx(judge.pvalue, abs=0.03)


def test_memory_makes_a_shift_less_certain() -> None:
    rng = np.random.default_rng(9)
    a, b = rng.standard_normal(400), rng.standard_normal(400) + 0.2
    assert kolmogorov_smirnov(a, b, overlap=24).p_value > kolmogorov_smirnov(a, b).p_value
    assert stability(a, b, overlap=24).noise_q95 == pytest.approx(24 * stability(a, b).noise_q95)


@given(st.dictionaries(st.text(max_size=3), st.floats(0, 1), max_size=8))
def test_holm_only_raises_and_keeps_the_order(p_values: dict[str, float]) -> None:
    found = holm(p_values)
    assert list(found) == list(p_values)
    assert all(p_values[k] <= found[k] <= 1 for k in found)
    ordered = [found[k] for k in sorted(found, key=lambda k: p_values[k])]
    assert ordered == sorted(ordered)


def test_shifts_that_cannot_be_judged_say_why() -> None:
    with pytest.raises(UnusableSample, match="nothing varies"):
        stability(np.ones(50), np.ones(50))
    with pytest.raises(UnusableSample, match="at least 20"):
        stability(np.arange(50.0), np.arange(5.0))
    with pytest.raises(UnusableSample, match="overlap is 0"):
        kolmogorov_smirnov(np.arange(50.0), np.arange(5.0), overlap=0)


def test_neighbours_that_go_in_as_one_are_still_counted_in_rows() -> None:
    values = misses([(0.2, 400), (0.8, 400)], 3)
    found = adwin(np.repeat(values, 4), every=4, overlap=4)
    plain = adwin(values, every=1)
    assert found.changes.tolist() == [4 * row + 3 for row in plain.changes.tolist()]
    assert found.since == 4 * plain.since
    assert found.mean == pytest.approx(plain.mean)


def test_holm_by_hand() -> None:
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03}) == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06})
