"""The report against sums made by hand, and its files."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest

from engine.backtest.plan import lay_out
from engine.backtest.report import tables
from engine.backtest.report.exposure import exposure
from engine.backtest.report.honesty import Tries, honesty
from engine.backtest.report.html import from_html, to_html
from engine.backtest.report.make import Telling, report_of
from engine.backtest.report.report import Report
from engine.backtest.report.rivals import lucky
from engine.backtest.report.svg import ticks
from engine.backtest.run import backtest, walk
from engine.cli.planned import trade_row
from engine.domain.account import Costs
from engine.domain.errors import ConfigurationError
from engine.domain.interval import to_ms
from engine.domain.order import ExitReason
from engine.statistics.drawdown import max_drawdown
from tests.backtest.report.sample import plan_of, reported, sample, sample_report, walk_of
from tests.builders import bars_at


def test_a_report_survives_json_to_the_last_field() -> None:
    report = sample_report()
    assert Report.parse(json.loads(json.dumps(report.to_json(), allow_nan=False))) == report


def test_exits_that_a_bar_leaves_open_are_counted() -> None:
    """Barriers of a thousandth, inside which hardly a bar stays."""
    near = replace(plan_of(walk_of("BTCUSDT", 400, 3)).limits, stop_loss=Decimal("0.001"), take_profit=Decimal("0.001"))
    result, report = reported(replace(plan_of(walk_of("BTCUSDT", 400, 3)), limits=near), Telling())
    n = result.decided["stop_first"]
    assert n > 0
    words = f"{n} exits fell into bars that reached both stop and target: 0 decided by finer bars, {n} by the "
    assert any(note.startswith(words) for note in report.notes)


def test_another_versions_report_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="run the backtest again"):
        Report.parse({**sample_report().to_json(), "version": 0})


def test_months_multiply_to_the_whole_and_count_every_trade() -> None:
    result, report = sample()
    grown = np.prod([1 + month.total_return for month in report.months])
    assert grown == pytest.approx(1 + result.total_return, rel=1e-12)
    assert [m.month for m in report.months] == ["2025-01", "2025-02"]
    assert sum(m.trades for m in report.months) == len(result.trades) > 20
    assert sum(m.profit for m in report.months) == pytest.approx(float(sum(t.profit for t in result.trades)))


def test_a_close_at_midnight_ends_its_own_month() -> None:
    series = bars_at("2025-01-31 21:00", [100.0, 101.0, 102.0, 103.0])
    _, report = reported(plan_of(series, rule="buy_hold"), Telling())
    assert [m.month for m in report.months] == ["2025-01", "2025-02"]


def test_the_thinned_curve_hides_no_drawdown() -> None:
    result, report = sample()
    assert len(report.at) == 600 < len(result.equity)
    assert max(report.own.drawdown) == pytest.approx(result.max_drawdown, abs=1e-6)
    assert report.own.equity[-1] == pytest.approx(float(result.final_equity), abs=0.005)
    assert max(report.own.drawdown) > max_drawdown(np.array(report.own.equity)) - 1e-6


def test_exposure_is_what_the_run_held_at_every_close() -> None:
    """Against the equity itself: without costs, its change between closes is the exposure times the price's change."""
    free = Costs(fee_ratio=Decimal(0), half_spread_ratio=Decimal(0), slippage_ratio=Decimal(0))
    plan = plan_of(walk_of("BTCUSDT", 400, 3))
    plan = replace(plan, costs=free, limits=replace(plan.limits, stop_loss=Decimal("0.01")))
    market, voices = lay_out(plan)
    result = walk(plan, market, voices)
    share = exposure(result, market)
    close = market.bars[:, 0, 3]
    traded = {*(t.opened_at for t in result.trades), *(t.closed_at for t in result.trades)}
    touched = {int(at.timestamp() * 1000) for at in traded} | {held.opened_ms for held in result.still_held}
    calm = 0
    for t, (before, after) in enumerate(pairwise(close)):
        if {int(market.open_ms[t + 1]), int(result.close_ms[t + 1])} & touched:
            continue
        calm += share[t] > 0
        gained = share[t] * result.equity[t] * (after / before - 1)
        assert result.equity[t + 1] - result.equity[t] == pytest.approx(gained, abs=0.02)
    assert calm > 50
    at_close = {int(ms): float(s) for ms, s in zip(result.close_ms, share, strict=True)}
    for trade in result.trades:
        left = at_close[to_ms(trade.closed_at)]
        assert (left > 0) == (trade.exit_reason is ExitReason.SIGNAL), "a signal's exit comes after its close's mark"
    assert {t.exit_reason for t in result.trades} >= {ExitReason.SIGNAL, ExitReason.STOP}


def test_exits_and_instruments_add_up_to_the_run() -> None:
    result, report = sample()
    for shares in (report.exits, report.instruments):
        assert sum(s.trades for s in shares) == len(result.trades)
        assert sum(s.profit for s in shares) == pytest.approx(float(sum(t.profit for t in result.trades)))
    left = [t for t in result.trades if t.exit_reason is ExitReason.SIGNAL]
    told = next(s for s in report.exits if s.name == "signal")
    assert (told.trades, told.won) == (len(left), sum(t.profit > 0 for t in left))


def test_rivals_are_the_backtests_that_they_name() -> None:
    result, report = sample()
    names = [line.name for line in report.rivals]
    assert names == ["buy_hold", "sma_cross:fast=20,slow=50", "rsi_reversion:period=14,low=30,high=70",
                     "random entry, the middle of 20"]  # fmt: skip
    held = backtest(replace(result.plan, strategy=plan_of(walk_of("X", 9, 1), rule="buy_hold").strategy))
    assert report.rivals[0].figures.total_return == held.total_return
    assert report.luck is not None
    assert report.luck.low <= report.luck.middle <= report.luck.high
    runs = lucky(result, lay_out(result.plan)[0])
    returns = [run.total_return for run in runs]
    assert (report.luck.low, report.luck.high) == (min(returns), max(returns))
    assert report.luck.beaten == sum(r < result.total_return for r in returns) / 20


def test_the_rule_itself_is_not_its_own_rival() -> None:
    _, report = reported(plan_of(walk_of("BTCUSDT", 300, 5), rule="sma_cross"), Telling())
    assert "sma_cross:fast=20,slow=50" not in [line.name for line in report.rivals]


def test_dearer_sides_earn_less_and_zero_costs_pay_no_fee() -> None:
    _, report = sample()
    assert [row.bps for row in report.costs] == [0, 4, 12, 24]
    returns = [row.total_return for row in report.costs]
    assert returns == sorted(returns, reverse=True)
    assert returns[0] > returns[-1]


def test_more_trials_make_the_same_run_look_worse_and_say_so() -> None:
    result, _ = sample()
    alone, many = honesty(result, Tries()), honesty(result, Tries(count=500, told_by="the ledger", variance=100.0))
    assert alone.deflated == pytest.approx(alone.chance)
    assert many.benchmark is not None
    assert many.deflated is not None
    assert alone.deflated is not None
    assert many.deflated < alone.deflated
    assert many.benchmark > 25  # sqrt(100) times the expected best of 500 draws
    alike = honesty(result, Tries(count=500, told_by="the ledger", variance=1e-9))
    assert alike.benchmark is not None
    assert alike.benchmark > 1, "trials that are nearly the same must not make each other look good"
    assert (alone.low, alone.high) == (many.low, many.high)


def test_a_run_that_never_traded_says_what_cannot_be_said() -> None:
    _, report = reported(plan_of(bars_at("2025-01-01", [100.0] * 40), rule="sma_cross"), Telling())
    assert report.honesty.sharpe is None
    assert "nothing varies" in report.honesty.why
    assert report.luck is None
    assert tables.honesty_words(report).startswith("No Sharpe ratio")
    assert "None." in to_html(report, [])


def test_the_file_loads_nothing_and_gives_its_report_back() -> None:
    result, report = sample()
    text = to_html(report, [trade_row(t) for t in result.trades], report)
    assert from_html(text) == report
    outside = re.findall(r"(?:\bsrc=|href|url\(|@import|fetch|XMLHttp|https?:)\S*", text)
    assert outside == []
    assert "default-src 'none'" in text
    assert text.count("<svg") == 3
    assert result.trades[0].closed_at.strftime("%Y-%m-%dT%H:%M:%SZ") in text


def test_what_a_name_holds_is_text_and_no_markup() -> None:
    nasty = replace(sample_report(), strategy="</script><script>alert(1)</script>")
    text = to_html(nasty, [])
    assert "<script>alert" not in text
    assert from_html(text) == nasty


def test_side_by_side_tells_the_difference() -> None:
    report = sample_report()
    mine = report.own.figures
    better = replace(report, own=replace(report.own, figures=replace(mine, total_return=0.5, trades=mine.trades + 3)))
    rows = {row[0]: row for row in tables.side_by_side(better, report).rows}
    gap = 0.5 - report.own.figures.total_return
    assert rows["return"][3] == f"+{100 * gap:.2f} %"
    assert rows["trades"][3] == "+3.00"


def test_the_csv_has_every_trade_with_every_digit() -> None:
    result, _ = sample()
    lines = tables.trades_csv([trade_row(t) for t in result.trades]).splitlines()
    assert len(lines) == 1 + len(result.trades)
    first = dict(zip(lines[0].split(","), lines[1].split(","), strict=True))
    assert Decimal(first["profit"]) == result.trades[0].profit


def test_the_report_is_of_the_run_that_was_made() -> None:
    result, _ = sample()
    market, voices = lay_out(result.plan)
    again = report_of(walk(result.plan, market, voices), market, voices, Telling(source="SIMULATED"))
    assert again == sample_report()


def test_ticks_are_round_and_inside() -> None:
    assert ticks(98.3, 101.2) == [99.0, 100.0, 101.0]
    assert ticks(-0.031, 0.002) == [-0.03, -0.02, -0.01, 0.0]
