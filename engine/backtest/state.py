"""What the loop reads and writes: tuples of arrays, and the columns of the integer ones."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.domain.errors import ConfigurationError
from engine.kernel.integers import MOST

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Market(NamedTuple):
    """`bars`: ticks, shape (n_times, n_instruments, 4), columns OPEN..CLOSED, 0 where there is
    no bar; `open_ms`, shape (n_times,); `finer`: rows of `engine.execution.within`, by place in the plan; `wait_ms`:
    how long after its close a decision is at the market, 0 where that is the next open; `flow`: sigma and traded
    notional of the bars before, shape (n_times, n_instruments, 2), no rows where size costs nothing; `n_bars` of all
    instruments."""

    open_ms: Ints
    bars: Ints
    bar_ms: int
    finer: Ints
    wait_ms: int
    flow: Floats
    n_bars: int


class Voices(NamedTuple):
    """Calls at the closes: `signal` (n_times, n_instruments); `said` (n_times): whether anyone calls BUY or SELL, as
    bits SAID_BUY and SAID_SELL; `odds` (n_times, n_instruments, 6), columns P_LOW..STRANGE, has no
    rows where a rule calls."""

    signal: NDArray[np.int8]
    said: NDArray[np.uint8]
    odds: Floats
    years: float
    horizon: int


class Kin(NamedTuple):
    """What correlation is computed from: `returns`, one row per instrument, sorted by symbol, one column per bar of the
    grid from `first_ms` on, of which the `n` newest count. `values`: room for their worths. No rows: not asked."""

    returns: Floats
    values: Ints
    first_ms: int
    n: int


class State(NamedTuple):
    """`book`: one row per instrument; `account`: one row in all; `trades`: one row per closed trade; `equity`: quote
    atoms after each time; `held`: decisions held, by gate; those that no one had to be asked about are not counted.
    Few arrays: passing one costs the loop time."""

    book: Ints
    account: Ints
    trades: Ints
    equity: Ints
    held: Ints


# Columns of `bars` and `odds`.
OPEN, HIGH, LOW, CLOSED = range(4)
P_LOW, CONFIDENCE, MOVE, VOLATILITY, SKILL, STRANGE = range(6)
ODDS_COLUMNS = 6

SAID_BUY, SAID_SELL = 1, 2
"""Bits of `said`."""

# Columns of `book`. Coins are FIFO lots: dust of trades that are closed, then the newest buy; REST: of them all, what
# is less than a lot.
LOTS, ATOMS, COST, DUST, DUST_COST, VALUE, CLOSE = range(7)
STOP, TARGET, ENTRY, BOUGHT, OPENED_MS, FEE = range(7, 13)
ORDER, ORDER_LOTS, ORDER_REASON, ORDER_MS = range(13, 17)
TICK_LOT, LOT, MIN_NOTIONAL, LOST_MS, ROW, REST = range(17, 23)
BOOK_COLUMNS = 23

# Columns of `account`.
CASH, EQUITY, PEAK, DAY_START, DAY_END, EXPOSURE, POSITIONS, ORDERS = range(8)
HALTS, HALTED_MS, TRADES, ASKED, REFUSED, DRAWN_AT, LOST_AT = range(8, 15)
ACCOUNT_COLUMNS = 15

# Columns of `trades`.
T_INSTRUMENT, T_LOTS, T_OPENED_MS, T_CLOSED_MS, T_ENTRY, T_EXIT, T_FEES, T_PROFIT, T_REASON = range(9)
T_DECIDED = 9
"""Who said whether stop or target came first: PLAIN, BY_FINER or BY_RULE of `engine.execution.within`."""
TRADE_COLUMNS = 10

DRAWDOWN, DAILY_LOSS = 1, 2
"""Bits of HALTS."""


def counted(equity: Ints) -> Ints:
    """`equity` in atoms, shape (n,); ConfigurationError where it grew beyond what whole numbers hold. Coins bought are
    never owed, so that below zero is where such a number comes out."""
    if len(equity) and (equity.min() < 0 or equity.max() >= MOST):
        raise ConfigurationError("equity grows above 46 billion, more than is counted exactly; begin with less cash")
    return equity
