"""What the engine tells the screens of an account at an exchange: its line, and what the exchange holds."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from engine.autotrader.session import Session
from engine.autotrader.trader import Trader
from engine.domain.interval import iso
from engine.domain.money import from_atoms
from engine.domain.venue import VenueHealth
from engine.execution.reconcile import claims
from engine.ports import Balance

_NOTHING = Balance(free=Decimal(0), locked=Decimal(0))


def exchange_status(session: Session) -> Mapping[str, object]:
    """`line` and `standing`; empty for an account that trades at no exchange."""
    if session.venue is None:
        return {}
    line = {**_line(session.venue.health()), "watched": len({s.symbol for s in session.trader.seats})}
    return {"line": line, "standing": _standing(session.trader)}


def _line(health: VenueHealth) -> dict[str, object]:
    offset = health.clock_offset
    return {
        "market_stream": health.market_stream.value,
        "user_stream": health.user_stream.value,
        "weight_used": health.weight_used,
        "weight_limit": health.weight_limit,
        "clock_ms": None if offset is None else round(offset.total_seconds() * 1000),
        "gaps": health.gaps,
    }


def _standing(trader: Trader) -> dict[str, object] | None:
    """What the exchange held of each asset that we claim, at the newest reconciliation."""
    standing, done_at = trader.reconciler.standing, trader.reconciler.done_at
    if standing is None or done_at is None:
        return None
    assets = {}
    for asset, atoms in claims(trader.book).items():
        there = standing.balances.get(asset, _NOTHING)
        assets[asset] = {"claimed": f"{from_atoms(atoms):f}", "free": f"{there.free:f}", "locked": f"{there.locked:f}"}
    return {"reconciled_at": iso(done_at), "foreign_orders": standing.foreign_orders, "assets": assets}
