"""What the loop reads and writes: tuples of arrays, and the columns of the integer ones."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Market(NamedTuple):
    """Prices in ticks, shape (n_times, n_instruments), 0 where the instrument has no bar; `open_ms` (n_times,)."""

    open_ms: Ints
    opened: Ints
    high: Ints
    low: Ints
    close: Ints
    bar_ms: int


class Voices(NamedTuple):
    """Calls at the closes, shape (n_times, n_instruments); without a model the float arrays have no rows."""

    signal: NDArray[np.int8]
    probability_low: Floats
    confidence: Floats
    expected_move: Floats
    volatility: Floats
    years: float
    horizon: int


class State(NamedTuple):
    """`book`: one row per instrument; `account`: one row in all; `grids`: tick_lot, lot, min_notional per instrument;
    `trades`: one row per closed trade; `equity`: quote atoms after each time; `held`: decisions held, by gate."""

    book: Ints
    account: Ints
    grids: Ints
    trades: Ints
    equity: Ints
    held: Ints


# Columns of `book`. Coins are FIFO lots: dust of trades that are closed, then the newest buy.
LOTS, ATOMS, COST, DUST, DUST_COST, VALUE, CLOSE = range(7)
STOP, TARGET, ENTRY, BOUGHT, OPENED_MS, FEE = range(7, 13)
ORDER, ORDER_LOTS, ORDER_REASON, ORDER_MS = range(13, 17)
BOOK_COLUMNS = 17

# Columns of `account`.
CASH, EQUITY, PEAK, DAY_START, DAY, EXPOSURE, POSITIONS, ORDERS = range(8)
HALTS, HALTED_MS, TRADES, DECISIONS, REFUSED = range(8, 13)
ACCOUNT_COLUMNS = 13

# Columns of `trades`.
T_INSTRUMENT, T_LOTS, T_OPENED_MS, T_CLOSED_MS, T_ENTRY, T_EXIT, T_FEES, T_PROFIT, T_REASON = range(9)
TRADE_COLUMNS = 9

DRAWDOWN, DAILY_LOSS = 1, 2
"""Bits of HALTS."""
