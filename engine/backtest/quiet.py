"""Compiled: the bars on which a lone instrument's account only drifts, walked with everything at hand in registers."""

from __future__ import annotations

from engine.backtest.state import (
    CASH,
    CLOSE,
    CLOSED,
    DAILY_LOSS,
    DAY_END,
    DAY_START,
    DRAWDOWN,
    DRAWN_AT,
    EQUITY,
    EXPOSURE,
    HALTS,
    HIGH,
    LOST_AT,
    LOT,
    LOTS,
    LOW,
    MIN_NOTIONAL,
    OPEN,
    ORDERS,
    PEAK,
    REST,
    SAID_BUY,
    SAID_SELL,
    STOP,
    TARGET,
    TICK_LOT,
    VALUE,
    Ints,
    Market,
    State,
    Voices,
)
from engine.execution.matching import NOT_TOUCHED, intrabar
from engine.kernel.compiled import borrowing
from engine.kernel.falls import halting_at
from engine.kernel.grid import Grid, worth_of
from engine.portfolio.fold import DAY_MS, trading_day
from engine.risk.terms import Terms

_NEVER = -1


@borrowing
def quiet(t: int, market: Market, voices: Voices, state: State, terms: Terms) -> int:
    """Walk on from bar t while nothing fills, nobody is asked and no halt begins; only marks, peaks and days pass.

    Returns the first bar for which that does not hold, and leaves it untouched. For one instrument only.
    """
    account, book, bar_ms = state.account, state.book, market.bar_ms
    lots, rest, stop, target = book[0, LOTS], book[0, REST], book[0, STOP], book[0, TARGET]
    if account[ORDERS] > 0 or (lots > 0 and voices.horizon > 0):
        return t
    bars, opens, said, equities = market.bars[t:, 0], market.open_ms[t:], voices.said[t:], state.equity[t:]
    asks = SAID_BUY | SAID_SELL if lots > 0 else SAID_BUY
    grid, cash = Grid(book[0, TICK_LOT], book[0, LOT], book[0, MIN_NOTIONAL]), account[CASH]
    peak, drawn_at, equity = account[PEAK], account[DRAWN_AT], account[EQUITY]
    last, floor, walked = account[DAY_END] - bar_ms, floor_of(account, drawn_at), 0
    for k in range(len(opens)):
        if said[k] & asks:
            break
        if lots > 0:
            kind, _ = intrabar(bars[k, OPEN], bars[k, HIGH], bars[k, LOW], stop, target)
            if kind != NOT_TOUCHED:
                break
        now = cash + worth_of(lots, rest, bars[k, CLOSED], grid)
        if opens[k] > last:
            begin_day(opens[k] + bar_ms, equity, account, terms.max_daily_loss_ppm)
            last, floor = account[DAY_END] - bar_ms, floor_of(account, drawn_at)
        if now <= floor:
            break
        if now > peak:
            peak, drawn_at = now, halting_at(now, terms.max_drawdown_ppm)
            floor = floor_of(account, drawn_at)
        equities[k] = equity = now
        walked = k + 1
    if walked > 0:
        account[PEAK], account[DRAWN_AT], account[EQUITY], account[EXPOSURE] = peak, drawn_at, equity, equity - cash
        book[0, CLOSE], book[0, VALUE] = bars[walked - 1, CLOSED], equity - cash
    return t + walked


@borrowing
def begin_day(close_ms: int, equity: int, account: Ints, limit_ppm: int) -> None:
    """A UTC day begins with the equity of its midnight."""
    account[DAY_END], account[DAY_START] = (trading_day(close_ms) + 1) * DAY_MS, equity
    account[LOST_AT] = halting_at(equity, limit_ppm)


@borrowing
def floor_of(account: Ints, drawn_at: int) -> int:
    """The equity at which a loss limit that has not latched yet does."""
    floor = _NEVER if account[HALTS] & DRAWDOWN else drawn_at
    if not account[HALTS] & DAILY_LOSS and account[LOST_AT] > floor:
        floor = account[LOST_AT]
    return int(floor)
