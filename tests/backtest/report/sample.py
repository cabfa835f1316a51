"""A report of a real run over bars made up from a seed: forty days of two instruments, one of which ends early."""

from __future__ import annotations

from array import array
from decimal import Decimal
from functools import cache

import numpy as np

from engine.backtest.plan import BacktestPlan, BacktestSleeve, lay_out
from engine.backtest.report.make import Telling, report_of
from engine.backtest.report.report import Report
from engine.backtest.run import BacktestResult, walk
from engine.domain.bar import BarSeries
from engine.domain.interval import Interval, to_ms
from engine.risk.limits import RiskLimits
from engine.strategy.ruled import RuleStrategy
from tests.builders import instrument, utc

BEGAN = utc("2025-01-20")


def walk_of(symbol: str, n: int, seed: int, drift: float = 0.0002) -> BarSeries:
    """Hourly bars on the cent."""
    dice = np.random.default_rng(seed)
    close = np.round(100 * np.exp(np.cumsum(dice.normal(drift, 0.006, n))), 2)
    opened = np.concatenate(([100.0], close[:-1]))
    high = np.round(np.maximum(opened, close) * (1 + np.abs(dice.normal(0, 0.002, n))), 2)
    low = np.round(np.minimum(opened, close) * (1 - np.abs(dice.normal(0, 0.002, n))), 2)
    opens = to_ms(BEGAN) + 3_600_000 * np.arange(n)
    return BarSeries(
        symbol=symbol, interval=Interval.H1, open_ms=array("q", opens.tolist()), open=array("d", opened),
        high=array("d", np.maximum(high, np.maximum(opened, close))),
        low=array("d", np.minimum(low, np.minimum(opened, close))),
        close=array("d", close), volume=array("d", np.full(n, 7.0)),
    )  # fmt: skip


def plan_of(*series: BarSeries, rule: str = "sma_cross:fast=4,slow=11") -> BacktestPlan:
    """These bars, ten thousand, stop 3 %, target 6 %."""
    return BacktestPlan(
        sleeves=[BacktestSleeve(sleeve_id=s.symbol, instrument=instrument(s.symbol), series=s) for s in series],
        strategy=RuleStrategy.of(rule), cash=Decimal(10_000),
        limits=RiskLimits(max_daily_loss=Decimal(1), max_drawdown=Decimal(1), max_correlation=Decimal(1)),
    )  # fmt: skip


def reported(plan: BacktestPlan, telling: Telling) -> tuple[BacktestResult, Report]:
    """Run the plan; its result and its report."""
    market, voices = lay_out(plan)
    result = walk(plan, market, voices)
    return result, report_of(result, market, voices, telling)


@cache
def sample() -> tuple[BacktestResult, Report]:
    """The run and its report."""
    series = walk_of("BTCUSDT", 960, 7), walk_of("ETHUSDT", 800, 11)
    return reported(plan_of(*series), Telling(source="SIMULATED"))


def sample_report() -> Report:
    """The report alone."""
    return sample()[1]
