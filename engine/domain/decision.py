"""Decision: what to do about one sleeve at one bar close, and every gate's word on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from engine.domain.order import ExitReason
from engine.domain.signal import Prediction, Signal

MISSED = "MISSED"
"""`held_by` of a bar that closed while the engine was away: recorded, never traded late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateOutcome:
    """One gate's answer. `detail` says the numbers in plain words: what was there and what was needed."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`action` BUY opens `quantity`, SELL closes the position for `exit_reason`, HOLD does nothing: `held_by` names the
    first gate that held it (None for BUY and SELL)."""

    account_id: str
    sleeve_id: str
    symbol: str
    bar_close_at: datetime
    action: Signal
    quantity: Decimal | None
    reference_price: Decimal
    gates: tuple[GateOutcome, ...]
    held_by: str | None
    exit_reason: ExitReason | None = None
    prediction: Prediction | None = None
