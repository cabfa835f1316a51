"""Triple barrier: trades by hand, under the backtest's rules, never labelled by what a gap or the end hides."""

from __future__ import annotations

import math
from array import array

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.bar import BarSeries
from engine.domain.errors import UnusableSample
from engine.domain.interval import Interval
from engine.learning.barriers import barriers
from engine.learning.kernels.compiled import Column
from engine.learning.volatility import volatility
from tests.learning.markets import walk

HOUR = Interval.H1.ms
WIDE = math.log(1.1)
"""A target 10 % above; the stop 1 / 1.1 below."""


def bars(*rows: tuple[float, float, float, float], without: tuple[int, ...] = ()) -> BarSeries:
    """Hourly bars from (open, high, low, close); positions in `without` are missing."""
    kept = [(i, row) for i, row in enumerate(rows) if i not in without]
    columns = [array("d", [row[c] for _, row in kept]) for c in range(4)]
    return BarSeries(
        symbol="BTCUSDT", interval=Interval.H1, open_ms=array("q", [i * HOUR for i, _ in kept]),
        open=columns[0], high=columns[1], low=columns[2], close=columns[3], volume=array("d", [1.0] * len(kept)),
    )  # fmt: skip


def flat(price: float = 100.0) -> tuple[float, float, float, float]:
    return price, price, price, price


def first(series: BarSeries, horizon: int = 3, side: float = 1.0) -> tuple[float, float, int]:
    """Outcome, gross return in ppm and bars until known of the first bar's trade."""
    n = len(series)
    found = barriers(series, np.full(n, WIDE), horizon=horizon, side=np.full(n, side), target=1.0, stop=1.0)
    gross = found.gross_ratio[0]
    known = int(found.known_ms[0] - series.open_ms[0]) // HOUR - 1
    return float(found.outcome[0]), float(gross) if math.isnan(gross) else round(float(gross) * 1e6), known


def test_the_target_is_touched_first() -> None:
    assert first(bars(flat(), flat(), (100, 111, 99, 105), (105, 105, 50, 50))) == (1, 100_000, 2)


def test_the_entry_bar_counts() -> None:
    assert first(bars(flat(), (100, 100, 90, 95), flat(), flat())) == (-1, round((1 / 1.1 - 1) * 1e6), 1)


def test_entry_is_the_next_open_not_the_close_that_called() -> None:
    assert first(bars(flat(100), flat(200), (200, 221, 200, 210), flat(210))) == (1, 100_000, 2)


def test_a_bar_that_touches_both_took_the_stop() -> None:
    assert first(bars(flat(), flat(), (100, 120, 80, 100), flat()))[0] == -1
    assert first(bars(flat(), flat(), (100, 120, 80, 100), flat()), side=-1)[0] == -1


def test_a_gap_through_the_stop_fills_at_the_open_a_gap_through_the_target_at_its_price() -> None:
    assert first(bars(flat(), flat(), (80, 85, 75, 80), flat(80))) == (-1, -200_000, 2)
    assert first(bars(flat(), flat(), (150, 160, 140, 150), flat(150))) == (1, 100_000, 2)


def test_the_horizon_s_end_pays_what_it_pays() -> None:
    assert first(bars(flat(), flat(), flat(), (100, 105, 99, 104), flat(50))) == (0, 40_000, 3)


def test_a_sell_is_the_mirror() -> None:
    assert first(bars(flat(), flat(), (100, 101, 90, 95), flat(95)), side=-1) == (1, 90_909, 2)
    assert first(bars(flat(), flat(), (100, 111, 99, 105), flat()), side=-1) == (-1, -100_000, 2)


def test_no_side_no_deviation_no_trade() -> None:
    series = bars(*[flat()] * 5)
    for side, width in ((0.0, WIDE), (math.nan, WIDE), (1.0, math.nan), (1.0, 0.0)):
        found = barriers(series, np.full(5, width), horizon=2, side=np.full(5, side))
        assert np.isnan(found.outcome).all()


def test_what_is_not_over_has_no_label_even_if_it_was_touched() -> None:
    series = bars(flat(), flat(), (100, 120, 100, 110), flat(110))
    found = barriers(series, np.full(4, WIDE), horizon=3, target=1.0, stop=1.0)
    assert np.isnan(found.outcome).tolist() == [False, True, True, True]


def test_a_missing_entry_or_end_leaves_no_label() -> None:
    rows = [flat()] * 6
    assert math.isnan(first(bars(*rows, without=(1,)))[0])
    assert math.isnan(first(bars(*rows, without=(3,)))[0])
    assert first(bars(*rows, without=(2,)))[0] == 0


def test_costs_turn_a_small_win_into_none() -> None:
    series = bars(flat(), flat(), flat(), (100, 105, 99, 100.2), flat())
    found = barriers(series, np.full(5, WIDE), horizon=3)
    assert found.paid(0.0)[0] == 1.0
    assert found.paid(0.0024)[0] == 0.0
    assert found.net_ratio(0.0024)[0] == pytest.approx(0.002 - 0.0024)
    assert np.isnan(found.paid(0.0)[-1])


@given(st.integers(0, 40), st.integers(1, 30), st.floats(0.3, 3), st.floats(0.3, 3))
def test_a_trade_ends_within_its_horizon_and_between_its_barriers(
    seed: int, horizon: int, target: float, stop: float
) -> None:
    series = walk(120, seed=seed)
    width = volatility(series, horizon)
    side = np.random.default_rng(seed).choice([-1.0, 1.0], 120)
    found = barriers(series, width, horizon=horizon, side=side, target=target, stop=stop)
    seen = ~np.isnan(found.outcome)
    close = np.array(series.open_ms) + HOUR
    assert seen.sum() == max(0, 120 - 1 - horizon)
    assert ((found.known_ms > close) & (found.known_ms <= close + horizon * HOUR)).all()
    won, lost = found.outcome == 1, found.outcome == -1
    np.testing.assert_allclose(found.gross_ratio[won], _at(side * target * width, side)[won], rtol=1e-9)
    assert (found.gross_ratio[lost] <= _at(-side * stop * width, side)[lost] + 1e-12).all()


def _at(log_move: Column, side: Column) -> Column:
    return np.asarray(side * (np.exp(log_move) - 1))


def test_what_follows_a_trade_changes_nothing_in_it() -> None:
    whole = walk(200, seed=3)
    part = whole.rows(0, 120)
    width = volatility(whole, 10)
    long, short = barriers(whole, width, horizon=10), barriers(part, width[:120], horizon=10)
    assert long.outcome[:109].tobytes() == short.outcome[:109].tobytes()
    assert long.known_ms[:109].tobytes() == short.known_ms[:109].tobytes()


def test_no_bars_no_trades() -> None:
    assert len(barriers(BarSeries.empty("BTCUSDT", Interval.H1), np.empty(0), horizon=2).outcome) == 0


def test_impossible_barriers_are_refused() -> None:
    series = bars(*[flat()] * 4)
    with pytest.raises(UnusableSample, match="horizon is 0"):
        barriers(series, np.ones(4), horizon=0)
    with pytest.raises(UnusableSample, match="stop is 0"):
        barriers(series, np.ones(4), horizon=1, stop=0)
    with pytest.raises(UnusableSample, match="one each is needed"):
        barriers(series, np.ones(3), horizon=1)
    with pytest.raises(UnusableSample, match="cost of a round trip"):
        barriers(series, np.ones(4), horizon=1).net_ratio(-0.1)


def test_the_last_bar_of_the_horizon_can_touch_too() -> None:
    assert first(bars(flat(), flat(), flat(), (100, 111, 99, 104), flat())) == (1, 100_000, 3)
