"""What the compiled gates are given: the terms of trading, the account's purse, and the question about one sleeve."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from engine.domain.account import Costs
from engine.domain.money import to_atoms, to_ppm
from engine.risk.limits import RiskLimits

HOLD, BUY, SELL = 0, 1, -1
"""Signals and actions inside the kernel."""


class Terms(NamedTuple):
    """Limits and costs as numbers; `stake` is a fixed notional in quote atoms, 0 where risk sizes."""

    min_confidence: float
    min_edge_multiple: float
    kelly_fraction: float
    volatility_target: float
    round_trip: float
    max_position_ppm: int
    max_exposure_ppm: int
    max_positions: int
    max_drawdown_ppm: int
    max_daily_loss_ppm: int
    stop_ppm: int
    target_ppm: int
    fee_ppm: int
    market_ppm: int
    stake: int


class Purse(NamedTuple):
    """The account in quote atoms: what is free, what it is worth, what is at risk, in how many positions."""

    cash: int
    equity: int
    exposure: int
    positions: int
    halted: bool


class Ask(NamedTuple):
    """One sleeve's call at a close. The floats are NaN for a rule; `years` is the horizon as a share of a year.

    `held`: it has whole lots; `waiting`: an order of it is not settled yet; `fresh`: the call is of this very bar;
    `bars_held` since its entry, `horizon` of the model in bars (0 for a rule).
    """

    signal: int
    probability_low: float
    confidence: float
    expected_move: float
    volatility: float
    years: float
    close_ticks: int
    held: bool
    waiting: bool
    fresh: bool
    bars_held: int
    horizon: int


def terms_of(limits: RiskLimits, costs: Costs, stake: Decimal | None = None) -> Terms:
    """Numbers of the limits and costs. ConfigurationError where a rate is finer than a millionth."""
    return Terms(
        min_confidence=float(limits.min_confidence),
        min_edge_multiple=float(limits.min_edge_multiple),
        kelly_fraction=float(limits.kelly_fraction),
        volatility_target=float(limits.volatility_target),
        round_trip=float(costs.round_trip_ratio),
        max_position_ppm=to_ppm(limits.max_position_ratio),
        max_exposure_ppm=to_ppm(limits.max_exposure_ratio),
        max_positions=limits.max_positions,
        max_drawdown_ppm=to_ppm(limits.max_drawdown),
        max_daily_loss_ppm=to_ppm(limits.max_daily_loss),
        stop_ppm=to_ppm(limits.stop_loss),
        target_ppm=to_ppm(limits.take_profit),
        fee_ppm=to_ppm(costs.fee_ratio),
        market_ppm=to_ppm(costs.half_spread_ratio + costs.slippage_ratio),
        stake=0 if stake is None else to_atoms(stake),
    )
