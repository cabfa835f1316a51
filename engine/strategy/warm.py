"""Warm-up: compile the rules before the first bar closes, instead of while it waits (seconds once per install)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from math import nan

import numpy as np

from engine.domain.account import Costs
from engine.domain.instrument import Instrument
from engine.kernel.compiled import is_cached
from engine.kernel.falls import fallen
from engine.kernel.grid import grid_of, worth
from engine.portfolio.fold import bought, take, trading_day
from engine.risk.correlation import correlation
from engine.risk.limits import RiskLimits
from engine.strategy.calls import BUY, Call
from engine.strategy.decide import AccountView, SleeveView, decide
from engine.strategy.verdict import verdict

_ANY = Instrument(
    symbol="WARMUP",
    base="WARM",
    quote="UP",
    tick_size=Decimal("0.01"),
    lot_step=Decimal("0.01"),
    min_notional=Decimal(0),
)


def is_warm() -> bool:
    """False where the first decision has to compile: once after an install or an update."""
    return is_cached(verdict)


def warm_up() -> None:
    """Decide a made-up sleeve and fold a made-up buy; nothing is kept but the machine code."""
    account = AccountView(
        account_id="", cash_atoms=10**12, equity_atoms=10**12, exposure_atoms=0, open_positions=0, halted_by=None
    )
    sleeve = SleeveView(
        sleeve_id="", instrument=_ANY, close_ticks=100, call=Call(BUY, nan, nan, nan, nan, nan, nan, 0.0),
        prediction=None, held_lots=0, bars_held=0, horizon=0, fresh=True,
    )  # fmt: skip
    decide(account, [sleeve], RiskLimits(), Costs(), stake=None, at=datetime(2025, 1, 1, tzinfo=UTC))
    atoms, cost = bought(2, 100, 0, grid_of(_ANY))
    take(atoms, cost, 1)
    worth(atoms, 100, grid_of(_ANY))
    fallen(cost, cost, trading_day(1))
    correlation(np.zeros((2, 1)), 1, 1, np.ones(2, dtype=np.int64), 0)
