"""The compiled loop: the live cycle's order of things at each close, over many instruments that share one portfolio.

At the open exits then entries; stops and targets inside the bar; mark at the close, peak, day, halts; decisions in
instrument order. Every rule in it is the function that the live engine calls; only the walking is its own.
"""

from __future__ import annotations

from math import nan

from engine.backtest.orders import grid_at, live_bar, open_bar
from engine.backtest.state import (
    ATOMS,
    CASH,
    CLOSE,
    CLOSED,
    CONFIDENCE,
    DAILY_LOSS,
    DAY,
    DAY_START,
    DECISIONS,
    DRAWDOWN,
    DRAWN_AT,
    DUST,
    EQUITY,
    EXPOSURE,
    HALTED_MS,
    HALTS,
    LOST_AT,
    LOTS,
    MOVE,
    OPENED_MS,
    ORDER,
    ORDER_LOTS,
    ORDER_MS,
    ORDER_REASON,
    ORDERS,
    P_LOW,
    PEAK,
    POSITIONS,
    VALUE,
    VOLATILITY,
    Market,
    State,
    Voices,
)
from engine.kernel.compiled import compiled
from engine.kernel.grid import worth
from engine.portfolio.fold import halting_at, trading_day
from engine.risk.gates import first_failure, reserve
from engine.risk.terms import BUY, HOLD, Ask, Purse, Terms
from engine.strategy.verdict import verdict


@compiled
def replay(market: Market, voices: Voices, state: State, terms: Terms) -> None:
    """Walk through all times; everything that happened is in `state` afterwards."""
    for t in range(len(market.open_ms)):
        if state.account[ORDERS] > 0:
            open_bar(t, market, state, terms)
        if state.account[POSITIONS] > 0:
            live_bar(t, market, state, terms)
        mark(t, market, state, terms)
        decide_all(t, market, voices, state, terms)


@compiled
def mark(t: int, market: Market, state: State, terms: Terms) -> None:
    """Value what is held at the closes; an instrument without a bar keeps its last. Then peak, day and halts."""
    account, book = state.account, state.book
    for i in range(len(book)):
        if market.bars[t, i, CLOSED] == 0:
            continue
        book[i, CLOSE] = market.bars[t, i, CLOSED]
        atoms = int(book[i, ATOMS]) + int(book[i, DUST])
        if atoms > 0 or book[i, VALUE] > 0:
            value = worth(atoms, int(book[i, CLOSE]), grid_at(i, state))
            account[EXPOSURE] += value - book[i, VALUE]
            book[i, VALUE] = value
    close_ms = int(market.open_ms[t]) + market.bar_ms
    before, equity = int(account[EQUITY]), int(account[CASH]) + int(account[EXPOSURE])
    day = trading_day(close_ms)
    if day != account[DAY]:
        account[DAY], account[DAY_START] = day, before
        account[LOST_AT] = halting_at(before, terms.max_daily_loss_ppm)
    if equity > account[PEAK] or t == 0:
        account[PEAK] = max(int(account[PEAK]), equity)
        account[DRAWN_AT] = halting_at(int(account[PEAK]), terms.max_drawdown_ppm)
    account[EQUITY] = state.equity[t] = equity
    if equity <= account[DRAWN_AT] or equity <= account[LOST_AT]:
        halt(close_ms, equity, state)


@compiled
def halt(close_ms: int, equity: int, state: State) -> None:
    """Latch the loss limits that equity has reached."""
    account = state.account
    if account[HALTS] == 0:
        account[HALTED_MS] = close_ms
    if equity <= account[DRAWN_AT]:
        account[HALTS] |= DRAWDOWN
    if equity <= account[LOST_AT]:
        account[HALTS] |= DAILY_LOSS


@compiled
def decide_all(t: int, market: Market, voices: Voices, state: State, terms: Terms) -> None:
    """Ask each instrument whose bar has closed, in order, each reserving money for the next."""
    account = state.account
    purse = Purse(
        int(account[CASH]),
        int(account[EQUITY]),
        int(account[EXPOSURE]),
        int(account[POSITIONS]),
        account[HALTS] != 0,
    )
    if account[ORDERS] > 0:
        purse = promised(purse, state, terms)
    for i in range(len(state.book)):
        if market.bars[t, i, CLOSED] == 0:
            continue
        account[DECISIONS] += 1
        if voices.signal[t, i] != BUY and state.book[i, LOTS] == 0:
            state.held[0] += 1  # the first gate, "signal", holds whatever the others say
        else:
            purse = decide_one(i, t, market, voices, state, terms, purse)


@compiled
def promised(purse: Purse, state: State, terms: Terms) -> Purse:
    """The purse after what entries that wait through a gap may still cost."""
    for i in range(len(state.book)):
        if state.book[i, ORDER] == BUY:
            lots, close = int(state.book[i, ORDER_LOTS]), int(state.book[i, CLOSE])
            purse = reserve(lots, close, purse, terms, grid_at(i, state))
    return purse


@compiled
def decide_one(i: int, t: int, market: Market, voices: Voices, state: State, terms: Terms, purse: Purse) -> Purse:  # noqa: PLR0917
    """Note what the verdict on instrument i asks for; returns the purse that the next one sees."""
    book, grid = state.book, grid_at(i, state)
    close_ms = int(market.open_ms[t]) + market.bar_ms
    ask = question(i, t, close_ms, market, voices, state)
    action, reason, failures, lots = verdict(ask, purse, terms, grid)
    if action == HOLD:
        state.held[first_failure(failures)] += 1
        return purse
    book[i, ORDER], book[i, ORDER_LOTS], book[i, ORDER_REASON], book[i, ORDER_MS] = action, lots, reason, close_ms
    state.account[ORDERS] += 1
    if action == BUY:
        return reserve(lots, int(book[i, CLOSE]), purse, terms, grid)
    return purse


@compiled
def question(i: int, t: int, close_ms: int, market: Market, voices: Voices, state: State) -> Ask:  # noqa: PLR0917
    """What the gates are asked about instrument i at time t."""
    low = confidence = move = volatility = nan
    if len(voices.odds) > 0:
        low, confidence = float(voices.odds[t, i, P_LOW]), float(voices.odds[t, i, CONFIDENCE])
        move, volatility = float(voices.odds[t, i, MOVE]), float(voices.odds[t, i, VOLATILITY])
    held = state.book[i, LOTS] > 0
    bars_held = (close_ms - int(state.book[i, OPENED_MS])) // market.bar_ms if held else 0
    return Ask(
        int(voices.signal[t, i]),
        low,
        confidence,
        move,
        volatility,
        voices.years,
        int(state.book[i, CLOSE]),
        held,
        False,
        True,
        bars_held,
        voices.horizon,
    )
