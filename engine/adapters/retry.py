"""Bounded retry: what may be asked again is asked again, a stated number of times, on the clock it is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from engine.domain.errors import RateLimited, VenueUnavailable
from engine.ports import Clock

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Repeat a question after VenueUnavailable (waits double) and after RateLimited (waits what the venue says).

    A venue that asks for more than `patience` seconds is not waited for: the caller hears RateLimited at once.
    Only for questions. An order is never sent again from here.
    """

    clock: Clock
    attempts: int = 3
    first_wait: float = 0.5

    def __call__(self, ask: Callable[[], T], *, patience: float) -> T:
        """Return the first answer, or raise the last error."""
        wait = self.first_wait
        for left in range(self.attempts - 1, -1, -1):
            try:
                return ask()
            except RateLimited as error:
                if not left or error.retry_after > patience:
                    raise
                self._pause(error.retry_after)
            except VenueUnavailable:
                if not left:
                    raise
                self._pause(wait)
                wait *= 2
        raise ValueError(f"attempts is {self.attempts}; at least one is needed")

    def _pause(self, seconds: float) -> None:
        self.clock.sleep_until(self.clock.now() + timedelta(seconds=seconds))
