"""Questions to the gates, made from what differs from a good one."""

from __future__ import annotations

from decimal import Decimal
from math import nan
from typing import Any

from engine.domain.account import Costs
from engine.kernel.grid import Grid
from engine.risk.limits import RiskLimits
from engine.risk.terms import BUY, NO_LOSS, PAPER_ONLY, Ask, Purse, Terms, terms_of

GRID = Grid(10, 1_000, 500_000_000)  # a tick of 0.01, a lot of 0.00001, orders from 5 on
UNIT = 100_000_000
GOOD = Ask(
    signal=BUY, probability_low=0.60, confidence=0.9, expected_move=0.03, volatility=0.04, years=24 / 8760,
    close_ticks=5_000_000, held=False, waiting=False, fresh=True, bars_held=0, horizon=24, trading=True,
    in_instrument=0, bars_since_loss=NO_LOSS, correlation=nan, skill=PAPER_ONLY, strangeness=0.5,
)  # fmt: skip
RULE = GOOD._replace(
    probability_low=nan, confidence=nan, expected_move=nan, volatility=nan, years=0.0, horizon=0, strangeness=nan
)  # fmt: skip
PURSE = Purse(
    cash=10_000 * UNIT, equity=10_000 * UNIT, exposure=0, positions=0, halted=False, peak=10_000 * UNIT,
    day_start=10_000 * UNIT, orders=0, skew_ms=0,
)  # fmt: skip


def terms(stake: str | None = None, costs: Costs | None = None, **limits: Any) -> Terms:
    """Terms with these limits over the defaults; a number may be a string."""
    values = {name: str(value) for name, value in limits.items()}
    return terms_of(RiskLimits.from_mapping(values), costs or Costs(), None if stake is None else Decimal(stake))
