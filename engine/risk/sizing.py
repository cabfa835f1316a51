"""How much: fractional Kelly capped by a volatility target, or a fixed stake; less in a drawdown, never more than the
instrument's limit leaves; whole lots, rounded down."""

from __future__ import annotations

from math import floor, isnan, sqrt

from engine.domain.money import PPM
from engine.kernel.compiled import compiled
from engine.kernel.falls import fall_ppm, shrunk_ppm
from engine.kernel.grid import Grid
from engine.kernel.integers import share_down
from engine.risk.terms import Ask, Purse, Terms


@compiled
def expected_edge(probability_low: float, expected_move: float) -> float:
    """(2 p_low - 1) E|r|: what the call should earn before costs, by the low end of its probability."""
    return (2.0 * probability_low - 1.0) * expected_move


@compiled
def kelly_ratio(edge: float, volatility: float, terms: Terms) -> float:
    """kelly_fraction x (edge - cost) / sigma_h^2, never below zero."""
    if not volatility > 0.0:
        return 0.0
    return max(0.0, terms.kelly_fraction * (edge - terms.round_trip) / (volatility * volatility))


@compiled
def volatility_cap(volatility: float, years: float, terms: Terms) -> float:
    """The share of equity whose volatility is the annual target, scaled to the horizon."""
    if not volatility > 0.0:
        return 0.0
    return terms.volatility_target * sqrt(years) / volatility


@compiled
def position_ppm(ask: Ask, terms: Terms) -> int:
    """The position's share of equity in millionths, at most `max_position_ratio`, which a rule uses in full."""
    if isnan(ask.probability_low):
        return terms.max_position_ppm
    edge = expected_edge(ask.probability_low, ask.expected_move)
    ratio = min(kelly_ratio(edge, ask.volatility, terms), volatility_cap(ask.volatility, ask.years, terms))
    if isnan(ratio):
        return 0
    if ratio * PPM >= terms.max_position_ppm:
        return terms.max_position_ppm
    return floor(ratio * PPM)


@compiled
def drawdown_scale(purse: Purse, terms: Terms) -> int:
    """What the drawdown leaves of a full size, in millionths: all of it up to the soft limit, nothing at the halt."""
    return shrunk_ppm(fall_ppm(purse.peak, purse.equity), terms.soft_drawdown_ppm, terms.max_drawdown_ppm)


@compiled
def position_lots(ask: Ask, purse: Purse, terms: Terms, grid: Grid) -> int:
    """Whole lots at the close: the stake or the position's share of equity, shrunk by the drawdown, and never more than
    what `max_position_ratio` leaves of the instrument."""
    most = share_down(purse.equity, terms.max_position_ppm)
    wanted = terms.stake if terms.stake > 0 else share_down(purse.equity, position_ppm(ask, terms))
    shrunk = share_down(wanted, drawdown_scale(purse, terms))
    atoms = max(0, min(shrunk, most - ask.in_instrument))
    return atoms // (ask.close_ticks * grid.tick_lot)
