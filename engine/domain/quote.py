"""Quote: the best bid and ask at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What one could trade at, as of `as_of` (the venue's time where it gives one, else receipt).

    `bid == ask` where the source knows only one price (archives and simulated bars); `spread_included`
    is False then, and the fill simulation adds the half-spread itself.
    """

    symbol: str
    bid: Decimal
    ask: Decimal
    as_of: datetime
    spread_included: bool = False

    @property
    def mid(self) -> Decimal:
        """Half way between bid and ask."""
        return (self.bid + self.ask) / 2
