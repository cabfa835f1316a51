"""What a run's bars were like, and what was done about what they lack: told, never smoothed over."""

from __future__ import annotations

import numpy as np

from engine.backtest.plan import BacktestPlan, BacktestSleeve
from engine.backtest.report.report import BarsTold
from engine.backtest.run import BacktestResult
from engine.backtest.state import T_CLOSED_MS, T_INSTRUMENT, T_OPENED_MS, Ints
from engine.domain.bar import BarSeries
from engine.domain.interval import from_ms, iso, to_ms
from engine.market.gaps import find_gaps


def bars_told(result: BacktestResult) -> tuple[BarsTold, ...]:
    """One for each instrument, in the plan's order."""
    return tuple(_told(result, place, sleeve) for place, sleeve in enumerate(result.plan.sleeves))


def _told(result: BacktestResult, place: int, sleeve: BacktestSleeve) -> BarsTold:
    traded = sleeve.series.between(result.plan.start, result.plan.end)
    gaps = find_gaps(traded)
    silent = np.asarray(traded.open_ms, dtype=np.int64)[np.asarray(traded.volume) == 0]
    notes = (*_gap_notes(len(gaps)), *_end_notes(result, place, traded), *_volume_notes(result, place, silent))
    return BarsTold(
        symbol=sleeve.instrument.symbol, first_at=iso(traded.bar(0).open_at), last_at=_last(traded), bars=len(traded),
        gaps=len(gaps), missing=sum(gap.missing for gap in gaps), without_volume=len(silent), notes=notes,
    )  # fmt: skip


def _last(series: BarSeries) -> str:
    return iso(from_ms(series.open_ms[-1] + series.interval.ms))


def _gap_notes(n: int) -> tuple[str, ...]:
    if not n:
        return ()
    return ("through a gap nothing is decided, orders wait for the next open, and a position keeps its last value",)


def _end_notes(result: BacktestResult, place: int, traded: BarSeries) -> tuple[str, ...]:
    """Bars that end before the run does: delisted, or not fetched."""
    ended_ms, over_ms = traded.open_ms[-1] + traded.interval.ms, _over(result)
    if ended_ms >= over_ms:
        return ()
    held = any(one.place == place for one in result.still_held)
    then = "its position stays open at the last close, for nobody could have sold it" if held else "it was flat"
    return (f"its bars end at {iso(from_ms(ended_ms))}, before the run does: {then}",)


def _over(result: BacktestResult) -> int:
    """When the run is over: its last close, or later where it was asked to go on longer."""
    plan, last = result.plan, int(result.close_ms[-1])
    return last if plan.end is None else max(last, to_ms(plan.interval.floor(plan.end)))


def _volume_notes(result: BacktestResult, place: int, silent: Ints) -> tuple[str, ...]:
    """Bars in which nothing was traded: a market order would have found nobody."""
    if not len(silent):
        return ()
    rows = result.trades.rows[result.trades.rows[:, T_INSTRUMENT] == place]
    step = result.plan.interval.ms
    entered = np.isin(rows[:, T_OPENED_MS], silent).sum()
    left = (np.isin(rows[:, T_CLOSED_MS], silent) | np.isin(rows[:, T_CLOSED_MS] - step, silent)).sum()
    fills = int(entered + left)
    return (f"{len(silent):,} bars without volume count as prices; {fills} fills fell on such bars and may be fiction",)


def warm_notes(plan: BacktestPlan) -> tuple[str, ...]:
    """Instruments that have no bars before the start, so that averages and features begin cold."""
    cold = [s.instrument.symbol for s in plan.sleeves if len(s.series) == len(s.series.between(plan.start, None))]
    if not cold:
        return ()
    return (f"no bars before the start of {', '.join(cold)}: calls wait until averages and features are warm",)
