"""Sleeve: a model or a rule trading one instrument with an allocation, owner of its position."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.domain.interval import Interval

MANUAL = "manual"
"""Strategy of the sleeve that owns the operator's own trades."""


class SleeveState(StrEnum):
    """ACTIVE decides on each bar; STOP_ONLY keeps its position under its stop; RETIRED is done."""

    ACTIVE = "ACTIVE"
    STOP_ONLY = "STOP_ONLY"
    RETIRED = "RETIRED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sleeve:
    """`strategy` is `model:<version_id>`, `rule:<name>:<k=v,...>` or `manual`."""

    sleeve_id: str
    account_id: str
    strategy: str
    symbol: str
    interval: Interval
    state: SleeveState
    created_at: datetime
