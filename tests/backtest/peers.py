"""The peers' job, "J2" of ../shared/bench: SMA(20)/SMA(50), long only, stop 2 %, target 4 %, fee 0.1 %, next opens.

Ours and the bare reference loop's, over the same bars: what each made of them (backtesting.py's: its own file).
"""

from __future__ import annotations

import importlib
import json
import sys
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from engine.backtest.plan import BacktestPlan, BacktestSleeve
from engine.backtest.run import backtest
from engine.domain.account import Costs
from engine.domain.bar import BarSeries
from engine.domain.interval import Interval
from engine.domain.order import ExitReason
from engine.risk.limits import RiskLimits
from engine.strategy.strategy import RuleStrategy
from tests.builders import instrument
from tests.conftest import SHARED

BENCH = SHARED / "bench"
CASH, STAKE, FEE, STOP, TARGET, FAST, SLOW = 100_000, 1_000, 0.001, 0.02, 0.04, 20, 50
WIDE = RiskLimits.from_mapping(
    {"max_drawdown": 1, "max_daily_loss": 1, "stop_loss": STOP, "take_profit": TARGET, "max_positions": 100,
     "max_position_ratio": 1, "max_exposure_ratio": 1, "max_correlation": 1, "max_orders_per_minute": 1000,
     "shrink_from": 1}
)  # fmt: skip
FREE = Costs(fee_ratio=Decimal("0.001"), half_spread_ratio=Decimal(0), slippage_ratio=Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """`entered` counts what is still open too; `profit` values it at the last close."""

    stops: int
    targets: int
    signals: int
    entered: int
    profit: float

    @property
    def closed(self) -> int:
        """Round trips."""
        return self.stops + self.targets + self.signals


def peers_plan(series: Sequence[BarSeries], tick: str = "0.0001", lot: str = "0.0001") -> BacktestPlan:
    """All instruments in one portfolio, whose gates are as wide as they go; tick and lot fit the made bars."""
    return BacktestPlan(
        sleeves=[
            BacktestSleeve(sleeve_id=s.symbol, instrument=instrument(s.symbol, tick=tick, lot=lot), series=s)
            for s in series
        ],
        strategy=RuleStrategy.of(f"sma_cross:fast={FAST},slow={SLOW}"), cash=Decimal(CASH), limits=WIDE, costs=FREE,
        stake=Decimal(STAKE),
    )  # fmt: skip


def ours(series: Sequence[BarSeries], tick: str = "0.01", lot: str = "0.00001") -> Run:
    """What we make of them."""
    result = backtest(peers_plan(series, tick, lot))
    counts = Counter(trade.exit_reason for trade in result.trades)
    return Run(
        stops=counts[ExitReason.STOP], targets=counts[ExitReason.TARGET], signals=counts[ExitReason.SIGNAL],
        entered=len(result.trades) + result.open_positions, profit=float(result.final_equity) - CASH,
    )  # fmt: skip


def bench_module(name: str) -> Any:
    """A script of ../shared/bench as a module."""
    if str(BENCH) not in sys.path:
        sys.path.append(str(BENCH))
    return importlib.import_module(name)


def reference(series: BarSeries, mode: str = "event") -> Run:
    """The bare event loop of ../shared/bench: no lots, no ticks, no gates."""
    engine = bench_module("ref_engine")
    opened, high, low, close = (np.asarray(getattr(series, name)) for name in ("open", "high", "low", "close"))
    fast, slow = engine.sma(close, FAST), engine.sma(close, SLOW)
    told = engine.run(opened, high, low, close, fast, slow, STOP, TARGET, FEE, float(STAKE), *engine.MODES[mode])
    return Run(
        stops=int(told[2]), targets=int(told[3]), signals=int(told[4]), entered=int(told[1] + told[7]),
        profit=float(told[0] + told[6]),
    )  # fmt: skip


def expected(name: str) -> Run:
    """A row of EXPECTED.json as its "event" engine has it."""
    row = json.loads((BENCH / "EXPECTED.json").read_text(encoding="utf-8"))[name]["event"]
    return Run(
        stops=row["sl"], targets=row["tp"], signals=row["signal"], entered=row["closed"] + row["open_at_end"],
        profit=row["realized_pnl"] + row["open_pnl_mark_last_close"],
    )  # fmt: skip


def made_bars(n_bars: int, number: int, interval: str = "1h") -> BarSeries:
    """The seeded walk `number` of ../shared/bench, its prices on a grid of 0.0001."""
    per_year = {"1h": 8_760, "1m": 525_600}[interval]
    start, freq = ("2022-01-01", "h") if interval == "1h" else ("2024-01-01", "min")
    seed = [7, number] if interval == "1h" else [7, 1000]
    frame = bench_module("gen_synth").gen(n_bars, freq, start, 0.6, per_year, seed, 100.0)
    opens = frame["date"].astype("datetime64[ms, UTC]").astype("int64").to_numpy()
    names = ("open", "high", "low", "close")
    columns = {name: array("d", np.rint(frame[name].to_numpy() * 1e4) / 1e4) for name in names}
    return BarSeries(
        symbol=f"S{number:02d}USDT", interval=Interval(interval), open_ms=array("q", opens.tolist()),
        volume=array("d", frame["volume"].to_numpy()), **columns,
    )  # fmt: skip


def real_bars(symbol: str, interval: str) -> BarSeries:
    """Recorded bars of ../shared/data."""
    frame = pd.read_parquet(SHARED / "data" / "bars" / f"{symbol}-{interval}.parquet")
    columns = {name: array("d", frame[name].to_numpy()) for name in ("open", "high", "low", "close", "volume")}
    opens = array("q", frame["open_time"].astype("int64").to_numpy())
    return BarSeries(symbol=symbol, interval=Interval(interval), open_ms=opens, **columns)
