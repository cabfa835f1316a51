"""Guard: the word, mostly the operator's, on where the stop and the target of a sleeve's position lie."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """The newest one counts, over the ratios of the entry, until a later entry fills.

    `key` is the command's; or the id of a stop that the venue refused together with its target, and that is to go
    without one from then on. With an `entry_id` it is part of that entry: it counts once that has filled, and a price
    that is None is left to the entry's ratio. Without one, no `target_price` means that there is no target.
    """

    key: str
    account_id: str
    sleeve_id: str
    stop_price: Decimal | None
    target_price: Decimal | None
    set_at: datetime
    entry_id: str | None = None
