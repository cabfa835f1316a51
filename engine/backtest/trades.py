"""Trades of a run as domain values, made when somebody looks: a sweep never does."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import overload

import numpy as np

from engine.backtest.plan import BacktestPlan
from engine.backtest.state import (
    T_CLOSED_MS,
    T_ENTRY,
    T_EXIT,
    T_FEES,
    T_INSTRUMENT,
    T_LOTS,
    T_OPENED_MS,
    T_PROFIT,
    T_REASON,
    Ints,
)
from engine.domain.interval import from_ms
from engine.domain.money import from_atoms, plain
from engine.domain.order import ExitReason
from engine.domain.trade import Trade
from engine.portfolio.canonical import trades_sha256
from engine.strategy.verdict import BY_SIGNAL, BY_STOP, BY_TARGET, BY_TIME

REASONS = {
    BY_SIGNAL: ExitReason.SIGNAL,
    BY_TIME: ExitReason.TIME,
    BY_STOP: ExitReason.STOP,
    BY_TARGET: ExitReason.TARGET,
}


class Trades(Sequence[Trade]):
    """A sequence of trades over `rows`, the loop's own integers, shape (n_trades, TRADE_COLUMNS)."""

    def __init__(self, plan: BacktestPlan, rows: Ints) -> None:
        self._plan = plan
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, place: int) -> Trade: ...
    @overload
    def __getitem__(self, place: slice) -> list[Trade]: ...
    def __getitem__(self, place: int | slice) -> Trade | list[Trade]:
        return self._made[place]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Trades):
            return self._made == other._made
        return isinstance(other, list) and self._made == other

    __hash__ = None  # type: ignore[assignment]

    @cached_property
    def sha256(self) -> str:
        """Hash of what they are: equal for a live run of the same trades."""
        return trades_sha256(self._made)

    def counts(self) -> dict[ExitReason, int]:
        """How many were left for each reason, without making a single trade."""
        found, n = np.unique(self.rows[:, T_REASON], return_counts=True)
        return {REASONS[int(reason)]: int(k) for reason, k in zip(found, n, strict=True)}

    @cached_property
    def _made(self) -> list[Trade]:
        return [self._trade([int(v) for v in row]) for row in self.rows]

    def _trade(self, row: list[int]) -> Trade:
        sleeve = self._plan.sleeves[row[T_INSTRUMENT]]
        instrument = sleeve.instrument
        return Trade(
            account_id=self._plan.account_id, sleeve_id=sleeve.sleeve_id, symbol=instrument.symbol,
            quantity=plain(instrument.quantity(row[T_LOTS])), opened_at=from_ms(row[T_OPENED_MS]),
            closed_at=from_ms(row[T_CLOSED_MS]), entry_price=plain(instrument.price(row[T_ENTRY])),
            exit_price=plain(instrument.price(row[T_EXIT])), fees=from_atoms(row[T_FEES]),
            profit=from_atoms(row[T_PROFIT]), exit_reason=REASONS[row[T_REASON]],
        )  # fmt: skip
