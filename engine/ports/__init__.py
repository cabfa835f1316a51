"""What the engine needs from outside, as narrow protocols. Adapters implement them; `bootstrap/` joins them.

Standard library and domain only. All methods are synchronous and raise only errors of `domain/errors.py`.
"""

from __future__ import annotations

from engine.ports.board import LOOKED_AT, Board, Heartbeat
from engine.ports.broker import Balance, Broker, OrderReport, Outcome, Standing
from engine.ports.clock import Clock, Notifier
from engine.ports.ledger import Lease, Ledger, OrderUpdate, Step
from engine.ports.market import Bars, Coverage, MarketData
from engine.ports.models import ModelStore
from engine.ports.trials import Trials
from engine.ports.venue import Venue

__all__ = [
    "Balance", "Bars", "Board", "Broker", "Clock", "Coverage", "Heartbeat", "LOOKED_AT", "Lease", "Ledger",
    "MarketData", "ModelStore", "Notifier", "OrderReport", "OrderUpdate", "Outcome", "Standing", "Step", "Trials",
    "Venue",
]  # fmt: skip
