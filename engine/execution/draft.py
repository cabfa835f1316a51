"""StepDraft: what one step of an account will write, gathered before it is committed in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from engine.domain.decision import Decision
from engine.domain.equity import EquityMark
from engine.domain.fill import Fill
from engine.domain.guard import Guard
from engine.domain.halt import Halt, HaltKind
from engine.domain.order import ApprovedOrder, Order, OrderStatus
from engine.domain.position import Position
from engine.domain.trade import Trade
from engine.execution.machine import Effect
from engine.ports import OrderUpdate, Step

MISMATCH = "mismatch"
"""Cause of the halt where ledger and venue disagree."""


@dataclass(slots=True, kw_only=True)
class StepDraft:
    """Lists to append to; `step` freezes them."""

    account_id: str
    at: datetime
    updates: list[OrderUpdate] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    intents: list[ApprovedOrder] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)
    closed_positions: list[tuple[str, str]] = field(default_factory=list)
    halts: list[Halt] = field(default_factory=list)
    guards: list[Guard] = field(default_factory=list)
    told: list[Decision] = field(default_factory=list)
    """Decisions that are written already, whose words and reasons are known by now."""
    words: list[tuple[str, str]] = field(default_factory=list)
    """(level, text) that the operator is told once the rest is written."""
    cursors: dict[str, datetime] = field(default_factory=dict)
    mark: EquityMark | None = None

    def follow(self, order: Order, effects: Iterable[Effect]) -> None:
        """Note what the machine wants said or halted about an order."""
        ended = "refused" if order.status is OrderStatus.REJECTED else order.status.value.lower()
        words = f"{order.symbol} {order.purpose.value.lower()} order {ended}: {order.note}"
        for effect in effects:
            if effect is Effect.TELL:
                self.words.append(("error" if order.status is OrderStatus.REJECTED else "warning", words))
            elif effect is Effect.HALT:
                self.halt(MISMATCH, words)

    def halt(self, cause: str, detail: str) -> None:
        """Latch a halt with this step."""
        self.halts.append(
            Halt(account_id=self.account_id, kind=HaltKind.HALT, cause=cause, detail=detail, raised_at=self.at)
        )

    def step(self) -> Step:
        """Freeze it."""
        return Step(
            account_id=self.account_id,
            at=self.at,
            updates=tuple(self.updates),
            fills=tuple(self.fills),
            decisions=tuple(self.decisions),
            intents=tuple(a.order for a in self.intents),
            trades=tuple(self.trades),
            positions=tuple(self.positions),
            closed_positions=tuple(self.closed_positions),
            mark=self.mark,
            halts=tuple(self.halts),
            guards=tuple(self.guards),
            cursors=dict(self.cursors),
            told=tuple(self.told),
        )

    @property
    def empty(self) -> bool:
        """True where there is nothing to write."""
        return not (
            self.updates or self.fills or self.decisions or self.intents or self.trades or self.positions
            or self.closed_positions or self.halts or self.guards or self.cursors or self.mark or self.told
        )  # fmt: skip
