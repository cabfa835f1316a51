"""Reopening: when a session that could not be opened, or did not last, may be opened again."""

from __future__ import annotations

import math
from collections.abc import Callable

FIRST_SECONDS = 1.0
MOST_SECONDS = 60.0
LIVED_SECONDS = 60.0
"""Who does not ask for so long has had a session: the next trouble is a new one."""


class Reopening:
    """A source that is away, or has banned us, is asked ever more seldom. `seconds` only runs forward."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._account_id: str | None = None
        self._wait = FIRST_SECONDS
        self._next_at = -math.inf

    def due(self, account_id: str) -> bool:
        """True where it may be tried now; then the wait for the next time is twice as long. Another account has no
        part in what kept this one waiting."""
        now = self._seconds()
        if account_id != self._account_id:
            self._account_id, self._next_at = account_id, -math.inf
        if now < self._next_at:
            return False
        self._wait = FIRST_SECONDS if now - self._next_at >= LIVED_SECONDS else min(2 * self._wait, MOST_SECONDS)
        self._next_at = now + self._wait
        return True
