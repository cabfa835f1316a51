"""Every table, joined: import `metadata` from here, so that no table is forgotten."""

from __future__ import annotations

from engine.adapters.database.schema import metadata
from engine.adapters.database.tables_accounts import accounts, equity_marks, flows, halts, leases
from engine.adapters.database.tables_board import alerts, commands, heartbeats, jobs, settings, state
from engine.adapters.database.tables_models import drift, model_versions, models, predictions, promotions
from engine.adapters.database.tables_trading import (
    cursors,
    decisions,
    fills,
    guards,
    order_events,
    orders,
    positions,
    sleeves,
    trades,
)
from engine.adapters.database.tables_trials import trials

__all__ = [
    "accounts",
    "alerts",
    "commands",
    "cursors",
    "decisions",
    "drift",
    "equity_marks",
    "fills",
    "flows",
    "guards",
    "halts",
    "heartbeats",
    "jobs",
    "leases",
    "metadata",
    "model_versions",
    "models",
    "order_events",
    "orders",
    "positions",
    "predictions",
    "promotions",
    "settings",
    "sleeves",
    "state",
    "trades",
    "trials",
]
