"""Reads: what screens ask of the database beside the ledger's own lists. An adapter implements it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from engine.domain.command import Command
from engine.domain.decision import Decision
from engine.domain.equity import EquityMark
from engine.domain.fill import Fill
from engine.domain.halt import Halt
from engine.domain.order import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A message kept for the operator; `account_id` is None where it concerns the whole engine."""

    at: datetime
    level: str
    text: str
    account_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionCount:
    """How many decisions of one sleeve had one action and were held by one gate (None: not held)."""

    sleeve_id: str
    action: str
    held_by: str | None
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """The database as an operator may see it: `url` without its password, `n_bytes` None where it cannot be told."""

    url: str
    revision: str
    n_bytes: int | None


class Reads(Protocol):
    """What screens read beside the ledger's own lists: bounded, newest first where not said otherwise."""

    def marks(self, account_id: str, *, since: datetime | None = None, limit: int = 2000) -> Sequence[EquityMark]:
        """Equity marks, oldest first, thinned evenly to about `limit`; the first and the newest are always there."""
        ...

    def worst_drawdown(self, account_id: str) -> Decimal | None:
        """The deepest drawdown ever marked; None before the first mark."""
        ...

    def recent_decisions(
        self, account_id: str, *, sleeve_id: str | None = None, limit: int = 500
    ) -> Sequence[Decision]:
        """The newest decisions."""
        ...

    def decision_counts(self, account_id: str) -> Sequence[DecisionCount]:
        """All decisions of the account, counted."""
        ...

    def recent_orders(self, account_id: str, *, limit: int = 500) -> Sequence[Order]:
        """The newest orders."""
        ...

    def recent_fills(self, account_id: str, *, limit: int = 500) -> Sequence[Fill]:
        """The newest fills."""
        ...

    def alerts(self, *, limit: int = 200) -> Sequence[Alert]:
        """The newest alerts, of every account."""
        ...

    def commands(self, *, limit: int = 200) -> Sequence[Command]:
        """The newest commands with their answers."""
        ...

    def halt_history(self, account_id: str, *, limit: int = 200) -> Sequence[Halt]:
        """Halts and pauses, cleared ones included."""
        ...

    def storage(self) -> Storage:
        """The database itself."""
        ...
