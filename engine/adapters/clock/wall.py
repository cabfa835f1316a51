"""The wall clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class WallClock:
    """Now, as the machine has it. Implements ports.Clock."""

    def now(self) -> datetime:
        """Aware UTC now."""
        return datetime.now(UTC)

    def sleep_until(self, at: datetime) -> None:
        """Wait until `at`."""
        time.sleep(max(0.0, (at - self.now()).total_seconds()))
