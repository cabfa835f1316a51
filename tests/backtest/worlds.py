"""Random worlds for the parity tests: bars with gaps, calls of a model or a rule, limits that bind."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.backtest.plan import BacktestPlan, BacktestSleeve
from engine.domain.account import Costs
from engine.domain.bar import BarSeries
from engine.domain.instrument import Instrument
from engine.domain.interval import Interval, to_ms
from engine.domain.signal import Prediction
from engine.market.columns import to_series
from engine.risk.limits import RiskLimits
from engine.strategy.calls import Calls

START_MS = 1_743_465_600_000 - 7 * 3_600_000  # seven hours before 2025-04-01: the first midnight comes early


@dataclass(frozen=True, slots=True, kw_only=True)
class Scripted:
    """A strategy that says what it was told, by instrument and bar."""

    horizon: int
    said: Mapping[str, Mapping[int, tuple[float, ...]]]
    name: str = "scripted"

    def calls(self, series: BarSeries, first: int = 0) -> Calls:
        """What was told for bars first..end."""
        rows = np.array([(*self.said[series.symbol][ms], 1.0, np.nan)[:7] for ms in series.open_ms[first:]])
        rows = rows.reshape(-1, 7)
        nothing = np.full(len(rows), np.nan)
        p, confidence, move, volatility = (rows[:, k] if self.horizon else nothing for k in range(1, 5))
        return Calls(
            signal=rows[:, 0].astype(np.int8), probability=p, probability_low=p, probability_high=p,
            confidence=confidence, expected_move=move, volatility=volatility,
            years=self.horizon / series.interval.bars_per_year, skill=rows[:, 5].astype(np.int8),
            strangeness=rows[:, 6] if self.horizon else nothing,
        )  # fmt: skip

    def prediction(self, series: BarSeries, i: int) -> Prediction | None:
        """None: nothing to explain."""
        return None


def random_plan(seed: int, n_bars: int = 120) -> BacktestPlan:
    """A plan of three instruments; everything follows from the seed."""
    rng = np.random.default_rng(seed)
    horizon = int(rng.choice([0, 0, 3, 8]))
    later = np.random.default_rng([seed, 1])  # what joined the worlds later, so that the rest of each stays as it was
    latest, inside = np.random.default_rng([seed, 2]), np.random.default_rng([seed, 3])
    slow = np.random.default_rng([seed, 4])
    market = later.normal(0, 0.02, n_bars) * later.choice([0.0, 1.0, 3.0])
    sleeves = [_traded(slow, _sleeve(rng, symbol, n_bars, market)) for symbol in ("CCCUSDT", "AAAUSDT", "BBBUSDT")]
    said = {
        s.instrument.symbol: {ms: (*_call(rng, horizon), *_standing(latest)) for ms in s.series.open_ms}
        for s in sleeves
    }
    return BacktestPlan(
        sleeves=[replace(s, finer=_finer(inside, s)) for s in sleeves] if inside.random() < 0.6 else sleeves,
        strategy=Scripted(horizon=horizon, said=said),
        cash=Decimal(int(rng.choice([60, 400, 100_000]))),
        limits=replace(_limits(rng), **_later_limits(later)),
        costs=Costs(
            fee_ratio=_ratio(rng, 0, 3000), half_spread_ratio=_ratio(rng, 0, 500), slippage_ratio=_ratio(rng, 0, 900),
            impact=Decimal(str(slow.choice(["0", "0", "0.3", "2"]))),
        ),
        stake=None if rng.random() < 0.5 else Decimal(int(rng.integers(6, 120))),
        latency_bars=int(slow.choice([1, 1, 1, 2, 4])),
    )


def calm_plan(seed: int) -> BacktestPlan:
    """One instrument of a random world, of whose calls one in nine is left, and whose barriers are far in every other
    world: what happens there happens between the calls."""
    plan = random_plan(seed, n_bars=160)
    assert isinstance(plan.strategy, Scripted)
    [symbol, *_] = said = plan.strategy.said
    rows = {ms: row if i % 9 == 0 else (0.0, *row[1:]) for i, (ms, row) in enumerate(said[symbol].items())}
    far: dict[str, Any] = {} if seed % 2 else {"stop_loss": Decimal("0.5"), "take_profit": Decimal(1)}
    return replace(
        plan, sleeves=[s for s in plan.sleeves if s.instrument.symbol == symbol], limits=replace(plan.limits, **far),
        strategy=Scripted(horizon=plan.strategy.horizon if seed % 3 == 0 else 0, said={symbol: rows}),
    )  # fmt: skip


def _sleeve(rng: np.random.Generator, symbol: str, n_bars: int, market: NDArray[np.float64]) -> BacktestSleeve:
    lot = str(rng.choice(["0.001", "0.01", "0.1", "1"]))
    instrument = Instrument(
        symbol=symbol, base=symbol[:3], quote="USDT", tick_size=Decimal("0.01"), lot_step=Decimal(lot),
        min_notional=Decimal(int(rng.choice([0, 5]))),
    )  # fmt: skip
    everyone = np.random.default_rng(int(rng.integers(0, 3))).random(n_bars) < 0.97  # gaps of the whole market
    kept = np.flatnonzero(everyone & (rng.random(n_bars) < rng.choice([1.0, 0.9])))
    close = np.exp(np.cumsum(rng.normal(0, 0.02, n_bars) + market)) * 10
    opened = np.concatenate(([10.0], close[:-1])) * np.exp(rng.normal(0, 0.05, n_bars) * (rng.random(n_bars) < 0.25))
    high = np.maximum(opened, close) * np.exp(np.abs(rng.normal(0, 0.01, n_bars)))
    low = np.minimum(opened, close) * np.exp(-np.abs(rng.normal(0, 0.01, n_bars)))
    columns = [np.maximum(1, np.rint(x[kept] * 100)) / 100 for x in (opened, high, low, close)]
    series = BarSeries(
        symbol=symbol, interval=Interval.H1, open_ms=array("q", (START_MS + kept * 3_600_000).tolist()),
        open=array("d", columns[0]), high=array("d", columns[1]), low=array("d", columns[2]),
        close=array("d", columns[3]), volume=array("d", np.ones(len(kept))),
    )  # fmt: skip
    return BacktestSleeve(sleeve_id=f"s-{symbol}", instrument=instrument, series=series)


def _traded(rng: np.random.Generator, sleeve: BacktestSleeve) -> BacktestSleeve:
    """With volumes: mostly of the size of its orders and above, at times none."""
    n = len(sleeve.series)
    volume = np.exp(rng.normal(rng.choice([1.0, 5.0, 9.0]), 1.0, n)) * (rng.random(n) > rng.choice([0.0, 0.9]))
    return replace(sleeve, series=replace(sleeve.series, volume=array("d", volume)))


def _finer(rng: np.random.Generator, sleeve: BacktestSleeve) -> BarSeries | None:
    """Quarters of the hours, one in eight of them missing; each hour's high and low fall into some quarter."""
    if rng.random() < 0.2:
        return None
    rows: list[tuple[float, ...]] = []
    for bar in sleeve.series:
        opened, high, low, close = (round(100 * x) for x in (bar.open, bar.high, bar.low, bar.close))
        path = [opened, *rng.integers(low, high + 1, 3).tolist(), close]
        at_high, at_low = rng.integers(0, 4, 2)
        for k in range(4):
            begin, end = path[k], path[k + 1]
            most = high if k == at_high else int(rng.integers(max(begin, end), high + 1))
            least = low if k == at_low else int(rng.integers(low, min(begin, end) + 1))
            if rng.random() > 0.12:
                rows.append((to_ms(bar.open_at) + k * Interval.M15.ms, begin / 100, most / 100, least / 100, end / 100))
    at, *prices = np.array(rows).T
    columns = [*prices, np.ones(len(at))]
    return to_series(sleeve.series.symbol, Interval.M15, at.astype(np.int64), columns)


def _call(rng: np.random.Generator, horizon: int) -> tuple[float, ...]:
    signal = float(rng.choice([1, 1, 0, -1]))
    if horizon and rng.random() < 0.05:
        return (0.0, np.nan, np.nan, np.nan, np.nan)
    return (signal, rng.uniform(0.45, 0.7), rng.random(), rng.uniform(0.0, 0.05), rng.uniform(0.005, 0.06))


def _standing(rng: np.random.Generator) -> tuple[float, float]:
    """Skill (mostly not off) and strangeness (mostly known, rarely beyond the limit)."""
    strangeness = np.nan if rng.random() < 0.1 else min(1.0, rng.uniform(0.0, 1.0))
    return float(rng.choice([1, 1, 1, 1, 1, 0, 0, 0, 0, -1])), strangeness


def _limits(rng: np.random.Generator) -> RiskLimits:
    tight, all_in = rng.random() < 0.4, rng.random() < 0.3
    return RiskLimits(
        min_confidence=_ratio(rng, 0, 800_000),
        min_edge_multiple=Decimal(int(rng.choice([-10, 0, 1]))),
        max_position_ratio=Decimal(1) if all_in else _ratio(rng, 100_000, 1_000_000),
        max_exposure_ratio=Decimal(1) if all_in else _ratio(rng, 300_000, 1_000_000),
        max_positions=int(rng.integers(1, 5)),
        max_drawdown=_ratio(rng, 10_000, 60_000) if tight else Decimal(1),
        max_daily_loss=_ratio(rng, 5_000, 40_000) if tight else Decimal(1),
        stop_loss=_ratio(rng, 100, 60_000),
        take_profit=_ratio(rng, 100, 90_000),
    )


def _later_limits(rng: np.random.Generator) -> dict[str, Any]:
    """Correlation, cooldown, pace and shrinking, each of them tight in some worlds and absent in others."""
    return {
        "max_correlation": Decimal(str(rng.choice(["1", "0.9", "0.6", "0.2"]))),
        "cooldown_bars": int(rng.choice([0, 0, 1, 4])),
        "max_orders_per_minute": int(rng.choice([20, 1, 2])),
        "shrink_from": Decimal(str(rng.choice(["1", "0.5", "0.1"]))),
    }


def _ratio(rng: np.random.Generator, low: int, high: int) -> Decimal:
    return Decimal(int(rng.integers(low, high))) / 1_000_000
