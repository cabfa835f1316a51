"""backtest(plan) -> BacktestResult: the live cycle's rules over closed bars, compiled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

import numpy as np

from engine.backtest.loop import replay
from engine.backtest.plan import BacktestPlan, blank_state, kin_of, lay_out
from engine.backtest.state import (
    ASKED,
    DAILY_LOSS,
    DRAWDOWN,
    ENTRY,
    HALTED_MS,
    HALTS,
    LOTS,
    OPENED_MS,
    POSITIONS,
    REFUSED,
    T_DECIDED,
    TRADES,
    Floats,
    Ints,
    Market,
    State,
    Voices,
    counted,
)
from engine.backtest.trades import Trades
from engine.domain.interval import from_ms
from engine.domain.money import ATOMS_PER_UNIT, from_atoms, to_atoms
from engine.execution.within import BY_FINER, BY_RULE
from engine.risk.gates import GATES
from engine.risk.terms import terms_of
from engine.statistics.drawdown import drawdowns


@dataclass(frozen=True, slots=True, kw_only=True)
class StillHeld:
    """A position that no bar has closed: the instrument's place in the plan, whole lots, when and at what it began."""

    place: int
    lots: int
    opened_ms: int
    entry_ticks: int


@dataclass(frozen=True, kw_only=True)
class BacktestResult:
    """What came of a plan. Open positions are valued at the last close; `equity` is marked at each of `close_ms`.

    `still_held` are those; `bars` counts bars of all instruments; `held_by` the decisions that each gate held;
    `refused` the entries that the venue would not have filled (a gap up beyond the cash); `halts` what latched, at
    `halted_at`.
    """

    plan: BacktestPlan
    trades: Trades
    close_ms: Ints
    equity: Floats
    final_equity: Decimal
    total_return: float
    held_by: Mapping[str, int]
    bars: int
    refused: int
    open_positions: int
    halts: tuple[str, ...]
    halted_at: datetime | None
    still_held: tuple[StillHeld, ...] = ()

    @property
    def decisions(self) -> int:
        """One per bar."""
        return self.bars

    @property
    def trades_sha256(self) -> str:
        """Hash of the trades: a replay's of the same plan."""
        return self.trades.sha256

    @property
    def decided(self) -> Mapping[str, int]:
        """Exits in bars that reached both a stop and a target: how many finer bars decided, how many the rule that the
        stop wins."""
        by = self.trades.rows[:, T_DECIDED]
        return {"by_finer_bars": int((by == BY_FINER).sum()), "stop_first": int((by == BY_RULE).sum())}

    @cached_property
    def returns(self) -> Floats:
        """Return of each bar, shape (n,)."""
        before = np.concatenate(([float(self.plan.cash)], self.equity[:-1]))
        return np.asarray(self.equity / before - 1)

    @cached_property
    def drawdowns(self) -> Floats:
        """How far below its peak each close is, shape (n,)."""
        return drawdowns(np.concatenate(([float(self.plan.cash)], self.equity)))[1:]

    @property
    def max_drawdown(self) -> float:
        """The deepest fall from a peak."""
        return float(self.drawdowns.max())


def backtest(plan: BacktestPlan) -> BacktestResult:
    """Run the plan. Deterministic: equal plans give equal results, with the compiler on and off."""
    return walk(plan, *lay_out(plan))


def walk(plan: BacktestPlan, market: Market, voices: Voices) -> BacktestResult:
    """Run the plan on a market and calls that were laid out before: other costs and limits need no other ones."""
    state = blank_state(plan, market, voices)
    replay(market, voices, kin_of(plan, market), state, terms_of(plan.limits, plan.costs, plan.stake))
    return _result(plan, market, state)


def _result(plan: BacktestPlan, market: Market, state: State) -> BacktestResult:
    state.held[0] += market.n_bars - state.account[ASKED]  # no call, nothing to leave: nobody had to be asked
    equity = counted(state.equity)
    last = int(equity[-1])
    return BacktestResult(
        plan=plan,
        trades=Trades(plan, state.trades[: int(state.account[TRADES])].copy()),
        close_ms=market.open_ms + market.bar_ms,
        equity=equity / ATOMS_PER_UNIT,
        final_equity=from_atoms(last),
        total_return=last / to_atoms(plan.cash) - 1,
        held_by={gate: int(n) for gate, n in zip(GATES, state.held, strict=True) if n},
        bars=market.n_bars,
        refused=int(state.account[REFUSED]),
        open_positions=int(state.account[POSITIONS]),
        halts=_halts(int(state.account[HALTS])),
        halted_at=from_ms(int(state.account[HALTED_MS])) if state.account[HALTS] else None,
        still_held=_held(state),
    )


def _held(state: State) -> tuple[StillHeld, ...]:
    return tuple(
        StillHeld(place=i, lots=int(row[LOTS]), opened_ms=int(row[OPENED_MS]), entry_ticks=int(row[ENTRY]))
        for i, row in enumerate(state.book)
        if row[LOTS] > 0
    )


def _halts(bits: int) -> tuple[str, ...]:
    return tuple(name for bit, name in ((DRAWDOWN, "drawdown"), (DAILY_LOSS, "daily_loss")) if bits & bit)
