"""Whether Binance answers from here, and why not, in words for the console's first run."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.adapters.binance.errors import NoConnection
from engine.domain.errors import AaitiError, RateLimited, RegionBlocked


class Access(StrEnum):
    """What came of asking."""

    OK = "OK"
    OFFLINE = "OFFLINE"
    UNAVAILABLE = "UNAVAILABLE"
    REGION_BLOCKED = "REGION_BLOCKED"
    RATE_LIMITED = "RATE_LIMITED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reachability:
    """One host's answer, in words for the operator."""

    access: Access
    message: str

    @property
    def ok(self) -> bool:
        """True where market data can be had."""
        return self.access is Access.OK


def refused(error: AaitiError, host: str) -> Reachability:
    """Put an error into words, with what can be done instead."""
    instead = "Use the simulated market or import bars."
    if isinstance(error, NoConnection):
        access = Access.OFFLINE
        message = f"Nothing answers at {host}: this machine is offline, or the way there is blocked. {instead}"
    elif isinstance(error, RegionBlocked):
        access = Access.REGION_BLOCKED
        message = f"Binance does not serve this region (said by {host}). {instead}"
    elif isinstance(error, RateLimited):
        access = Access.RATE_LIMITED
        message = f"Binance limits this address for another {error.retry_after:.0f} s. Wait, then try again."
    else:
        access = Access.UNAVAILABLE
        message = f"{host} answers, but not usefully now: {error} Try again in a minute. {instead}"
    return Reachability(access=access, message=message)
