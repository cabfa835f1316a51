"""The line to the exchange as the engine's last sign of life tells it: streams, weight, clock, what is held there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from engine.domain.account import AccountKind
from engine.domain.interval import parse_time
from engine.domain.money import exact
from engine.domain.venue import StreamState
from engine.ports import Heartbeat

CLOCK_LIMIT = timedelta(seconds=1)
"""Binance refuses what is stamped further ahead of its clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One asset: what the engine claims of it, and what the exchange holds."""

    asset: str
    claimed: Decimal
    free: Decimal
    locked: Decimal

    @property
    def others(self) -> Decimal:
        """What belongs to the operator alone and is never touched."""
        return self.free + self.locked - self.claimed


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`None`: not known yet. `watched`: instruments whose prices the market stream is to bring."""

    market_stream: StreamState
    user_stream: StreamState
    weight_used: int
    weight_limit: int
    clock_offset: timedelta | None
    gaps: int
    watched: int
    reconciled_at: datetime | None
    foreign_orders: int | None
    held: Sequence[Held]

    @property
    def prices(self) -> StreamState | None:
        """The market stream's state; None where it has nothing to bring."""
        return self.market_stream if self.watched else None


def read_line(beat: Heartbeat | None) -> Line | None:
    """What the heartbeat tells; None where the account trades at no exchange."""
    told = beat.status.get("line") if beat else None
    if beat is None or not isinstance(told, Mapping):
        return None
    clock_ms = told.get("clock_ms")
    standing = beat.status.get("standing")
    stands = standing if isinstance(standing, Mapping) else {}
    reconciled = stands.get("reconciled_at")
    foreign = stands.get("foreign_orders")
    return Line(
        market_stream=StreamState(str(told["market_stream"])), user_stream=StreamState(str(told["user_stream"])),
        weight_used=_whole(told["weight_used"]), weight_limit=_whole(told["weight_limit"]),
        clock_offset=None if clock_ms is None else timedelta(milliseconds=_whole(clock_ms)),
        gaps=_whole(told.get("gaps", 0)), watched=_whole(told.get("watched", 0)),
        reconciled_at=parse_time(reconciled) if isinstance(reconciled, str) else None,
        foreign_orders=None if foreign is None else _whole(foreign), held=_held(stands.get("assets")),
    )  # fmt: skip


def lacking(beat: Heartbeat | None, kind: AccountKind) -> str | None:
    """What the engine lacks for an account of that kind; None where it lacks nothing, or has not said."""
    told = beat.status.get("lacking") if beat else None
    words = told.get(kind.value) if isinstance(told, Mapping) else None
    return str(words) if words else None


def _held(assets: object) -> list[Held]:
    if not isinstance(assets, Mapping):
        return []
    found = []
    for asset, told in sorted(assets.items()):
        claimed, free, locked = (exact(str(told.get(name, "0"))) for name in ("claimed", "free", "locked"))
        found.append(Held(asset=str(asset), claimed=claimed, free=free, locked=locked))
    return found


def _whole(told: object) -> int:
    return told if isinstance(told, int) else 0
