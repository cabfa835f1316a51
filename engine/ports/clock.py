"""Clock and Notifier: the only source of now, and the way to tell the operator something."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The only source of 'now'."""

    def now(self) -> datetime:
        """Aware UTC now: the wall's, or a replay's."""
        ...

    def sleep_until(self, at: datetime) -> None:
        """Wait until `at` by this clock (a replay at full speed returns at once)."""
        ...


class Notifier(Protocol):
    """Tells the operator something now."""

    def tell(self, level: str, text: str) -> None:
        """Deliver; never raises."""
        ...
