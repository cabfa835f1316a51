"""The compiled loop: the live cycle's order of things at each close, over many instruments that share one portfolio.

At the open exits then entries; stops and targets inside the bar; mark at the close, peak, day, halts; decisions in
instrument order. Every rule in it is the function that the live engine calls; only the walking is its own.
"""

from __future__ import annotations

from math import nan

from engine.backtest.orders import grid_at, leave_inside, open_bar
from engine.backtest.quiet import begin_day, quiet
from engine.backtest.state import (
    ASKED,
    CASH,
    CLOSE,
    CLOSED,
    CONFIDENCE,
    DAILY_LOSS,
    DAY_END,
    DAY_START,
    DRAWDOWN,
    DRAWN_AT,
    EQUITY,
    EXPOSURE,
    HALTED_MS,
    HALTS,
    HIGH,
    LOST_AT,
    LOST_MS,
    LOT,
    LOTS,
    LOW,
    MIN_NOTIONAL,
    MOVE,
    OPEN,
    OPENED_MS,
    ORDER,
    ORDER_LOTS,
    ORDER_MS,
    ORDER_REASON,
    ORDERS,
    P_LOW,
    PEAK,
    POSITIONS,
    REST,
    ROW,
    SAID_BUY,
    SKILL,
    STOP,
    STRANGE,
    TARGET,
    TICK_LOT,
    VALUE,
    VOLATILITY,
    Ints,
    Kin,
    Market,
    State,
    Voices,
)
from engine.execution.matching import NOT_TOUCHED, intrabar
from engine.kernel.compiled import borrowing, is_cached, unlocked
from engine.kernel.falls import halting_at
from engine.kernel.grid import Grid, notional, worth_of
from engine.risk.correlation import correlation
from engine.risk.gates import asks_correlation, first_failure, reserve
from engine.risk.terms import ACTIVE, BUY, HOLD, NO_LOSS, Ask, Purse, Terms
from engine.strategy.verdict import can_act, verdict


@unlocked
def replay(market: Market, voices: Voices, kin: Kin, state: State, terms: Terms) -> None:
    """Walk through all times; everything that happened is in `state` afterwards.

    What is due is looked up here, in few local arrays; functions are called where there is something to do.
    """
    account, book, bars, equities = state.account, state.book, market.bars, state.equity
    account[DRAWN_AT] = halting_at(account[PEAK], terms.max_drawdown_ppm)
    t, n = 0, len(market.open_ms)
    while t < n:
        if len(book) == 1:
            t = quiet(t, market, voices, state, terms)
            if t == n:
                break
        if account[ORDERS] > 0:
            open_bar(t, market, state, terms)
        for i in range(len(book)):
            closed = bars[t, i, CLOSED]
            if closed == 0:  # without a bar an instrument keeps its last close
                continue
            if book[i, LOTS] > 0:
                opened, high, low = bars[t, i, OPEN], bars[t, i, HIGH], bars[t, i, LOW]
                kind, _ = intrabar(opened, high, low, book[i, STOP], book[i, TARGET])
                if kind != NOT_TOUCHED:
                    leave_inside(i, t, market, state, terms)
            book[i, CLOSE] = closed
            lots, rest = book[i, LOTS], book[i, REST]
            if lots > 0 or rest > 0 or book[i, VALUE] > 0:
                value = worth_of(lots, rest, closed, Grid(book[i, TICK_LOT], book[i, LOT], book[i, MIN_NOTIONAL]))
                account[EXPOSURE] += value - book[i, VALUE]
                book[i, VALUE] = value
        close_ms, equity = market.open_ms[t] + market.bar_ms, account[CASH] + account[EXPOSURE]
        if close_ms > account[DAY_END]:
            begin_day(close_ms, account[EQUITY], account, terms.max_daily_loss_ppm)
        if equity > account[PEAK]:
            account[PEAK], account[DRAWN_AT] = equity, halting_at(equity, terms.max_drawdown_ppm)
        account[EQUITY] = equities[t] = equity
        if equity <= account[DRAWN_AT] or equity <= account[LOST_AT]:
            halt(close_ms, account)
        said = voices.said[t]
        if said & SAID_BUY or (account[POSITIONS] > 0 and (said or voices.horizon > 0)):
            decide_all(t, market, voices, kin, state, terms)
        t += 1


def is_ready() -> bool:
    """False where the first run has to compile: once after an install or an update."""
    return is_cached(replay)


@borrowing
def halt(close_ms: int, account: Ints) -> None:
    """Latch the loss limits that equity has reached."""
    if account[HALTS] == 0:
        account[HALTED_MS] = close_ms
    if account[EQUITY] <= account[DRAWN_AT]:
        account[HALTS] |= DRAWDOWN
    if account[EQUITY] <= account[LOST_AT]:
        account[HALTS] |= DAILY_LOSS


@borrowing
def decide_all(t: int, market: Market, voices: Voices, kin: Kin, state: State, terms: Terms) -> None:  # noqa: PLR0917
    """Ask each instrument whose bar has closed, in order, each reserving money for the next."""
    book, counted = state.book, False
    purse = Purse(0, 0, 0, 0, False, 0, 0, 0, 0)
    for i in range(len(book)):
        if market.bars[t, i, CLOSED] == 0 or not can_act(voices.signal[t, i], book[i, LOTS] > 0, voices.horizon):
            continue
        if not counted:
            purse, counted = purse_now(state, terms), True
        ask = question(i, t, market, voices, state)
        if len(kin.values) > 0 and not ask.held and asks_correlation(ask, purse, terms):
            ask = compared(ask, company(i, t, market, kin, state))
        purse = decide_one(i, t, ask, market, state, terms, purse)


@borrowing
def purse_now(state: State, terms: Terms) -> Purse:
    """The account after the mark, less what entries that wait, through a gap or a latency, may still cost.

    Entries are decided at closes alone, a minute apart at the least: none is within the minute before this one.
    """
    account = state.account
    purse = Purse(
        int(account[CASH]),
        int(account[EQUITY]),
        int(account[EXPOSURE]),
        int(account[POSITIONS]),
        account[HALTS] != 0,
        int(account[PEAK]),
        int(account[DAY_START]),
        0,
        0,
    )
    if account[ORDERS] == 0:
        return purse
    for i in range(len(state.book)):
        if state.book[i, ORDER] == BUY:
            lots, close = int(state.book[i, ORDER_LOTS]), int(state.book[i, CLOSE])
            purse = reserve(lots, close, purse, terms, grid_at(i, state))
    return Purse(
        purse.cash, purse.equity, purse.exposure, purse.positions, purse.halted, purse.peak, purse.day_start, 0, 0
    )


@borrowing
def decide_one(i: int, t: int, ask: Ask, market: Market, state: State, terms: Terms, purse: Purse) -> Purse:  # noqa: PLR0917
    """Note what the verdict on instrument i asks for; returns the purse that the next one sees."""
    book, grid = state.book, grid_at(i, state)
    action, reason, failures, lots = verdict(ask, purse, terms, grid)
    state.account[ASKED] += 1
    if action == HOLD:
        state.held[first_failure(failures)] += 1
        return purse
    due_ms = int(market.open_ms[t]) + market.bar_ms + market.wait_ms
    book[i, ORDER], book[i, ORDER_LOTS], book[i, ORDER_REASON], book[i, ORDER_MS] = action, lots, reason, due_ms
    state.account[ORDERS] += 1
    if action == BUY:
        return reserve(lots, int(book[i, CLOSE]), purse, terms, grid)
    return purse


@borrowing
def question(i: int, t: int, market: Market, voices: Voices, state: State) -> Ask:
    """What the gates are asked about instrument i at time t, its correlation left open."""
    low = confidence = move = volatility = strangeness = nan
    skill = ACTIVE
    if len(voices.odds) > 0:
        low, confidence = float(voices.odds[t, i, P_LOW]), float(voices.odds[t, i, CONFIDENCE])
        move, volatility = float(voices.odds[t, i, MOVE]), float(voices.odds[t, i, VOLATILITY])
        skill, strangeness = int(voices.odds[t, i, SKILL]), float(voices.odds[t, i, STRANGE])
    close_ms = int(market.open_ms[t]) + market.bar_ms
    held, lost_ms = state.book[i, LOTS] > 0, int(state.book[i, LOST_MS])
    return Ask(
        int(voices.signal[t, i]),
        low,
        confidence,
        move,
        volatility,
        voices.years,
        int(state.book[i, CLOSE]),
        held,
        state.book[i, ORDER] != 0,
        True,
        (close_ms - int(state.book[i, OPENED_MS])) // market.bar_ms if held else 0,
        voices.horizon,
        True,
        int(state.book[i, VALUE]) if held else 0,
        (close_ms - lost_ms) // market.bar_ms if lost_ms > 0 else NO_LOSS,
        nan,
        skill,
        strangeness,
    )


@borrowing
def compared(ask: Ask, known: float) -> Ask:
    """The question with its correlation."""
    return Ask(
        ask.signal,
        ask.probability_low,
        ask.confidence,
        ask.expected_move,
        ask.volatility,
        ask.years,
        ask.close_ticks,
        ask.held,
        ask.waiting,
        ask.fresh,
        ask.bars_held,
        ask.horizon,
        ask.trading,
        ask.in_instrument,
        ask.bars_since_loss,
        known,
        ask.skill,
        ask.strangeness,
    )


@borrowing
def company(i: int, t: int, market: Market, kin: Kin, state: State) -> float:
    """Correlation of instrument i with what is held and promised elsewhere, at time t."""
    book = state.book
    for j in range(len(book)):
        value = int(book[j, VALUE]) if book[j, LOTS] > 0 else 0
        if book[j, ORDER] == BUY:
            value += notional(int(book[j, ORDER_LOTS]), int(book[j, CLOSE]), grid_at(j, state))
        kin.values[book[j, ROW]] = value
    end = (int(market.open_ms[t]) - kin.first_ms) // market.bar_ms + 1
    return correlation(kin.returns, end, kin.n, kin.values, int(book[i, ROW]))
