"""Venue: a real exchange, more than a broker: its streams, what our key may do there, and what was proved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from engine.domain.interval import Interval
from engine.domain.venue import CanaryResult, Commission, KeyRights, VenueHealth
from engine.ports.broker import Broker


class Venue(Broker, Protocol):
    """A broker over a network. Its streams run in threads of their own; `poll` gives what they brought."""

    def start(self, wake: Callable[[], None]) -> None:
        """Open the streams; `wake` is called, from any thread, whenever they bring something."""
        ...

    def watch(self, series: Sequence[tuple[str, Interval]]) -> None:
        """Which closed bars the market stream is to wake us for, in place of what was said before."""
        ...

    def ready(self, n: int) -> None:
        """So many orders may have to leave together in a few seconds. Asked again until then; never waits long."""
        ...

    def close(self) -> None:
        """End streams and connections. Nothing is cancelled."""
        ...

    def health(self) -> VenueHealth:
        """How the line stands; asks nothing."""
        ...

    def rights(self) -> KeyRights | None:
        """What our key may do; None where the venue does not tell (testnet, Binance.US)."""
        ...

    def commission(self, symbol: str) -> Commission:
        """What a fill at once costs on this instrument, and whether BNB pays it."""
        ...

    def canary(self, symbol: str) -> CanaryResult:
        """Try each way to order that is in use, on this instrument, with the least possible at stake."""
        ...
