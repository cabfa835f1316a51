"""What a backtest does with bars that are lacking or broken: a clear error, or a treatment that the report states."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from engine.backtest.report.make import Telling
from engine.backtest.report.report import Report
from engine.backtest.run import BacktestResult, backtest
from engine.domain.bar import BarSeries
from engine.domain.errors import ConfigurationError, InvalidBar, MissingBars
from engine.risk.limits import RiskLimits
from tests.backtest.report.sample import plan_of, reported, walk_of
from tests.builders import bars_at, instrument, utc

NAN = float("nan")


def with_price(value: float) -> BarSeries:
    series = walk_of("BTCUSDT", 20, 1)
    return replace(series, close=array("d", [*series.close[:7], value, *series.close[8:]]))


def with_volume(value: float) -> BarSeries:
    series = walk_of("BTCUSDT", 20, 1)
    return replace(series, volume=array("d", [*series.volume[:7], value, *series.volume[8:]]))


def twice() -> BarSeries:
    series = walk_of("BTCUSDT", 20, 1)
    return replace(series, open_ms=array("q", [*series.open_ms[:5], series.open_ms[4], *series.open_ms[6:]]))


BROKEN: list[tuple[Callable[[], BarSeries], type[Exception], str]] = [
    (lambda: bars_at("2025-01-01", [100.0]), MissingBars, "BTCUSDT: one 1h bar is too few"),
    (lambda: walk_of("BTCUSDT", 20, 1).rows(0, 0), MissingBars, "BTCUSDT: no 1h bars .* import or sync"),
    (lambda: with_price(NAN), InvalidBar, "price .*nan.* at row 7"),
    (lambda: with_price(float("inf")), InvalidBar, "price .*inf.* at row 7"),
    (lambda: with_price(0.0), InvalidBar, "price .*0.0.* at row 7"),
    (lambda: with_price(-3.0), InvalidBar, "at row 7 is not a positive multiple"),
    (lambda: with_volume(NAN), InvalidBar, "volume nan at row 7"),
    (lambda: with_volume(-1.0), InvalidBar, "volume -1.0 at row 7"),
    (twice, InvalidBar, "not in order of time"),
]


@pytest.mark.parametrize(("series", "error", "words"), BROKEN, ids=[str(i) for i in range(len(BROKEN))])
def test_broken_bars_are_refused_by_name_and_row(
    series: Callable[[], BarSeries], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        backtest(plan_of(series()))


def test_an_instrument_without_a_bar_in_the_range_is_named_though_others_have_some() -> None:
    late = replace(plan_of(walk_of("BTCUSDT", 200, 1), walk_of("ETHUSDT", 50, 2)), start=utc("2025-01-25"))
    with pytest.raises(MissingBars, match="ETHUSDT: no 1h bars"):
        backtest(late)


def told(*series: BarSeries, rule: str = "buy_hold") -> tuple[BacktestResult, Report]:
    return reported(plan_of(*series, rule=rule), Telling())


def test_gaps_are_counted_and_their_treatment_is_said() -> None:
    whole = walk_of("BTCUSDT", 100, 3)
    kept = [i for i in range(100) if i not in {10, 11, 12, 40}]
    holed = replace(whole, **{
        name: array("q" if name == "open_ms" else "d", np.asarray(getattr(whole, name))[kept].tolist())
        for name in ("open_ms", "open", "high", "low", "close", "volume")
    })  # type: ignore[arg-type]  # fmt: skip
    result, report = told(holed)
    [bars] = report.bars
    assert (bars.bars, bars.gaps, bars.missing, result.bars) == (96, 2, 4, 96)
    assert "orders wait for the next open" in " ".join(bars.notes)
    assert told(whole)[1].bars[0].notes == ()


def test_a_delisted_instrument_keeps_its_position_at_the_last_close_and_says_so() -> None:
    """Nobody could have sold it: it is in no trade, and its last value stays in the equity."""
    alive, gone = walk_of("BTCUSDT", 300, 3), walk_of("ETHUSDT", 120, 4)
    result, report = told(alive, gone)
    [held] = [h for h in result.still_held if h.place == 1]
    assert held.lots > 0
    bars = report.bars[1]
    assert bars.last_at == "2025-01-25T00:00:00Z"
    assert "its bars end at 2025-01-25T00:00:00Z, before the run does: its position stays open" in bars.notes[-1]
    assert any("in no trade: BTCUSDT, ETHUSDT" in note for note in report.notes)
    assert report.bars[0].notes == ()


def test_a_delisted_instrument_that_was_flat_is_told_as_such() -> None:
    _, report = told(walk_of("BTCUSDT", 300, 3), walk_of("ETHUSDT", 9, 4), rule="sma_cross:fast=4,slow=11")
    assert report.bars[1].notes[-1].endswith("it was flat")


def test_bars_without_volume_are_counted_with_the_fills_on_them() -> None:
    series = walk_of("BTCUSDT", 200, 5)
    result, _ = told(series, rule="sma_cross:fast=4,slow=11")
    entered = result.trades[0].opened_at
    place = series.position(int(entered.timestamp() * 1000))
    silent = replace(series, volume=array("d", [0.0 if i == place else 7.0 for i in range(200)]))
    again, report = told(silent, rule="sma_cross:fast=4,slow=11")
    assert again.trades_sha256 == result.trades_sha256
    assert report.bars[0].without_volume == 1
    assert "1 bars without volume" in report.bars[0].notes[0]
    assert "1 fills fell on such bars" in report.bars[0].notes[0]


def test_too_few_bars_to_be_warm_are_said() -> None:
    _, cold = told(walk_of("BTCUSDT", 30, 5), rule="sma_cross:fast=20,slow=50")
    assert any("no bars before the start of BTCUSDT" in note for note in cold.notes)
    warm = replace(plan_of(walk_of("BTCUSDT", 200, 5)), start=utc("2025-01-25"))
    assert not any("no bars before" in note for note in reported(warm, Telling())[1].notes)


def test_halts_and_refused_entries_are_in_the_notes() -> None:
    plan = plan_of(walk_of("BTCUSDT", 400, 5, drift=-0.004), rule="buy_hold")
    tight = replace(plan, limits=replace(plan.limits, max_drawdown=Decimal("0.01")))
    _, report = reported(tight, Telling())
    assert any(note.startswith("halted by drawdown at 2025-") for note in report.notes)


def cheap(series: BarSeries) -> BarSeries:
    """The same at a millionth of the price."""
    opened, high, low, close = (
        array("d", [round(x * 1e-6, 8) for x in prices])
        for prices in (series.open, series.high, series.low, series.close)
    )
    return replace(series, open=opened, high=high, low=low, close=close)


def test_a_position_of_more_coins_than_can_be_counted_is_not_entered() -> None:
    plan = plan_of(cheap(walk_of("PEPEUSDT", 400, 5)), rule="buy_hold")
    rules = instrument("PEPEUSDT", tick="0.00000001", lot="1")
    plan = replace(plan, sleeves=[replace(plan.sleeves[0], instrument=rules)])
    few, many = (backtest(replace(plan, cash=Decimal(cash))) for cash in (1_000_000, 999_000_000))
    assert few.open_positions + len(few.trades) > 0
    assert (len(many.trades), many.open_positions, many.final_equity) == (0, 0, Decimal(999_000_000))
    assert many.held_by["size"] > 0


def test_equity_beyond_what_can_be_counted_is_refused() -> None:
    rising = bars_at("2025-01-20", [round(100 * 1.005**i, 2) for i in range(1_100)])
    everything = RiskLimits.from_mapping({
        "max_position_ratio": "0.99", "max_exposure_ratio": "0.99", "take_profit": "100", "stop_loss": "0.9",
    })  # fmt: skip
    plan = replace(plan_of(rising, rule="buy_hold"), limits=everything)
    assert backtest(plan).total_return > 100
    with pytest.raises(ConfigurationError, match="more than is counted exactly; begin with less cash"):
        backtest(replace(plan, cash=Decimal(900_000_000)))
