"""What a real exchange says about itself, our key and our line to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from engine.domain.interval import iso, parse_time

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

    def to_mapping(self) -> dict[str, object]:
        """JSON values: `from_mapping` reads them back."""
        return asdict(self)

    @classmethod
    def from_mapping(cls, stored: object) -> KeyRights | None:
        """Read what was stored; None where nothing is known."""
        if not isinstance(stored, Mapping):
            return None
        return cls(**{name: stored.get(name) is True for name in ("trade", "withdraw", "transfer", "ip_bound")})


@dataclass(frozen=True, slots=True, kw_only=True)
class Commission:
    """What a fill at once costs on one instrument, as ratios. `bnb`: it is paid in BNB while there is any, at the
    ratio given; else a purchase pays it from the coins it brings."""

    symbol: str
    buy_ratio: Decimal
    sell_ratio: Decimal
    bnb: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryResult:
    """Which ways to order were proved at the venue when last tried: name -> it worked, and how it went in words."""

    at: datetime
    passed: Mapping[str, bool]
    details: Mapping[str, str] = field(default_factory=dict)

    def proved(self, name: str) -> bool:
        """True where this way to order was tried and worked."""
        return self.passed.get(name, False)

    def to_mapping(self) -> dict[str, object]:
        """JSON values: `from_mapping` reads them back."""
        return {"at": iso(self.at), "passed": dict(self.passed), "details": dict(self.details)}

    @classmethod
    def from_mapping(cls, stored: object) -> CanaryResult | None:
        """Read what was stored; None where none has run."""
        if not isinstance(stored, Mapping):
            return None
        passed, details = stored.get("passed"), stored.get("details")
        return cls(
            at=parse_time(str(stored["at"])),
            passed={str(k): v is True for k, v in passed.items()} if isinstance(passed, Mapping) else {},
            details={str(k): str(v) for k, v in details.items()} if isinstance(details, Mapping) else {},
        )


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
