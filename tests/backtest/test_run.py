"""The backtest against hand-made bars, a reference engine, and itself without the compiler."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from array import array
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from math import ceil, sqrt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from engine.backtest.plan import BacktestPlan, BacktestSleeve
from engine.backtest.run import backtest
from engine.domain.account import Costs
from engine.domain.bar import BarSeries
from engine.domain.errors import ConfigurationError, InvalidBar, MissingBars
from engine.domain.interval import Interval, to_ms
from engine.domain.order import ExitReason
from engine.risk.limits import RiskLimits
from engine.strategy.strategy import RuleStrategy
from tests.backtest.worlds import Scripted, calm_plan, random_plan
from tests.builders import bars_at, instrument, utc

BARS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "bars"
FREE = Costs(fee_ratio=Decimal(0), half_spread_ratio=Decimal(0), slippage_ratio=Decimal(0))
WIDE = RiskLimits(
    max_drawdown=Decimal(1), max_daily_loss=Decimal(1), stop_loss=Decimal("0.02"), take_profit=Decimal("0.04")
)


def plan_of(*closes: float, rule: str = "buy_hold", without: tuple[int, ...] = ()) -> BacktestPlan:
    """BTCUSDT 1h bars opening at the close before, wicks of 1; stake 1000, no costs, stop 2 %, target 4 %."""
    series = bars_at("2025-01-01", closes, without=without)
    return BacktestPlan(
        sleeves=[BacktestSleeve(sleeve_id="s", instrument=instrument(), series=series)],
        strategy=RuleStrategy.of(rule), cash=Decimal(10_000), limits=WIDE, costs=FREE, stake=Decimal(1000),
    )  # fmt: skip


def test_an_entry_fills_at_the_next_open_and_its_target_at_its_price() -> None:
    result = backtest(plan_of(100, 100, 103))
    [trade] = result.trades
    assert (trade.entry_price, trade.exit_price, trade.quantity) == (Decimal(100), Decimal(104), Decimal(10))
    assert (trade.exit_reason, trade.profit, trade.fees) == (ExitReason.TARGET, Decimal(40), Decimal(0))
    assert (trade.opened_at, trade.closed_at) == (utc("2025-01-01 01:00"), utc("2025-01-01 03:00"))
    assert (
        result.final_equity == Decimal(10_000) + 40 + Decimal("0") * 7
    )  # entered again at 103, marked where it closed


def test_the_stop_is_live_on_the_entry_bar_and_wins_over_the_target() -> None:
    series = bars_at("2025-01-01", [100, 100, 100])
    wild = replace(series, high=array("d", [101, 110, 101]), low=array("d", [99, 90, 99]))
    plan = plan_of(100, 100, 100)
    result = backtest(replace(plan, sleeves=[replace(plan.sleeves[0], series=wild)]))
    assert (result.trades[0].exit_reason, result.trades[0].exit_price) == (ExitReason.STOP, Decimal(98))


def test_finer_bars_say_whether_the_stop_or_the_target_came_first() -> None:
    """Bought at 100, stop 98, target 104; the hour goes from 90 to 110, its first quarter up, its second down."""
    series = bars_at("2025-01-01", [100, 100, 100])
    wild = replace(series, high=array("d", [101, 110, 101]), low=array("d", [99, 90, 99]))
    quarters = bars_at("2025-01-01 01:00", [100, 100, 100, 100], interval=Interval.M15)
    up_then_down = replace(quarters, high=array("d", [110, 101, 101, 101]), low=array("d", [99, 90, 99, 99]))
    plan = plan_of(100, 100, 100)
    sleeve = replace(plan.sleeves[0], series=wild)
    told = backtest(replace(plan, sleeves=[replace(sleeve, finer=up_then_down)]))
    assert (told.trades[0].exit_reason, told.trades[0].exit_price) == (ExitReason.TARGET, Decimal(104))
    assert told.decided == {"by_finer_bars": 1, "stop_first": 0}
    assert backtest(replace(plan, sleeves=[sleeve])).decided == {"by_finer_bars": 0, "stop_first": 1}
    with pytest.raises(ConfigurationError, match="1h bars of BTCUSDT do not divide 1h bars"):
        replace(plan, sleeves=[replace(sleeve, finer=series)])


def test_a_gap_through_the_stop_fills_at_the_open() -> None:
    series = bars_at("2025-01-01", [100, 100, 91, 91])
    gapped = replace(series, open=array("d", [100, 100, 91, 91]), low=array("d", [99, 99, 90, 90]))
    plan = plan_of(1)
    result = backtest(replace(plan, sleeves=[replace(plan.sleeves[0], series=gapped)]))
    assert (result.trades[0].exit_reason, result.trades[0].exit_price) == (ExitReason.STOP, Decimal(91))


def test_an_order_waits_through_missing_bars() -> None:
    result = backtest(plan_of(100, 100, 100, 101, 108, without=(1, 2)))
    assert result.trades[0].opened_at == utc("2025-01-01 03:00")
    assert result.bars == 3


def test_an_order_at_market_pays_its_own_impact() -> None:
    """Sigma a tenth, 990 in a market of 1,980 a bar: a tenth of a tenth times the root of a half is 7,072 millionths.

    Bought at 99 plus 71 ticks; stop at 97.71 (2 %), sold there less ceil(9771 x 6,987 ppm) = 69 ticks, for then it is
    977.1 in what the four bars before traded.
    """
    series = replace(bars_at("2025-01-01", [100, 110, 99, 99, 90]), volume=array("d", [59.4, 0, 0, 20.2, 0]))
    said = {ms: (float(i == 2), 0.0, 0.0, 0.0, 0.0) for i, ms in enumerate(series.open_ms)}
    plan = plan_of(1)
    plan = replace(
        plan, sleeves=[replace(plan.sleeves[0], series=series)], stake=Decimal(990),
        strategy=Scripted(horizon=0, said={"BTCUSDT": said}), costs=replace(FREE, impact=Decimal("0.1")),
    )  # fmt: skip
    [trade] = backtest(plan).trades
    assert trade.entry_price == Decimal("99.71")
    sigma, traded = sqrt((0.1**2 + 0.1**2) / 3), (5940 + 20.2 * 99) / 4
    ppm = ceil(0.1 * sigma * sqrt(977.1 / traded) * 1e6)
    assert trade.exit_price == Decimal(9771 - ceil(9771 * ppm / 1e6)) / 100


def test_a_latency_of_two_bars_fills_at_the_open_after_next() -> None:
    plan = replace(plan_of(100, 100, 101, 106, 106), latency_bars=2)
    result = backtest(plan)
    assert (result.trades[0].opened_at, result.trades[0].entry_price) == (utc("2025-01-01 02:00"), Decimal(100))
    with pytest.raises(ConfigurationError, match="latency is 0 bars"):
        replace(plan, latency_bars=0)


def test_an_exit_on_its_way_is_forgotten_where_the_stop_comes_before_it() -> None:
    """Sold at the first close after the entry, stopped on the way: one trade, and the next BUY is free at once."""
    plan = plan_of(100, 100, 100, 97, 97, 97, 97, 97)
    opens = plan.sleeves[0].series.open_ms
    signals = dict(zip(opens, (1, 0, -1, 1, 0, 0, 0, 0), strict=True))
    said = {ms: (float(signal), 0.0, 0.0, 0.0, 0.0) for ms, signal in signals.items()}
    result = backtest(replace(plan, strategy=Scripted(horizon=0, said={"BTCUSDT": said}), latency_bars=2))
    assert [(t.exit_reason, t.closed_at) for t in result.trades] == [(ExitReason.STOP, utc("2025-01-01 04:00"))]
    assert [held.opened_ms for held in result.still_held] == [to_ms(utc("2025-01-01 05:00"))]


def test_costs_come_off_every_side_and_dust_stays() -> None:
    costs = Costs(fee_ratio=Decimal("0.001"), half_spread_ratio=Decimal("0.0005"), slippage_ratio=Decimal("0.0005"))
    [trade] = backtest(replace(plan_of(100, 100, 103, 110), costs=costs)).trades
    assert trade.entry_price == Decimal("100.1")
    assert trade.exit_price == Decimal("104.1")  # 100.1 x 1.04 rounded down; a target pays no spread
    assert trade.quantity == Decimal("9.99")  # 10 less 0.1 % stays 9.99, whole lots
    assert trade.fees == Decimal("1.001") + Decimal("1.039959")
    assert trade.profit == Decimal("9.99") * Decimal("104.1") - Decimal("1.039959") - Decimal(1001)


def test_a_daily_loss_latches() -> None:
    tight = replace(WIDE, max_daily_loss=Decimal("0.001"))
    falling = replace(plan_of(100, 100, 97, 97, 97, 97, *[97] * 40), limits=tight)
    result = backtest(falling)
    assert (len(result.trades), result.halts, result.halted_at) == (1, ("daily_loss",), utc("2025-01-01 03:00"))
    assert result.held_by["halted"] == result.decisions - 2


def test_a_day_starts_with_the_equity_of_its_midnight() -> None:
    """Up 10 % on the first day, 6 % down on the second: a loss of the day, though not of the account."""
    rising, falling = [100.0] * 12 + [110.0] * 12, [110.0] * 3 + [103.4] * 20
    calm = replace(WIDE, max_daily_loss=Decimal("0.05"), stop_loss=Decimal("0.5"), take_profit=Decimal(1))
    all_in = replace(calm, max_position_ratio=Decimal("0.99"), max_exposure_ratio=Decimal(1))
    result = backtest(replace(plan_of(*rising, *falling), limits=all_in, stake=None))
    assert (result.halts, result.halted_at) == (("daily_loss",), utc("2025-01-02 04:00"))


def test_between_calls_peaks_rise_and_days_begin() -> None:
    """One call, then silence: up by half and down by a tenth of that; and down 6 % in a day after a good one."""
    calm = replace(WIDE, stop_loss=Decimal("0.9"), take_profit=Decimal(1), max_position_ratio=Decimal("0.99"))
    worlds: list[tuple[list[float], dict[str, Any], str, str]] = [
        ([100, 100, 120, 150, 140, 135, 135], {"max_drawdown": Decimal("0.08")}, "drawdown", "2025-01-01 06:00"),
        ([100.0] * 12 + [110.0] * 12 + [103.4] * 2, {"max_daily_loss": Decimal("0.05")}, "daily_loss",
         "2025-01-02 01:00"),
    ]  # fmt: skip
    for closes, limits, halt, at in worlds:
        plan = plan_of(*closes)
        opens = plan.sleeves[0].series.open_ms
        said = {ms: (float(i == 0), 0.0, 0.0, 0.0, 0.0) for i, ms in enumerate(opens)}
        once = Scripted(horizon=0, said={"BTCUSDT": said})
        wide = replace(calm, max_exposure_ratio=Decimal(1), **limits)
        result = backtest(replace(plan, strategy=once, limits=wide, stake=None))
        assert (result.halts, result.halted_at) == ((halt,), utc(at))


def test_exits_fill_before_entries_so_that_their_money_counts() -> None:
    """The second instrument's open gaps above the free cash: only what the first one's exit brought pays for it."""
    said: dict[str, dict[int, tuple[float, ...]]] = {
        "BTCUSDT": {0: (1, 0, 0, 0, 0), 1: (-1, 0, 0, 0, 0)}, "AAAUSDT": {1: (1, 0, 0, 0, 0)},
    }  # fmt: skip
    entered, left = bars_at("2025-01-01", [100] * 4, symbol="AAAUSDT"), bars_at("2025-01-01", [100] * 4)
    gapped = replace(entered, open=array("d", [100, 100, 130, 130]), high=array("d", [140] * 4))
    calls = {
        series.symbol: {ms: said[series.symbol].get(i, (0.0,) * 5) for i, ms in enumerate(series.open_ms)}
        for series in (entered, left)
    }
    sleeves = [BacktestSleeve(sleeve_id=s.symbol, instrument=instrument(s.symbol), series=s) for s in (gapped, left)]
    calm = replace(WIDE, stop_loss=Decimal("0.5"), take_profit=Decimal(1))
    wide = replace(calm, max_position_ratio=Decimal(1), max_exposure_ratio=Decimal(1), max_correlation=Decimal(1))
    plan = BacktestPlan(
        sleeves=sleeves, strategy=Scripted(horizon=0, said=calls), cash=Decimal(100), limits=wide, costs=FREE,
        stake=Decimal(45),
    )  # fmt: skip
    result = backtest(plan)
    assert (result.refused, result.open_positions, len(result.trades)) == (0, 1, 1)
    poorer = backtest(replace(plan, sleeves=sleeves[:1], cash=Decimal(58)))
    assert (poorer.refused, poorer.open_positions) == (1, 0)


def test_bars_before_the_start_only_warm_up() -> None:
    closes = [100 + (i * 7919 % 13) / 2 for i in range(200)]
    whole = plan_of(*closes, rule="sma_cross:fast=3,slow=9")
    late = backtest(replace(whole, start=utc("2025-01-05")))
    assert late.bars == 200 - 96
    assert late.trades
    assert late.trades[0].opened_at < utc("2025-01-05 09:00"), "the averages are warm at the start"


def test_what_cannot_be_run_is_refused_with_a_way_out() -> None:
    plan = plan_of(100, 100)
    with pytest.raises(MissingBars, match="import or sync"):
        backtest(replace(plan, start=utc("2026-01-01")))
    with pytest.raises(ConfigurationError, match="twice"):
        replace(plan, sleeves=[*plan.sleeves, *plan.sleeves])
    with pytest.raises(ConfigurationError, match="stake"):
        replace(plan, stake=Decimal(0))
    with pytest.raises(InvalidBar, match="tick"):
        backtest(plan_of(100.001, 100))
    with pytest.raises(InvalidBar, match="nan"):
        backtest(plan_of(float("nan"), 100))


def plans() -> list[BacktestPlan]:
    """Of three instruments, and of one, which is walked apart."""
    return [*(random_plan(seed) for seed in range(8)), *(calm_plan(seed) for seed in range(6))]


_UNCOMPILED = """
import json, numba
from engine.backtest.run import backtest
from tests.backtest.test_run import plans
assert numba.config.DISABLE_JIT
runs = [backtest(plan) for plan in plans()]
print(json.dumps([[r.trades_sha256, r.equity.tolist(), dict(r.held_by)] for r in runs]))
"""


def test_the_interpreter_gives_what_the_compiler_gives() -> None:
    answer = subprocess.run(
        [sys.executable, "-W", "error", "-c", _UNCOMPILED],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"}, capture_output=True, text=True, check=False, timeout=300,
        cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    runs = [backtest(plan) for plan in plans()]
    assert json.loads(answer.stdout) == [[r.trades_sha256, r.equity.tolist(), dict(r.held_by)] for r in runs]


@pytest.mark.market_data
@pytest.mark.skipif(not BARS.exists(), reason="../shared/data/bars is absent")
@pytest.mark.parametrize(
    ("interval", "stops", "targets", "signals", "equity"),
    [("1h", 314, 181, 291, 98838.7634), ("1m", 4, 13, 6055, 88024.2115)],
)
def test_the_cross_of_averages_agrees_with_the_reference_engine(
    interval: str, stops: int, targets: int, signals: int, equity: float
) -> None:
    """Counts of a bare event loop over the same bars (SMA 20/50, stop 2 %, target 4 %, fee 0.1 %); its equity knows no
    lots, ticks or stake at the close, which is the difference of some cents per hundred trades."""
    plan = BacktestPlan(
        sleeves=[BacktestSleeve(sleeve_id="s", instrument=instrument(), series=real_bars("BTCUSDT", interval))],
        strategy=RuleStrategy.of("sma_cross"), cash=Decimal(100_000), limits=WIDE,
        costs=replace(FREE, fee_ratio=Decimal("0.001")), stake=Decimal(1000),
    )  # fmt: skip
    result = backtest(plan)
    counts = Counter(t.exit_reason for t in result.trades)
    assert counts == {ExitReason.STOP: stops, ExitReason.TARGET: targets, ExitReason.SIGNAL: signals}
    assert float(result.final_equity) - 100_000 == pytest.approx(equity - 100_000, rel=0.0025)


def real_bars(symbol: str, interval: str) -> BarSeries:
    frame = pd.read_parquet(BARS / f"{symbol}-{interval}.parquet")
    columns = {name: array("d", frame[name].to_numpy()) for name in ("open", "high", "low", "close", "volume")}
    opens = array("q", frame["open_time"].astype("int64").to_numpy())
    return BarSeries(symbol=symbol, interval=Interval(interval), open_ms=opens, **columns)
