"""Drift is seen where there is some, and seldom where there is none: the same from the same bars, whoever looks."""

from __future__ import annotations

import math
from array import array
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from engine.domain.bar import BarSeries
from engine.domain.drift import Care, Drift, DriftAction, DriftKind, Restraint
from engine.domain.interval import Interval, from_ms
from engine.features.catalogue import NAMES
from engine.learning.drift import look_for_drift, moved_features
from engine.learning.forecast import TrainedModel
from engine.training.fit import fit
from tests.builders import utc
from tests.learning.fits import spec
from tests.learning.markets import walk

TRAINED, WEEK = 6_000, 168
F, C, S = DriftKind.FEATURES, DriftKind.CALIBRATION, DriftKind.SKILL


@cache
def market(change: str = "none") -> BarSeries:
    """The planted market, which from the end of training on goes on as before or in another way."""
    n = TRAINED + 2_400
    before = walk(n, seed=5, planted=0.3)
    after = {"none": before, "wild": walk(n, seed=6, planted=0.3), "turned": walk(n, seed=7, planted=-0.3)}[change]
    returns = np.diff(np.log(np.array(after.close)), prepend=np.log(after.close[0]))
    returns[:TRAINED] = np.diff(np.log(np.array(before.close)), prepend=np.log(before.close[0]))[:TRAINED]
    if change == "wild":
        returns[TRAINED:] *= 3.0
    close = 30_000.0 * np.exp(np.cumsum(returns))
    opened = np.concatenate(([30_000.0], close[:-1]))
    wick = 1 + np.abs(returns) * 0.3 + 0.001

    def column(values: np.ndarray) -> array[float]:
        return array("d", values.tolist())

    return replace(
        before, open=column(opened), close=column(close), high=column(np.maximum(opened, close) * wick),
        low=column(np.minimum(opened, close) / wick),
    )  # fmt: skip


@cache
def model() -> TrainedModel:
    series = market().rows(0, TRAINED)
    return fit(series, replace(spec(series), members=("linear",)), workers=1).model


def looked(change: str, weeks: int) -> dict[DriftKind, Drift]:
    end = TRAINED + weeks * WEEK
    window = market(change).rows(max(0, end - 4_096), end)
    at = from_ms(window.open_ms[-1] + window.interval.ms)
    return {look.kind: look for look in look_for_drift("m1.1", model(), window, at)}


def test_a_market_that_goes_on_as_before_does_not_drift() -> None:
    seen = [look.drifted for weeks in range(2, 15) for look in looked("none", weeks).values()]
    assert sum(seen) <= 3  # of 39, of which neighbours see the same


def test_a_wilder_market_moves_the_features() -> None:
    assert not looked("wild", 1)[F].drifted
    found = looked("wild", 6)[F]
    assert found.drifted
    assert "volatility" in found.detail
    assert found.score is not None
    assert found.score >= 2


def test_a_signal_that_turns_round_costs_calibration_and_skill() -> None:
    found = looked("turned", 14)
    assert found[C].drifted, found[C]
    assert found[S].drifted, found[S]
    now, before = found[S].score, found[S].limit
    assert now is not None
    assert before is not None
    assert now > before


def test_too_little_is_said_to_be_too_little() -> None:
    found = looked("none", 1)
    assert (found[C].score, found[C].drifted) == (None, False)
    assert "are needed" in found[C].detail


def test_long_bars_are_looked_at_for_longer_than_a_month() -> None:
    """Four weeks hold 168 bars of four hours, which are too few however long one waits."""
    window = market().rows(TRAINED, TRAINED + 2_048)
    opens = array("q", [4 * at for at in window.open_ms])
    window = replace(window, interval=Interval.H4, open_ms=opens)
    at = from_ms(opens[-1] + window.interval.ms)
    found = look_for_drift("m1.1", replace(model(), interval=Interval.H4, trained_to_ms=opens[-1]), window, at)
    assert found[0].kind is F
    assert found[0].score is not None
    assert "the last 33 days against training" in found[0].detail


def test_the_same_bars_give_the_same_look() -> None:
    assert looked("turned", 8) == looked("turned", 8)


def test_later_bars_change_no_look() -> None:
    end = TRAINED + 4 * WEEK
    series = market("wild")
    at = from_ms(series.open_ms[end - 1] + series.interval.ms)
    known = look_for_drift("m1.1", model(), series.rows(end - 4_096, end), at)
    assert known == look_for_drift("m1.1", model(), series.rows(end - 4_096, end + 50).closed_by(at), at)


def test_one_moved_feature_among_many_is_named() -> None:
    rng = np.random.default_rng(1)
    old, new = rng.standard_normal((2_000, len(NAMES))), rng.standard_normal((672, len(NAMES)))
    assert moved_features(old, new) == {}
    new[:, 3] += 1.0
    old[:, 5] = new[:, 5] = 0.0  # one that always stood still says nothing
    assert list(moved_features(old, new)) == [NAMES[3]]


def test_a_feature_that_got_stuck_has_moved() -> None:
    rng = np.random.default_rng(1)
    old, new = rng.standard_normal((2_000, len(NAMES))), rng.standard_normal((672, len(NAMES)))
    new[:, 5] = 0.0
    assert moved_features(old, new) == {NAMES[5]: math.inf}
    assert moved_features(new, old) == {NAMES[5]: math.inf}  # and one that stood still and now moves


def test_bars_without_a_trade_are_told_as_drift() -> None:
    """The feed repeats one close: what looks at it stands still."""
    end = TRAINED + 6 * WEEK
    window = market().rows(end - 4_096, end)
    flat = array("d", window.close)
    for i in range(len(flat) - 1_300, len(flat)):
        flat[i] = flat[len(flat) - 1_300]
    window = replace(window, open=flat, high=flat, low=flat, close=flat)
    found = {one.kind: one for one in look_for_drift("m1.1", model(), window, from_ms(window.open_ms[-1] + 3_600_000))}
    assert found[F].drifted
    assert "it stands still" in found[F].detail


@pytest.mark.parametrize(
    ("actions", "drifted", "left"),
    [
        ({}, [F, C, S], (1_000_000, False)),
        ({S: DriftAction.CUT_SIZE}, [F], (1_000_000, False)),
        ({S: DriftAction.CUT_SIZE}, [S], (500_000, False)),
        ({S: DriftAction.CUT_SIZE, F: DriftAction.STAND_DOWN}, [S, F], (0, True)),
        ({S: DriftAction.RETRAIN}, [S], (1_000_000, False)),
    ],
)
def test_what_is_left_is_what_the_operator_chose(
    actions: dict[DriftKind, DriftAction], drifted: list[DriftKind], left: tuple[int, bool]
) -> None:
    looks = [
        Drift(version_id="m1.1", at=utc("2025-01-06"), kind=kind, score=1.0, limit=0.5, drifted=kind in drifted,
              detail="") for kind in DriftKind
    ]  # fmt: skip
    earlier = [replace(look, at=utc("2024-12-30"), drifted=True) for look in looks]
    found = Restraint.of(Care(actions=actions), [*looks, *earlier])
    assert (found.size_ppm, found.stands_down) == left
