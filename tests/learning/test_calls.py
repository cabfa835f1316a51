"""Confidence is a rank among calls; the band says how calls of that rank came true."""

from __future__ import annotations

import numpy as np
import pytest

from engine.learning.calls import Band, Calls, like, sentence


def hundred(horizon: int = 1) -> Calls:
    """Strengths 0.000, 0.001 .. 0.099; the stronger half right, the weaker wrong."""
    p = 0.5 + np.arange(100) / 1000 * np.where(np.arange(100) % 2, 1, -1)
    return Calls.of(p, np.arange(100) >= 50, horizon)


def test_confidence_is_the_share_of_weaker_calls_on_either_side() -> None:
    found = hundred().confidence(np.array([0.5, 0.5705, 0.4295, 0.9, np.nan]))
    np.testing.assert_allclose(found[:4], [0.0, 0.71, 0.71, 1.0])
    assert np.isnan(found[4])


def test_overlapping_calls_count_once() -> None:
    alone, overlapping = hundred().band(0, 1), hundred(horizon=10).band(0, 1)
    assert (alone.n_independent, overlapping.n_independent) == (100, 10)
    assert overlapping.plus_minus > 2 * alone.plus_minus


def test_a_perfect_record_still_has_doubt() -> None:
    assert hundred().band(0.9, 1).plus_minus > 0.1


def test_the_bands_of_a_report_come_back_and_are_found_by_confidence() -> None:
    bands = hundred().bands(20)
    again = tuple(Band.from_json(band.as_json()) for band in bands)
    assert again == bands
    assert like(bands, 0.87).low == pytest.approx(0.85)
    assert like(bands, 1.0) is bands[-1]


def test_the_sentence() -> None:
    band = Band(low=0.82, high=0.92, n=412, n_independent=412, right=0.59, plus_minus=0.031)
    assert sentence(0.87, band) == (
        "Confidence 0.87: stronger than 87 % of this model's calls; calls this strong were right 59 % ± 3 % "
        "(n = 412 independent)."
    )


def test_restored_they_are_the_same() -> None:
    again = Calls.restore(hundred().arrays(), 1)
    assert again.strengths.tobytes() == hundred().strengths.tobytes()
    assert again.right.tolist() == hundred().right.tolist()
