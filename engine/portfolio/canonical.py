"""Canonical text of what happened, and its SHA-256: equal runs have equal hashes.

Left out are ids and wall-clock times (when a row was written, when an order was sent); floats are written with 12
significant digits; rows are sorted, so the order in which equal moments were recorded does not matter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from engine.domain.decision import Decision
from engine.domain.fill import Fill
from engine.domain.interval import iso
from engine.domain.money import plain
from engine.domain.order import Order
from engine.domain.trade import Trade


def trades_sha256(trades: Iterable[Trade]) -> str:
    """Hash of the trade list: instrument, times, quantity, prices, fees."""
    return _sha256("|".join(_text(v) for v in _trade(t)) for t in trades)


def ledger_sha256(decisions: Iterable[Decision], orders: Iterable[Order], fills: Iterable[Fill]) -> str:
    """Hash of every decision, order and fill."""
    lines = ["|".join(("decision", *(_text(v) for v in _decision(d)))) for d in decisions]
    lines += ["|".join(("order", *(_text(v) for v in _order(o)))) for o in orders]
    lines += ["|".join(("fill", *(_text(v) for v in _fill(f)))) for f in fills]
    return _sha256(lines)


def _sha256(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _trade(t: Trade) -> tuple[object, ...]:
    return (t.symbol, t.opened_at, t.closed_at, t.quantity, t.entry_price, t.exit_price, t.fees)


def _decision(d: Decision) -> tuple[object, ...]:
    gates = ",".join(f"{g.name}:{'yes' if g.passed else 'no'}" for g in d.gates)
    p = d.prediction
    odds = () if p is None else (
        p.probability, p.probability_low, p.probability_high, p.confidence, p.expected_move, p.volatility,
    )  # fmt: skip
    return (d.symbol, d.bar_close_at, d.action, d.quantity, d.reference_price, gates, d.held_by, d.exit_reason, *odds)


def _order(o: Order) -> tuple[object, ...]:
    return (
        o.symbol, o.side, o.type, o.purpose, o.quantity, o.price, o.stop_price, o.bar_close_at, o.status,
        o.filled_quantity, o.exit_reason, o.stop_ratio, o.target_ratio,
    )  # fmt: skip


def _fill(f: Fill) -> tuple[object, ...]:
    return (f.symbol, f.side, f.quantity, f.price, f.fee, f.fee_asset, f.filled_at)


def _text(value: object) -> str:
    match value:
        case None:
            return "-"
        case datetime():
            return iso(value)
        case Decimal():
            return f"{plain(value):f}"
        case float():
            return f"{value:.12g}"
    return str(value)
