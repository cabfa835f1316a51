"""What makes a Sharpe ratio believable or not: its interval, the number of tries behind it, the length of its track."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from engine.backtest.report.periods import judged_returns, years
from engine.backtest.report.report import Honesty
from engine.backtest.run import BacktestResult
from engine.backtest.state import Floats
from engine.domain.errors import UnusableSample
from engine.statistics.bootstrap import MEAN, SHARPE, Interval, interval
from engine.statistics.deflated import Deflated, deflated_sharpe
from engine.statistics.probabilistic import least_track_record, probabilistic_sharpe
from engine.statistics.track import Track


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """How many trials were made on these instruments, this one included, where the count comes from, and how much
    their annual Sharpe ratios vary (None where too few are known). Never less is taken than chance alone makes them."""

    count: int = 1
    told_by: str = "this run alone; nobody counted earlier ones"
    variance: float | None = None


def honesty(result: BacktestResult, tries: Tries) -> Honesty:
    """Judge the run's returns; where they do not vary, or are too few, `why` says so in place of figures."""
    returns, per_year, basis = judged_returns(result)
    days = 365 * years(result)
    try:
        track = Track.of(returns)
        boot, mean = _bootstrapped(returns)
        chance, deflated, needed = _chances(track, tries, per_year)
    except UnusableSample as unusable:
        return Honesty(
            basis=basis, periods=len(returns), sharpe=None, low=None, high=None, return_low=None, return_high=None,
            chance=None, trials=tries.count, trials_from=tries.told_by, benchmark=None, deflated=None, days=days,
            days_needed=None, why=str(unusable),
        )  # fmt: skip
    root = math.sqrt(per_year)
    return Honesty(
        basis=basis, periods=track.n, sharpe=track.sharpe * root, low=float(boot.low * root),
        high=float(boot.high * root), return_low=float(mean.low * per_year), return_high=float(mean.high * per_year),
        chance=chance, trials=tries.count, trials_from=tries.told_by, benchmark=deflated.benchmark * root,
        deflated=deflated.chance, days=days, days_needed=needed, why="",
    )  # fmt: skip


def _bootstrapped(returns: Floats) -> tuple[Interval, Interval]:
    return interval(returns, SHARPE), interval(returns, MEAN)


def _chances(track: Track, tries: Tries, per_year: float) -> tuple[float, Deflated, float | None]:
    by_chance = track.spread(0.0) / (track.n - 1)
    variance = max(by_chance, (tries.variance or 0.0) / per_year)
    needed = least_track_record(track)
    return (
        probabilistic_sharpe(track),
        deflated_sharpe(track, trials=tries.count, variance=variance),
        needed * 365 / per_year if np.isfinite(needed) else None,
    )
