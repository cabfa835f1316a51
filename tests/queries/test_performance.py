"""Live calls, counted: right or wrong by version, band and month, with an interval that overlap does not narrow."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from engine.domain.interval import Interval
from engine.domain.outcome import MaturedCall, Outcome
from engine.domain.signal import Signal
from engine.queries.performance import by_band, live_sentence, read_performance, reliability
from tests.pages.scene import NOW, Scene
from tests.pages.trained import add_model, predict

HOUR = timedelta(hours=1)


def call(i: int, *, confidence: float = 0.85, hit: bool = True, p: float = 0.6) -> MaturedCall:
    return MaturedCall(
        symbol="BTCUSDT", as_of=NOW + i * HOUR, signal=Signal.BUY, probability=p, confidence=confidence,
        realised=0.01 if hit else -0.01,
    )  # fmt: skip


def test_bands_say_how_often_calls_that_strong_came_true() -> None:
    calls = [call(i, confidence=0.85, hit=i % 4 != 0) for i in range(400)]
    calls += [call(i, confidence=0.1, hit=i % 2 == 0, p=0.55) for i in range(100)]
    weak, strong = by_band(calls, 1)
    assert (weak.name, weak.n, weak.right) == ("0.1 to 0.2", 100, 0.5)
    assert (strong.name, strong.n, strong.right) == ("0.8 to 0.9", 400, 0.75)
    assert strong.stated == pytest.approx(0.6)
    assert strong.plus_minus == pytest.approx(0.0425, abs=0.001)
    assert not strong.within
    assert weak.within


def test_overlapping_calls_count_once() -> None:
    calls = [call(i, hit=i % 4 != 0) for i in range(480)]
    [one], [day] = by_band(calls, 1), by_band(calls, 24)
    assert (one.n_independent, day.n_independent) == (480, 20)
    assert day.plus_minus > 4 * one.plus_minus


def test_stated_against_realised_has_as_many_dots_as_the_calls_can_fill() -> None:
    rng = np.random.default_rng(2)
    calls = [call(i, p=float(p), hit=bool(rng.random() < p)) for i, p in enumerate(rng.uniform(0.5, 0.7, 4_000))]
    rows = reliability(calls, 1)
    assert len(rows) == 10
    assert sum(abs(r.stated - r.came_true) <= r.plus_minus for r in rows) >= 8
    assert len(reliability(calls[:100], 1)) == 5
    assert reliability(calls[:400], 24) == []


def test_the_sentence_is_about_calls_as_strong() -> None:
    calls = [call(i, confidence=0.87, hit=i % 100 < 59) for i in range(400)]
    assert live_sentence(0.85, calls, 1) == (
        "Live: calls this strong were right 59 % ± 5 % (n = 400 independent)."
    )
    assert live_sentence(0.5, calls, 1) is None
    assert live_sentence(0.85, calls, 24) is None


def test_what_it_learned_from_does_not_count(empty: Scene) -> None:
    end = Interval.H1.floor(NOW)
    add_model(empty, end)
    version = empty.models.version("m1")
    moments = [version.trained_to + i * HOUR for i in range(-5, 40)]
    empty.models.save_predictions("m1.1", [replace(predict(at, 100.0, 1), confidence=0.75) for at in moments])
    outcomes = [
        Outcome(version_id="m1.1", symbol="BTCUSDT", as_of=at, realised=0.01, matured_at=at + 24 * HOUR)
        for at in moments[:-3]
    ]
    empty.models.follow({}, outcomes)
    found = read_performance(empty, empty.models.model("m1"))
    assert found.overall is not None
    assert (found.overall.n, found.n_waiting, found.since) == (37, 3, version.trained_to)
    assert [s.name for s in found.versions] == ["v1 champion"]
    assert found.overall.right == 1.0


def test_nothing_said_yet_is_nothing(empty: Scene) -> None:
    add_model(empty, Interval.H1.floor(NOW))
    found = read_performance(empty, empty.models.model("m1"))
    assert (found.overall, found.versions, found.bands, found.since) == (None, [], [], None)
