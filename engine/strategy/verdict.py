"""The compiled verdict on one sleeve: enter, leave or hold. `decide` and the backtest loop call this same function."""

from __future__ import annotations

from engine.kernel.compiled import compiled
from engine.kernel.grid import Grid
from engine.risk.gates import calls_buy, confident, early, late, worthwhile
from engine.risk.sizing import position_lots
from engine.risk.terms import BUY, HOLD, SELL, Ask, Purse, Terms

STAY, BY_SIGNAL, BY_TIME, BY_STOP, BY_TARGET = 0, 1, 2, 3, 4
"""Why a held position is left; the last two are the venue's doing, not a verdict."""


@compiled
def leave(ask: Ask, terms: Terms) -> int:
    """Why to leave a held position now: a confident SELL, or a model's horizon is over and it would not buy again."""
    if ask.signal == SELL and confident(ask, terms):
        return BY_SIGNAL
    again = calls_buy(ask) and confident(ask, terms) and worthwhile(ask, terms)
    if 0 < ask.horizon <= ask.bars_held and not again:
        return BY_TIME
    return STAY


@compiled
def can_act(signal: int, held: bool, horizon: int) -> bool:
    """False where the first gate, "signal", holds whatever else is so: no BUY, and no position that may be left now."""
    return signal == BUY or (held and (signal == SELL or horizon > 0))


@compiled
def verdict(ask: Ask, purse: Purse, terms: Terms, grid: Grid) -> tuple[int, int, int, int]:
    """(action, reason to leave, failed gates, lots to buy). A stale call or a waiting order lets nothing happen.

    The gates that look at a size are asked only where no other has failed before: the first failure is always there.
    """
    if ask.held and ask.fresh and not ask.waiting:
        reason = leave(ask, terms)
        if reason != STAY:
            return SELL, reason, 0, 0
    failures = early(ask, purse, terms)
    if failures != 0:
        return HOLD, STAY, failures, 0
    lots = position_lots(ask, purse, terms, grid)
    failures = late(lots, ask, purse, terms, grid)
    if failures == 0:
        return BUY, STAY, 0, lots
    return HOLD, STAY, failures, 0
