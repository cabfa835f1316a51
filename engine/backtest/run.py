"""backtest(plan) -> BacktestResult: the live cycle's rules over closed bars, compiled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import numpy as np

from engine.backtest.loop import replay
from engine.backtest.plan import BacktestPlan, blank_state, kin_of, lay_out
from engine.backtest.state import (
    ASKED,
    CLOSED,
    DAILY_LOSS,
    DRAWDOWN,
    HALTED_MS,
    HALTS,
    POSITIONS,
    REFUSED,
    T_CLOSED_MS,
    T_ENTRY,
    T_EXIT,
    T_FEES,
    T_INSTRUMENT,
    T_LOTS,
    T_OPENED_MS,
    T_PROFIT,
    T_REASON,
    TRADES,
    Floats,
    Ints,
    State,
)
from engine.domain.interval import from_ms
from engine.domain.money import ATOMS_PER_UNIT, from_atoms, plain, to_atoms
from engine.domain.order import ExitReason
from engine.domain.trade import Trade
from engine.portfolio.canonical import trades_sha256
from engine.risk.gates import GATES
from engine.risk.terms import terms_of
from engine.statistics.drawdown import max_drawdown
from engine.statistics.sharpe import Sharpe, sharpe
from engine.strategy.verdict import BY_SIGNAL, BY_STOP, BY_TARGET, BY_TIME

_REASONS = {
    BY_SIGNAL: ExitReason.SIGNAL,
    BY_TIME: ExitReason.TIME,
    BY_STOP: ExitReason.STOP,
    BY_TARGET: ExitReason.TARGET,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestResult:
    """What came of a plan. Open positions are valued at the last close; `equity` is marked at each of `close_ms`.

    `bars` counts bars of all instruments; `held_by` the decisions that each gate held; `refused` the entries that the
    venue would not have filled (a gap up beyond the cash); `halts` what latched, at `halted_at`.
    """

    trades: Sequence[Trade]
    close_ms: Ints
    equity: Floats
    final_equity: Decimal
    total_return: float
    sharpe: Sharpe
    max_drawdown: float
    held_by: Mapping[str, int]
    decisions: int
    bars: int
    refused: int
    open_positions: int
    halts: tuple[str, ...]
    halted_at: datetime | None
    trades_sha256: str


def backtest(plan: BacktestPlan) -> BacktestResult:
    """Run the plan. Deterministic: equal plans give equal results, with the compiler on and off."""
    market, voices = lay_out(plan)
    state = blank_state(plan, market, voices)
    replay(market, voices, kin_of(plan, market), state, terms_of(plan.limits, plan.costs, plan.stake))
    trades = _trades(plan, state)
    bars = int(np.count_nonzero(market.bars[:, :, CLOSED]))
    state.held[0] += bars - state.account[ASKED]  # no call, nothing to leave: nobody had to be asked
    equity = state.equity / ATOMS_PER_UNIT
    cash, last = to_atoms(plan.cash), int(state.equity[-1])
    return BacktestResult(
        trades=trades,
        close_ms=market.open_ms + market.bar_ms,
        equity=equity,
        final_equity=from_atoms(last),
        total_return=last / cash - 1,
        sharpe=sharpe(_returns(equity, float(plan.cash)), plan.interval.bars_per_year),
        max_drawdown=max_drawdown(np.concatenate(([float(plan.cash)], equity))),
        held_by={gate: int(n) for gate, n in zip(GATES, state.held, strict=True) if n},
        decisions=bars,
        bars=bars,
        refused=int(state.account[REFUSED]),
        open_positions=int(state.account[POSITIONS]),
        halts=_halts(int(state.account[HALTS])),
        halted_at=from_ms(int(state.account[HALTED_MS])) if state.account[HALTS] else None,
        trades_sha256=trades_sha256(trades),
    )


def _returns(equity: Floats, cash: float) -> Floats:
    before = np.concatenate(([cash], equity[:-1]))
    return np.asarray(equity / before - 1)


def _halts(bits: int) -> tuple[str, ...]:
    return tuple(name for bit, name in ((DRAWDOWN, "drawdown"), (DAILY_LOSS, "daily_loss")) if bits & bit)


def _trades(plan: BacktestPlan, state: State) -> list[Trade]:
    rows = state.trades[: int(state.account[TRADES])]
    return [_trade(plan, [int(v) for v in row]) for row in rows]


def _trade(plan: BacktestPlan, row: list[int]) -> Trade:
    sleeve = plan.sleeves[row[T_INSTRUMENT]]
    instrument = sleeve.instrument
    return Trade(
        account_id=plan.account_id,
        sleeve_id=sleeve.sleeve_id,
        symbol=instrument.symbol,
        quantity=plain(instrument.quantity(row[T_LOTS])),
        opened_at=from_ms(row[T_OPENED_MS]),
        closed_at=from_ms(row[T_CLOSED_MS]),
        entry_price=plain(instrument.price(row[T_ENTRY])),
        exit_price=plain(instrument.price(row[T_EXIT])),
        fees=from_atoms(row[T_FEES]),
        profit=from_atoms(row[T_PROFIT]),
        exit_reason=_REASONS[row[T_REASON]],
    )
