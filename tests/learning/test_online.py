"""Online calibration: of what was known at the week's start, never later; it follows a market that changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.errors import UnusableSample
from engine.learning.calibration import Calibrator
from engine.learning.kernels.compiled import Column
from engine.learning.online import DAY_MS, REFIT_MS, Matured, calibrated_online, refitted_at
from engine.statistics.scores import ece, log_loss

HOUR = 3_600_000
START = 1_700_000_000_000 // REFIT_MS * REFIT_MS


def said(n: int, *, slope: float = 1.0, seed: int = 1, horizon: int = 1) -> Matured:
    """Hourly votes that claim more than comes true: true log odds are `slope` times the claimed ones."""
    rng = np.random.default_rng(seed)
    logit = 0.6 * rng.standard_normal(n)
    up = (rng.random(n) < 1 / (1 + np.exp(-slope * logit))).astype(np.float64)
    close = START + HOUR * np.arange(n, dtype=np.int64)
    return Matured.of(1 / (1 + np.exp(-logit)), up, close, close + horizon * HOUR, horizon)


def online(matured: Matured) -> Column:
    return calibrated_online(matured, matured.raw, matured.close_ms)[:, 0]


def test_refits_are_on_mondays() -> None:
    for moment in refitted_at(START + HOUR * np.arange(0, 2_000, 37)).tolist():
        assert np.datetime64(moment, "ms").astype("datetime64[D]").item().weekday() == 0
        assert moment % DAY_MS == 0


def test_a_week_is_calibrated_by_what_was_known_at_its_start() -> None:
    matured = said(1_500)
    at = int(refitted_at(matured.close_ms[900:901])[0])
    known = matured.known_ms <= at
    expected = Calibrator.fit(matured.raw[known], matured.up[known], 1).apply(matured.raw[900:901])
    found = calibrated_online(matured, matured.raw, matured.close_ms)
    assert found[900:901].tobytes() == expected.tobytes()
    prior = Calibrator.prior().apply(matured.raw[:1])
    assert found[:1].tobytes() == prior.tobytes(), "before any outcome the prior speaks"


@given(st.integers(50, 900), st.integers(1, 24))
def test_changing_what_comes_later_changes_nothing_now(at: int, horizon: int) -> None:
    matured = said(1_000, horizon=horizon)
    other = np.where(matured.known_ms > matured.close_ms[at], 1 - matured.up, matured.up)
    changed = Matured.of(matured.raw, other, matured.close_ms, matured.known_ms, horizon)
    assert online(matured)[: at + 1].tobytes() == online(changed)[: at + 1].tobytes()


def test_the_past_beyond_the_window_is_forgotten() -> None:
    matured = said(2_000)
    late = int(matured.known_ms[-1])
    rows = matured.close_ms > late - 30 * DAY_MS
    expected = Calibrator.fit(matured.raw[rows], matured.up[rows], 1)
    assert matured.calibrator(late, 30 * DAY_MS) == expected
    assert matured.calibrator(late + 400 * DAY_MS) == Calibrator.prior()


def test_overconfident_votes_come_true_after_it() -> None:
    matured = said(12_000, slope=0.4)
    later = slice(2_000, None)
    p, up = online(matured)[later], matured.up[later]
    assert ece(p, up) < 0.5 * ece(matured.raw[later], up)
    assert ece(p, up) < 0.02
    assert log_loss(p, up) < log_loss(matured.raw[later], up)


def test_it_follows_a_skill_that_fades() -> None:
    good, gone = said(8_000, slope=0.8), said(9_000, slope=0.0, seed=2)
    close = START + HOUR * np.arange(17_000, dtype=np.int64)
    matured = Matured.of(
        np.concatenate([good.raw, gone.raw]), np.concatenate([good.up, gone.up]), close, close + HOUR, 1
    )
    frozen = Calibrator.fit(good.raw, good.up, 1)
    later = slice(14_000, None)
    up = matured.up[later]
    assert log_loss(online(matured)[later], up) < log_loss(frozen.apply(matured.raw[later])[:, 0], up)


def test_predictions_that_cannot_be_matured_are_refused() -> None:
    with pytest.raises(UnusableSample, match="known after its call"):
        Matured.of([0.5], [1.0], [5], [5], 1)
    with pytest.raises(UnusableSample, match="in order of time"):
        Matured.of([0.5, 0.5], [1.0, 1.0], [5, 4], [6, 6], 1)
    with pytest.raises(UnusableSample, match="within 0 and 1"):
        Matured.of([1.5], [1.0], [5], [6], 1)
    with pytest.raises(UnusableSample, match="no finite"):
        Matured.of([np.nan], [1.0], [5], [6], 1)
    with pytest.raises(UnusableSample, match="2 closes"):
        Matured.of([0.5], [1.0], [5, 6], [6, 7], 1)
    with pytest.raises(UnusableSample, match="each needs one"):
        calibrated_online(said(50), np.array([0.5]), np.array([START, START + 1]))
