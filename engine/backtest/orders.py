"""Compiled: market orders at the open, and what leaves a position."""

from __future__ import annotations

from engine.backtest.state import (
    ATOMS,
    BOUGHT,
    CASH,
    COST,
    DUST,
    DUST_COST,
    ENTRY,
    FEE,
    HIGH,
    LOST_MS,
    LOT,
    LOTS,
    LOW,
    MIN_NOTIONAL,
    OPEN,
    OPENED_MS,
    ORDER,
    ORDER_LOTS,
    ORDER_MS,
    ORDER_REASON,
    ORDERS,
    POSITIONS,
    REFUSED,
    REST,
    STOP,
    T_CLOSED_MS,
    T_DECIDED,
    T_ENTRY,
    T_EXIT,
    T_FEES,
    T_INSTRUMENT,
    T_LOTS,
    T_OPENED_MS,
    T_PROFIT,
    T_REASON,
    TARGET,
    TICK_LOT,
    TRADES,
    Market,
    State,
)
from engine.execution.impact import impact_ppm
from engine.execution.matching import (
    ACCEPTED,
    STOPPED,
    accept_buy,
    buy_fee,
    market_buy,
    market_sell,
    protect,
)
from engine.execution.within import settled
from engine.kernel.compiled import borrowing
from engine.kernel.grid import Grid, notional, worth
from engine.portfolio.fold import bought, sold, take
from engine.risk.terms import BUY, SELL, Terms
from engine.strategy.verdict import BY_STOP, BY_TARGET


@borrowing
def grid_at(i: int, state: State) -> Grid:
    """Grid of instrument i."""
    return Grid(int(state.book[i, TICK_LOT]), int(state.book[i, LOT]), int(state.book[i, MIN_NOTIONAL]))


@borrowing
def open_bar(t: int, market: Market, state: State, terms: Terms) -> None:
    """Fill what is due at the open: orders that waited through a gap, then exits, then entries, each by instrument."""
    now = int(market.open_ms[t])
    for i in range(len(state.book)):
        if state.book[i, ORDER] != 0 and state.book[i, ORDER_MS] < now:
            fill_order(i, t, market, state, terms)
    for side in (SELL, BUY):
        for i in range(len(state.book)):
            if state.book[i, ORDER] == side and state.book[i, ORDER_MS] == now:
                fill_order(i, t, market, state, terms)


@borrowing
def fill_order(i: int, t: int, market: Market, state: State, terms: Terms) -> None:
    """Fill instrument i's market order at the open of time t, if it has a bar there."""
    opened, now = int(market.bars[t, i, OPEN]), int(market.open_ms[t])
    if opened == 0:
        return
    side, reason = state.book[i, ORDER], int(state.book[i, ORDER_REASON])
    state.book[i, ORDER] = 0
    state.account[ORDERS] -= 1
    if side == BUY:
        cost_ppm = cost_at(i, t, int(state.book[i, ORDER_LOTS]), opened, market, state, terms)
        enter(i, market_buy(opened, cost_ppm), now, state, terms)
    elif state.book[i, LOTS] > 0:
        cost_ppm = cost_at(i, t, int(state.book[i, LOTS]), opened, market, state, terms)
        leave_at(i, market_sell(opened, cost_ppm), now, reason, state, terms)


@borrowing
def cost_at(i: int, t: int, lots: int, ticks: int, market: Market, state: State, terms: Terms) -> int:  # noqa: PLR0917
    """Millionths that a market order pays in bar t, its own impact included."""
    if terms.impact <= 0.0:
        return terms.market_ppm
    sigma, traded = market.flow[t, i, 0], market.flow[t, i, 1]
    return terms.market_ppm + impact_ppm(terms.impact, sigma, traded, notional(lots, ticks, grid_at(i, state)))


@borrowing
def enter(i: int, ticks: int, now: int, state: State, terms: Terms) -> None:
    """Buy at `ticks` and put the position under its stop and target; the venue may refuse."""
    book, grid, lots = state.book, grid_at(i, state), int(state.book[i, ORDER_LOTS])
    if accept_buy(lots, ticks, int(state.account[CASH]), grid) != ACCEPTED:
        state.account[REFUSED] += 1
        return
    fee = buy_fee(lots, terms.fee_ppm, grid)
    atoms, cost = bought(lots, ticks, fee, grid)
    stop, target = protect(ticks, terms.stop_ppm, terms.target_ppm)
    state.account[CASH] -= cost
    state.account[POSITIONS] += 1
    book[i, ATOMS], book[i, COST] = atoms, cost
    whole = atoms + int(book[i, DUST])
    book[i, LOTS], book[i, REST] = whole // grid.lot, whole % grid.lot
    book[i, STOP], book[i, TARGET] = stop, target
    book[i, ENTRY], book[i, BOUGHT], book[i, OPENED_MS] = ticks, lots, now
    book[i, FEE] = worth(fee, ticks, grid)


@borrowing
def leave_at(i: int, ticks: int, now: int, reason: int, state: State, terms: Terms) -> None:  # noqa: PLR0917
    """Sell every whole lot at `ticks`, oldest coins first; the rest is dust. Writes the trade."""
    book, grid, lots = state.book, grid_at(i, state), int(state.book[i, LOTS])
    arrives, fee = sold(lots, ticks, terms.fee_ppm, grid)
    wanted = lots * grid.lot
    dust, _, old_cost = take(int(book[i, DUST]), int(book[i, DUST_COST]), wanted)
    wanted -= int(book[i, DUST]) - dust
    rest, rest_cost, new_cost = take(int(book[i, ATOMS]), int(book[i, COST]), wanted)
    row, state.account[TRADES] = int(state.account[TRADES]), state.account[TRADES] + 1
    trade = state.trades[row]
    trade[T_INSTRUMENT], trade[T_LOTS], trade[T_REASON] = i, lots, reason
    trade[T_OPENED_MS], trade[T_CLOSED_MS] = book[i, OPENED_MS], now
    trade[T_ENTRY], trade[T_EXIT] = book[i, ENTRY], ticks
    trade[T_FEES], trade[T_PROFIT] = book[i, FEE] + fee, arrives - old_cost - new_cost
    if trade[T_PROFIT] < 0:
        book[i, LOST_MS] = now
    state.account[CASH] += arrives
    state.account[POSITIONS] -= 1
    book[i, DUST], book[i, DUST_COST], book[i, REST] = rest, rest_cost, rest
    book[i, ATOMS] = book[i, COST] = book[i, LOTS] = 0
    book[i, STOP] = book[i, TARGET] = 0


@borrowing
def leave_inside(i: int, t: int, market: Market, state: State, terms: Terms) -> None:
    """Stop or target of instrument i fills inside bar t; an exit that is still on its way is not needed any more."""
    begin_ms, bar = int(market.open_ms[t]), market.bars[t, i]
    close_ms, stop, target = begin_ms + market.bar_ms, int(state.book[i, STOP]), int(state.book[i, TARGET])
    kind, ticks, decided = settled(
        int(bar[OPEN]), int(bar[HIGH]), int(bar[LOW]), stop, target, market.finer, i, begin_ms, close_ms
    )
    state.trades[state.account[TRADES], T_DECIDED] = decided
    if state.book[i, ORDER] != 0:
        state.book[i, ORDER] = 0
        state.account[ORDERS] -= 1
    if kind == STOPPED:
        cost_ppm = cost_at(i, t, int(state.book[i, LOTS]), ticks, market, state, terms)
        leave_at(i, market_sell(ticks, cost_ppm), close_ms, BY_STOP, state, terms)
    else:
        leave_at(i, ticks, close_ms, BY_TARGET, state, terms)
