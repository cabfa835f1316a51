"""How much of the equity was in positions at each close, reckoned from the trades."""

from __future__ import annotations

import numpy as np

from engine.backtest.run import BacktestResult
from engine.backtest.state import (
    CLOSED,
    T_CLOSED_MS,
    T_INSTRUMENT,
    T_LOTS,
    T_OPENED_MS,
    T_REASON,
    Floats,
    Ints,
    Market,
)
from engine.domain.money import ATOMS_PER_UNIT
from engine.strategy.verdict import BY_SIGNAL, BY_TIME


def exposure(result: BacktestResult, market: Market) -> Floats:
    """Worth of whole lots over equity at each close, shape (n_times,); dust is left out."""
    worth = np.zeros(len(market.open_ms))
    for place, sleeve in enumerate(result.plan.sleeves):
        lots = _lots_held(result, market, place)
        worth += lots * _last_closes(market, place) * float(sleeve.instrument.tick_lot_atoms) / ATOMS_PER_UNIT
    return np.asarray(worth / result.equity)


def _lots_held(result: BacktestResult, market: Market, place: int) -> Floats:
    """At the close of each time. A signal's exit comes after the mark of its close, a stop or target before it."""
    rows = result.trades.rows
    rows = rows[rows[:, T_INSTRUMENT] == place]
    step = np.zeros(len(market.open_ms) + 1)
    close_ms = market.open_ms + market.bar_ms
    np.add.at(step, np.searchsorted(market.open_ms, rows[:, T_OPENED_MS]), rows[:, T_LOTS])
    at_market = np.isin(rows[:, T_REASON], (BY_SIGNAL, BY_TIME))
    ends = np.searchsorted(close_ms, rows[:, T_CLOSED_MS] + at_market)
    np.subtract.at(step, ends, rows[:, T_LOTS])
    for held in result.still_held:
        if held.place == place:
            step[np.searchsorted(market.open_ms, held.opened_ms)] += held.lots
    return np.cumsum(step)[:-1]


def _last_closes(market: Market, place: int) -> Ints:
    """Ticks of the newest close known at each time, 0 before the first."""
    closes = market.bars[:, place, CLOSED]
    newest = np.maximum.accumulate(np.where(closes > 0, np.arange(len(closes)), 0))
    return np.asarray(closes[newest])
