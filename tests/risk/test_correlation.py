"""Correlation against numpy's, on the same returns live and in batch, and what is not known."""

from __future__ import annotations

from math import inf, isnan

import numpy as np
import pytest

from engine.domain.bar import BarSeries
from engine.domain.interval import Interval, from_ms, to_ms
from engine.risk.company import correlation_with
from engine.risk.correlation import FEWEST, correlation, returns_on_grid, slots
from tests.builders import bars_at, utc

START = "2025-01-01"
N = 900


def alike(*shares: float) -> dict[str, BarSeries]:
    """Instruments AUSDT, BUSDT, ... that move with one market by these shares of their variance; seeded."""
    rng = np.random.default_rng(7)
    market = rng.normal(0, 0.01, N)
    series = {}
    for i, share in enumerate(shares):
        moves = np.sqrt(share) * market + np.sqrt(1 - share) * rng.normal(0, 0.01, N)
        symbol = f"{chr(65 + i)}USDT"
        series[symbol] = bars_at(START, np.round(100 * np.exp(np.cumsum(moves)), 4).tolist(), symbol=symbol)
    return series


def test_it_is_the_pearson_correlation_with_the_weighted_rest() -> None:
    windows = alike(0.8, 0.5, 0.9)
    at = windows["AUSDT"].last_close_at
    assert at is not None
    moves = {s: np.diff(np.array(w.close[-721:])) / np.array(w.close[-721:-1]) for s, w in windows.items()}
    rest = 300 * moves["BUSDT"] + 100 * moves["CUSDT"]
    expected = np.corrcoef(moves["AUSDT"], rest)[0, 1]
    found = correlation_with({"BUSDT": 300, "CUSDT": 100}, "AUSDT", windows, at)
    assert found == pytest.approx(expected, abs=1e-12)
    assert 0.5 < found < 0.95
    also_own = correlation_with({"BUSDT": 300, "CUSDT": 100, "AUSDT": 5_000}, "AUSDT", windows, at)
    assert also_own == found, "what is held of the instrument itself is not the rest"


def test_the_live_window_gives_the_bits_of_the_batch() -> None:
    windows = alike(0.8, 0.5, 0.9)
    held = {"BUSDT": 123_456_789, "CUSDT": 987_654_321}
    first_ms, step = windows["AUSDT"].open_ms[0], Interval.H1.ms
    batch = np.array([returns_on_grid(w, first_ms, N) for w in windows.values()])
    values = np.array([0, *held.values()], dtype=np.int64)
    for close in (30, 500, 721, N):
        at = from_ms(first_ms + close * step)
        live = {s: w.closed_by(at).rows(max(0, close - 800), close) for s, w in windows.items()}
        assert correlation_with(held, "AUSDT", live, at) == correlation(batch, close, 720, values, 0)


def test_only_rows_that_all_know_count() -> None:
    whole, gaps = alike(0.8, 0.5), bars_at(START, [100.0 + i % 7 for i in range(N)], without=[N - 3], symbol="BUSDT")
    at = utc(START) + N * Interval.H1.duration
    returns = returns_on_grid(gaps, to_ms(at) - 10 * Interval.H1.ms, 10)
    assert [bool(isnan(r)) for r in returns] == [False] * 7 + [True, True, False]
    assert correlation_with({"BUSDT": 1}, "AUSDT", {**whole, "BUSDT": gaps}, at) != inf


def test_too_little_is_not_known_and_nothing_is_no_rest() -> None:
    windows = alike(0.8, 0.5)
    at = windows["AUSDT"].last_close_at
    assert at is not None
    young = {**windows, "BUSDT": windows["BUSDT"].rows(N - FEWEST, N)}
    assert correlation_with({"BUSDT": 1}, "AUSDT", young, at) == inf
    older = {**windows, "BUSDT": windows["BUSDT"].rows(N - FEWEST - 1, N)}
    assert correlation_with({"BUSDT": 1}, "AUSDT", older, at) < 1
    assert correlation_with({"CUSDT": 1}, "AUSDT", windows, at) == inf, "bars of what is held are missing"
    assert correlation_with({"BUSDT": 1}, "AUSDT", {}, at) == inf
    assert isnan(correlation_with({"AUSDT": 1}, "AUSDT", windows, at))
    assert isnan(correlation_with({}, "AUSDT", {}, at))


def test_what_never_moves_is_correlated_with_nothing() -> None:
    windows = {**alike(0.5), "BUSDT": bars_at(START, [100.0] * N, symbol="BUSDT")}
    at = windows["AUSDT"].last_close_at
    assert at is not None
    assert correlation_with({"BUSDT": 1}, "AUSDT", windows, at) == 0.0


def test_thirty_days_or_720_returns() -> None:
    assert [slots(i) for i in (Interval.M1, Interval.H1, Interval.H2, Interval.D1)] == [720, 720, 360, 30]
