"""What the compiled gates are given: the terms of trading, the account's purse, and the question about one sleeve."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from engine.domain.account import Costs
from engine.domain.money import PPM, to_atoms, to_ppm
from engine.kernel.integers import share_down
from engine.risk.limits import RiskLimits

HOLD, BUY, SELL = 0, 1, -1
"""Signals and actions inside the kernel."""

ACTIVE, PAPER_ONLY, OFF = 1, 0, -1
"""Skill of a model inside the kernel; a rule counts as ACTIVE."""

NO_LOSS = -1
"""`bars_since_loss` of a sleeve that has not lost."""


class Terms(NamedTuple):
    """Limits and costs as numbers; `stake` is a fixed notional in quote atoms, 0 where risk sizes.

    `soft_drawdown_ppm` is the fall from which on entries shrink; `least_skill` what a model's skill must reach;
    `impact` the costs' coefficient.
    """

    min_confidence: float
    min_edge_multiple: float
    kelly_fraction: float
    volatility_target: float
    max_correlation: float
    round_trip: float
    max_position_ppm: int
    max_exposure_ppm: int
    max_positions: int
    max_drawdown_ppm: int
    soft_drawdown_ppm: int
    max_daily_loss_ppm: int
    stop_ppm: int
    target_ppm: int
    fee_ppm: int
    market_ppm: int
    stake: int
    cooldown_bars: int
    max_orders: int
    max_skew_ms: int
    max_strangeness: float
    least_skill: int
    impact: float


class Purse(NamedTuple):
    """The account in quote atoms: what is free, what it is worth, what is at risk, in how many positions.

    `peak` and `day_start`: what drawdown and daily loss are measured from, external flows kept out. `orders`: entries
    within a minute. `skew_ms`: how far our clock is from the venue's.
    """

    cash: int
    equity: int
    exposure: int
    positions: int
    halted: bool
    peak: int
    day_start: int
    orders: int
    skew_ms: int


class Ask(NamedTuple):
    """One sleeve's call at a close. The floats are NaN for a rule; `years` is the horizon as a share of a year.

    `held`: it has whole lots; `waiting`: an order of it is not settled yet; `fresh`: the call is of this very bar;
    `bars_held` since its entry, `horizon` of the model in bars (0 for a rule); `trading`: the venue trades it;
    `in_instrument`: what the account has in it already; `bars_since_loss`: of the sleeve, NO_LOSS without one;
    `correlation` with the rest of the portfolio: NaN where it is not asked or there is no rest, inf where unknown;
    `skill` of the model: ACTIVE, PAPER_ONLY or OFF; `strangeness` of the bar to it, NaN where unknown.
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
    trading: bool
    in_instrument: int
    bars_since_loss: int
    correlation: float
    skill: int
    strangeness: float


def terms_of(limits: RiskLimits, costs: Costs, stake: Decimal | None = None, *, live_money: bool = False) -> Terms:
    """Numbers of the limits and costs; live money asks for a model whose skill is ACTIVE.

    ConfigurationError where a rate is finer than a millionth.
    """
    max_drawdown = to_ppm(limits.max_drawdown)
    return Terms(
        min_confidence=float(limits.min_confidence),
        min_edge_multiple=float(limits.min_edge_multiple),
        kelly_fraction=float(limits.kelly_fraction),
        volatility_target=float(limits.volatility_target),
        max_correlation=float(limits.max_correlation),
        round_trip=float(costs.round_trip_ratio),
        max_position_ppm=to_ppm(limits.max_position_ratio),
        max_exposure_ppm=to_ppm(limits.max_exposure_ratio),
        max_positions=limits.max_positions,
        max_drawdown_ppm=max_drawdown,
        soft_drawdown_ppm=max_drawdown * to_ppm(limits.shrink_from) // PPM,
        max_daily_loss_ppm=to_ppm(limits.max_daily_loss),
        stop_ppm=to_ppm(limits.stop_loss),
        target_ppm=to_ppm(limits.take_profit),
        fee_ppm=to_ppm(costs.fee_ratio),
        market_ppm=to_ppm(costs.half_spread_ratio + costs.slippage_ratio),
        stake=0 if stake is None else to_atoms(stake),
        cooldown_bars=limits.cooldown_bars,
        max_orders=limits.max_orders_per_minute,
        max_skew_ms=limits.max_clock_skew_ms,
        max_strangeness=float(limits.max_strangeness),
        least_skill=ACTIVE if live_money else PAPER_ONLY,
        impact=float(costs.impact),
    )


def cut(terms: Terms, size_ppm: int) -> Terms:
    """The terms of a sleeve that may have only so many millionths of its usual size; every gate asks as before.

    Nothing is cut where a sleeve stands down (0): it is held after the gates have told what they would have said.
    """
    if size_ppm <= 0:
        return terms
    share = size_ppm / PPM
    return terms._replace(
        kelly_fraction=terms.kelly_fraction * share, volatility_target=terms.volatility_target * share,
        max_position_ppm=share_down(terms.max_position_ppm, size_ppm), stake=share_down(terms.stake, size_ppm),
    )  # fmt: skip
