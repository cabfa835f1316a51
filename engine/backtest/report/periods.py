"""A curve by the calendar: months, days, and as many moments as a screen can tell apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.backtest.report.report import Month
from engine.backtest.run import BacktestResult
from engine.backtest.state import T_CLOSED_MS, T_PROFIT, Floats, Ints
from engine.domain.interval import from_ms
from engine.domain.money import ATOMS_PER_UNIT
from engine.portfolio.fold import DAY_MS
from engine.statistics.drawdown import max_drawdown
from engine.statistics.sharpe import sharpe

MOST_POINTS = 600
ENOUGH_DAYS = 30
"""Days from which on daily returns are judged; before that the bars' own."""


def months(result: BacktestResult) -> tuple[Month, ...]:
    """Return, drawdown and closed trades of each UTC month that has a close; a close at midnight ends its month."""
    of_close = _months(result.close_ms - 1)
    of_trade = _months(result.trades.rows[:, T_CLOSED_MS] - 1)
    profit = result.trades.rows[:, T_PROFIT] / ATOMS_PER_UNIT
    before, rows = float(result.plan.cash), []
    for month in np.unique(of_close):
        equity = result.equity[of_close == month]
        closed = of_trade == month
        rows.append(Month(
            month=str(month), total_return=float(equity[-1] / before - 1), trades=int(closed.sum()),
            max_drawdown=max_drawdown(np.concatenate(([before], equity))), profit=float(profit[closed].sum()),
        ))  # fmt: skip
        before = float(equity[-1])
    return tuple(rows)


def judged_returns(result: BacktestResult) -> tuple[Floats, float, str]:
    """Returns to judge the run by, how many make a year, and their name: of days where there are enough of them."""
    days = (result.close_ms - 1) // DAY_MS
    if len(np.unique(days)) < ENOUGH_DAYS or result.plan.interval.ms >= DAY_MS:
        n = len(result.returns)
        return result.returns, result.plan.interval.bars_per_year, f"{n:,} returns of {result.plan.interval} bars"
    last = np.flatnonzero(np.diff(days, append=days[-1] + 1))
    equity = result.equity[last]
    before = np.concatenate(([float(result.plan.cash)], equity[:-1]))
    return np.asarray(equity / before - 1), 365.0, f"{len(last):,} daily returns"


def annual_sharpe(result: BacktestResult) -> float | None:
    """Of those returns; None where they never varied."""
    returns, per_year, _ = judged_returns(result)
    ratio = sharpe(returns, per_year).ratio
    return ratio if np.isfinite(ratio) else None


def moments(result: BacktestResult) -> NDArray[np.intp]:
    """Rows of the curve that are kept: the last of each of at most MOST_POINTS equal stretches."""
    n = len(result.equity)
    return np.unique(np.linspace(0, n - 1, min(n, MOST_POINTS)).round().astype(np.intp))


def deepest_between(result: BacktestResult, rows: NDArray[np.intp]) -> Floats:
    """The deepest drawdown since the row before, so that a thinned curve hides none."""
    return np.asarray(np.maximum.reduceat(result.drawdowns, np.concatenate(([0], rows[:-1] + 1))))


def years(result: BacktestResult) -> float:
    """From the first open to the last close."""
    return float(result.close_ms[-1] - result.close_ms[0] + result.plan.interval.ms) / (365 * DAY_MS)


def _months(ms: Ints) -> NDArray[np.str_]:
    """`2025-04` of each moment."""
    days, place = np.unique(ms // DAY_MS, return_inverse=True)
    return np.array([f"{from_ms(int(day) * DAY_MS):%Y-%m}" for day in days], dtype=np.str_)[place]
