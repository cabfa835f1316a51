"""Finer bars of a plan: those inside bars so wide that they could reach a stop and a target."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.domain.bar import BarSeries
from engine.domain.instrument import Instrument
from engine.execution.within import Finer, finer_rows
from engine.market.columns import times, to_series, values
from engine.risk.limits import RiskLimits

_SLACK = 1e-9


def wide(series: BarSeries, instrument: Instrument, limits: RiskLimits) -> NDArray[np.bool_]:
    """Bars between whose low and high a stop and a target of one entry fit, shape (n,); never one too few."""
    tick = float(instrument.tick_size)
    below, above = 1 - float(limits.stop_loss), 1 + float(limits.take_profit)
    high, low = np.asarray(series.high), np.asarray(series.low)
    return np.asarray(((high + tick) * below * (1 + _SLACK) >= low * above) | (low <= tick * (1 + _SLACK)))


def inside(finer: BarSeries, coarse: BarSeries, chosen: NDArray[np.bool_]) -> BarSeries:
    """The finer bars within the chosen ones of the coarse bars."""
    opens = np.asarray(coarse.open_ms)[chosen]
    at = times(finer)
    rows = np.isin(at // coarse.interval.ms * coarse.interval.ms, opens)
    return to_series(finer.symbol, finer.interval, at[rows], [column[rows] for column in values(finer)])


def finer_of(parts: Sequence[tuple[Instrument, BarSeries, BarSeries | None]], limits: RiskLimits) -> Finer:
    """Rows for the loop, of (instrument, traded bars, finer bars) in the plan's order."""
    found = [
        finer_rows(None if finer is None else inside(finer, bars, wide(bars, instrument, limits)), instrument, place)
        for place, (instrument, bars, finer) in enumerate(parts)
    ]
    return np.concatenate(found)
