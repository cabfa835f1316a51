"""Two questions to any rule or model, asked on demand: does it know the future, and does it forget where it began?"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from engine.backtest.plan import BacktestPlan, BacktestSleeve, lay_out
from engine.backtest.run import BacktestResult, walk
from engine.backtest.state import T_CLOSED_MS, Ints, Market, Voices
from engine.domain.bar import BarSeries
from engine.domain.instrument import Instrument
from engine.domain.interval import from_ms, iso, to_ms
from engine.features.window import BLOCK
from engine.strategy.calls import Calls

HISTORY = 2 * BLOCK
"""Bars before its start that a run is given: what every call must be content with."""
_NAMES = ("signal", "probability", "probability_low", "probability_high", "confidence", "expected_move", "volatility")
_SHOCK = 0.2
Seen = NDArray[np.float64] | NDArray[np.int8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What came of a check. `passed` is None where the bars are too few to say."""

    name: str
    passed: bool | None
    detail: str


def look_ahead(plan: BacktestPlan, *, cuts: int = 5, seed: int = 0) -> Checked:
    """Run the plan with everything after t cut off, and with everything after t replaced by nonsense, for several t:
    no call, no trade and no equity at or before t may change."""
    market, voices = lay_out(plan)
    whole, moments = walk(plan, market, voices), _moments(plan, market, cuts)
    if not moments:
        return Checked(name="look-ahead", passed=None, detail="too few bars to cut: give it a hundred or more")
    dice = np.random.default_rng(seed)
    for at in moments:
        for how, other in (("cut off", _cut(plan, at)), ("replaced", _poisoned(plan, at, dice))):
            found = _changed(plan, (market, voices, whole), other, to_ms(at))
            if found:
                detail = f"with the bars after {iso(at)} {how}, {found}: it knows the future"
                return Checked(name="look-ahead", passed=False, detail=detail)
    detail = (
        f"with the bars after {len(moments)} moments cut off, and replaced by nonsense, no call, trade or equity up to "
        "those moments changed"
    )
    return Checked(name="look-ahead", passed=True, detail=detail)


def warm_up(plan: BacktestPlan) -> Checked:
    """Start the strategy later, without any history: from HISTORY bars on at the latest its calls must be those of the
    run that began earlier."""
    needed = 0
    for sleeve in plan.sleeves:
        series = sleeve.series.between(None, plan.end)
        for begin in (len(series) // 8, len(series) // 4):
            some = series.rows(0, min(len(series), begin + HISTORY + BLOCK))
            early = plan.strategy.calls(some, begin)
            late = plan.strategy.calls(some.rows(begin, len(some)))
            needed = max(needed, _agree_from(early, late))
            if needed > HISTORY or 4 * needed > 3 * len(late):
                return _unsettled(sleeve, some, begin, needed)
    if not needed:
        return Checked(name="warm-up", passed=True, detail="its calls do not depend on where the bars begin")
    detail = f"{needed:,} bars after a later start its calls are the same; every run is given {HISTORY:,} before its"
    return Checked(name="warm-up", passed=True, detail=detail)


def _unsettled(sleeve: BacktestSleeve, some: BarSeries, begin: int, needed: int) -> Checked:
    """Calls that never became the same for long, or too late."""
    symbol, began, n = sleeve.instrument.symbol, iso(some.bar(begin).open_at), len(some) - begin
    if needed <= HISTORY:
        detail = f"{symbol}: its calls did not settle within {n:,} bars after {began}; give it {2 * HISTORY:,} bars"
        return Checked(name="warm-up", passed=None, detail=detail)
    detail = (
        f"{symbol}: begun at {began}, its calls still differ {HISTORY:,} bars later from those of a run that began "
        "earlier: it remembers more than a run is given"
    )
    return Checked(name="warm-up", passed=False, detail=detail)


def _moments(plan: BacktestPlan, market: Market, cuts: int) -> list[datetime]:
    """Closes within the run, the last not among them, once every instrument has two bars."""
    begun = max(int(s.series.between(plan.start, plan.end).open_ms[1]) for s in plan.sleeves)
    first = int(np.searchsorted(market.open_ms, begun))
    rows = np.unique(np.linspace(first, len(market.open_ms) - 1, cuts + 2).astype(np.int64)[1:-1])
    return [from_ms(int(market.open_ms[row]) + market.bar_ms) for row in rows if first < row < len(market.open_ms) - 1]


def _cut(plan: BacktestPlan, at: datetime) -> BacktestPlan:
    return replace(plan, sleeves=[replace(s, series=s.series.closed_by(at)) for s in plan.sleeves])


def _poisoned(plan: BacktestPlan, at: datetime, dice: np.random.Generator) -> BacktestPlan:
    return replace(
        plan, sleeves=[replace(s, series=poisoned(s.series, s.instrument, at, dice)) for s in plan.sleeves]
    )  # fmt: skip


def poisoned(series: BarSeries, instrument: Instrument, at: datetime, dice: np.random.Generator) -> BarSeries:
    """The bars with every one that closes after `at` multiplied by nonsense, still on the grid of ticks."""
    known = len(series.closed_by(at))
    shock = np.exp(dice.normal(0, _SHOCK, len(series)))
    shock[:known] = 1.0
    tick = float(instrument.tick_size)

    def shaken(column: array[float]) -> array[float]:
        seen = np.asarray(column)
        nonsense = np.maximum(1.0, np.rint(seen * shock / tick)) * tick
        return array("d", np.where(shock == 1.0, seen, nonsense))

    return replace(
        series, open=shaken(series.open), high=shaken(series.high), low=shaken(series.low),
        close=shaken(series.close), volume=array("d", np.asarray(series.volume) * shock),
    )  # fmt: skip


def _changed(
    plan: BacktestPlan, known: tuple[Market, Voices, BacktestResult], other: BacktestPlan, at_ms: int
) -> str | None:  # fmt: skip
    """What is another at or before `at_ms`, in words; None where nothing is."""
    market, voices, whole = known
    other_market, other_voices = lay_out(other)
    n = int(np.searchsorted(market.open_ms + market.bar_ms, at_ms, side="right"))
    for i, sleeve in enumerate(plan.sleeves):
        rows = [_differing(voices.signal[:n, i], other_voices.signal[:n, i])]
        odds = range(voices.odds.shape[2] if len(voices.odds) else 0)
        rows.extend(_differing(voices.odds[:n, i, k], other_voices.odds[:n, i, k]) for k in odds)
        first = min((int(row[0]) for row in rows if len(row)), default=None)
        if first is not None:
            return f"its call on {sleeve.instrument.symbol} at {_at(market, first)} is another"
    again = walk(other, other_market, other_voices)
    rows = [_differing(whole.equity[:n], again.equity[:n])]
    if len(rows[0]):
        return f"the equity at {_at(market, int(rows[0][0]))} is another"
    if not np.array_equal(_closed_before(whole, at_ms), _closed_before(again, at_ms)):
        return "a trade closed before is another"
    return None


def _closed_before(result: BacktestResult, at_ms: int) -> Ints:
    """An exit at the moment itself fills at the next open, which is the future."""
    rows = result.trades.rows
    return np.asarray(rows[rows[:, T_CLOSED_MS] < at_ms])


def _at(market: Market, row: int) -> str:
    return iso(from_ms(int(market.open_ms[row]) + market.bar_ms))


def _differing(one: Seen, two: Seen) -> Ints:
    """Rows that are not the same; NaN is the same as NaN."""
    return np.flatnonzero(~((one == two) | (np.isnan(one) & np.isnan(two))))


def _agree_from(early: Calls, late: Calls) -> int:
    """The first row from which both say the same to the end."""
    names: Sequence[str] = (*_NAMES, *(name for name in ("skill", "strangeness") if getattr(early, name) is not None))
    last = [_differing(getattr(early, name), getattr(late, name)) for name in names]
    return max((int(rows[-1]) + 1 for rows in last if len(rows)), default=0)
