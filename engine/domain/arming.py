"""Arming: the operator's word that a live account may take new risk, for so long and up to so much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from engine.domain.interval import iso, parse_time
from engine.domain.money import exact, plain

SHORTEST, LONGEST = timedelta(hours=1), timedelta(days=30)
"""An arming that never ends would be a switch that everybody forgets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arming:
    """`at_risk` is what the operator typed: the account may not be allotted more. `confirmed` is what the operator
    wrote where the venue does not tell what the key may do."""

    by: str
    at: datetime
    expires_at: datetime
    at_risk: Decimal
    confirmed: str = ""

    def lapsed(self, now: datetime, allotted: Decimal) -> str | None:
        """Why it holds no more; None while it does."""
        if now >= self.expires_at:
            return f"the arming ended at {self.expires_at:%Y-%m-%d %H:%M} UTC"
        if allotted > self.at_risk:
            return f"{plain(allotted):f} is allotted now, and only {plain(self.at_risk):f} was armed"
        return None

    def to_mapping(self) -> dict[str, object]:
        """JSON values: `from_mapping` reads them back."""
        return {
            "by": self.by, "at": iso(self.at), "expires_at": iso(self.expires_at),
            "at_risk": f"{plain(self.at_risk):f}", "confirmed": self.confirmed,
        }  # fmt: skip

    @classmethod
    def from_mapping(cls, stored: object) -> Arming | None:
        """Read what was stored; None where there is no arming."""
        if not isinstance(stored, Mapping):
            return None
        return cls(
            by=str(stored["by"]), at=parse_time(str(stored["at"])), expires_at=parse_time(str(stored["expires_at"])),
            at_risk=exact(str(stored["at_risk"])), confirmed=str(stored.get("confirmed", "")),
        )  # fmt: skip
