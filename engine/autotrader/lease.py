"""The lease: one trader per account, proved at every commit."""

from __future__ import annotations

import os
import socket
import time
import uuid
from collections.abc import Callable
from datetime import datetime

from engine.domain.errors import LeaseLost
from engine.ports import Lease, Ledger

SECONDS = 15.0
"""How long a lease lasts without renewal: after a kill another process takes over this much later."""

LEFT_BEHIND = SECONDS + 2
"""How long to wait for a lease before its holder is taken to be alive."""
_ASK_AGAIN_SECONDS = 0.25


def owner_name() -> str:
    """Name this process: host, pid and a random part, so that a restarted process is another owner."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


class LeaseHolder:
    """Takes and renews one lease. `wall` is the real time: leases do not follow a replay's clock."""

    def __init__(self, ledger: Ledger, name: str, owner: str, wall: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._name = name
        self._owner = owner
        self._wall = wall
        self._lease: Lease | None = None

    @property
    def owner(self) -> str:
        """Who we are."""
        return self._owner

    @property
    def epoch(self) -> int | None:
        """The lease's epoch; None while another process holds it."""
        return None if self._lease is None else self._lease.epoch

    def take(self) -> bool:
        """Take or renew; False where another process holds it."""
        self._lease = self._ledger.take_lease(self._name, self._owner, self._wall(), SECONDS)
        return self._lease is not None

    def wait(self, seconds: float, given_up: Callable[[], bool]) -> bool:
        """Take it, waiting so long for one that a killed process left behind; False where somebody renews it."""
        deadline = time.monotonic() + seconds
        while not self.take():
            if time.monotonic() >= deadline or given_up():
                return False
            time.sleep(_ASK_AGAIN_SECONDS)
        return True

    def keep(self) -> bool:
        """Renew when half of the time is gone; False where another process holds it."""
        if self._lease is not None and (self._lease.expires_at - self._wall()).total_seconds() > SECONDS / 2:
            return True
        return self.take()

    def __call__(self) -> Lease:
        """The lease as a commit needs it; LeaseLost where we have none."""
        if self._lease is None:
            raise LeaseLost(f"another process trades {self._name}; this one stands by")
        return self._lease

    def release(self) -> None:
        """Give it back."""
        if self._lease is not None:
            self._ledger.release_lease(self._lease)
            self._lease = None
