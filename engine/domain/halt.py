"""Halt: a reason why no new risk is taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class HaltKind(StrEnum):
    """PAUSE clears by itself when its cause is gone; HALT latches until a typed reset."""

    PAUSE = "PAUSE"
    HALT = "HALT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """`cause` is one word (`drawdown`, `daily_loss`, `operator`, ...); one open halt per account and cause."""

    account_id: str
    kind: HaltKind
    cause: str
    detail: str
    raised_at: datetime
    cleared_at: datetime | None = None
    cleared_by: str | None = None
