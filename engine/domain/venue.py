"""What a real exchange says about itself, our key and our line to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

OTOCO = "OTOCO"
"""Canary's name for an entry that brings its stop and target in the same request."""


class StreamState(StrEnum):
    """LIVE brings news; while it is anything else the venue is asked instead."""

    LIVE = "LIVE"
    CONNECTING = "CONNECTING"
    DOWN = "DOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRights:
    """What the venue lets our key do. `ip_bound`: it only works from named addresses."""

    trade: bool
    withdraw: bool
    transfer: bool
    ip_bound: bool

    @property
    def refused(self) -> str | None:
        """Why no live money is traded with such a key; None where it may be."""
        if self.withdraw:
            return "the key may withdraw coins; make one without that right"
        if self.transfer:
            return "the key may transfer coins to other accounts; make one without that right"
        if not self.trade:
            return "the key may not trade on spot; allow it at the exchange"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryResult:
    """Which ways to order were proved at the venue when last tried: name -> it worked, and how it went in words."""

    at: datetime
    passed: Mapping[str, bool]
    details: Mapping[str, str] = field(default_factory=dict)

    def proved(self, name: str) -> bool:
        """True where this way to order was tried and worked."""
        return self.passed.get(name, False)


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueHealth:
    """Our line to the venue now. `clock_offset` is its clock minus ours; None where it was not measured yet.

    `gaps` counts how often the user stream may have missed something: after each the ledger is reconciled at once.
    """

    market_stream: StreamState
    user_stream: StreamState
    weight_used: int
    weight_limit: int
    clock_offset: timedelta | None = None
    gaps: int = 0
