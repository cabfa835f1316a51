"""The gates an entry must pass, each a small rule; `weigh` asks them all, live and in the backtest loop alike."""

from __future__ import annotations

from math import isnan

from engine.kernel.compiled import compiled
from engine.kernel.grid import Grid, affordable, notional
from engine.kernel.integers import share_down
from engine.kernel.prices import market_buy, protect, sellable
from engine.risk.sizing import expected_edge, position_lots
from engine.risk.terms import BUY, Ask, Purse, Terms

GATES = (
    "signal", "confidence", "edge", "fresh", "halted", "holding", "positions", "exposure", "size", "notional", "cash",
)  # fmt: skip
"""In order: bit i of a mask of failures is GATES[i], and the first failure is the one that held the decision."""


@compiled
def calls_buy(ask: Ask) -> bool:
    """The call is a BUY."""
    return ask.signal == BUY


@compiled
def confident(ask: Ask, terms: Terms) -> bool:
    """Confidence above the minimum; a rule has none and is not asked."""
    return isnan(ask.probability_low) or ask.confidence > terms.min_confidence


@compiled
def worthwhile(ask: Ask, terms: Terms) -> bool:
    """Expected edge of at least the wanted multiple of a round trip's costs; a rule is not asked."""
    if isnan(ask.probability_low):
        return True
    return expected_edge(ask.probability_low, ask.expected_move) >= terms.min_edge_multiple * terms.round_trip


@compiled
def free(ask: Ask) -> bool:
    """Nothing held and nothing on its way."""
    return not ask.held and not ask.waiting


@compiled
def within_positions(purse: Purse, terms: Terms) -> bool:
    """One more position is allowed."""
    return purse.positions < terms.max_positions


@compiled
def within_exposure(value: int, purse: Purse, terms: Terms) -> bool:
    """All positions and this one stay within their share of equity."""
    return purse.exposure + value <= share_down(purse.equity, terms.max_exposure_ppm)


@compiled
def leaves_a_lot(lots: int, terms: Terms, grid: Grid) -> bool:
    """After the buy's fee at least one whole lot could be sold again."""
    return lots > 0 and sellable(lots, terms.fee_ppm, grid) > 0


@compiled
def clears_minimum(lots: int, ask: Ask, terms: Terms, grid: Grid) -> bool:
    """What could be sold is above the venue's smallest notional even at the stop: a position must stay sellable."""
    stop_ticks, _ = protect(ask.close_ticks, terms.stop_ppm, terms.target_ppm)
    return notional(sellable(lots, terms.fee_ppm, grid), stop_ticks, grid) >= grid.min_notional


@compiled
def payable(lots: int, ask: Ask, purse: Purse, terms: Terms, grid: Grid) -> bool:
    """Free cash covers the buy at the close plus costs."""
    return affordable(lots, market_buy(ask.close_ticks, terms.market_ppm), purse.cash, grid)


@compiled
def weigh(ask: Ask, purse: Purse, terms: Terms, grid: Grid) -> tuple[int, int]:
    """(failures, lots): bit i is set where GATES[i] fails; lots are what sizing asks for, whatever the gates say."""
    lots = position_lots(ask, purse.equity, terms, grid)
    value = notional(lots, ask.close_ticks, grid)
    failures = 0
    if not calls_buy(ask):
        failures |= 1
    if not confident(ask, terms):
        failures |= 2
    if not worthwhile(ask, terms):
        failures |= 4
    if not ask.fresh:
        failures |= 8
    if purse.halted:
        failures |= 16
    if not free(ask):
        failures |= 32
    if not within_positions(purse, terms):
        failures |= 64
    if not within_exposure(value, purse, terms):
        failures |= 128
    if not leaves_a_lot(lots, terms, grid):
        failures |= 256
    if not clears_minimum(lots, ask, terms, grid):
        failures |= 512
    if not payable(lots, ask, purse, terms, grid):
        failures |= 1024
    return failures, lots


@compiled
def reserve(lots: int, close_ticks: int, purse: Purse, terms: Terms, grid: Grid) -> Purse:
    """The purse after promising it to an entry that is not filled yet."""
    return Purse(
        purse.cash - notional(lots, market_buy(close_ticks, terms.market_ppm), grid),
        purse.equity,
        purse.exposure + notional(lots, close_ticks, grid),
        purse.positions + 1,
        purse.halted,
    )


@compiled
def first_failure(failures: int) -> int:
    """Index in GATES of the first gate that failed; -1 where none did."""
    if failures == 0:
        return -1
    index = 0
    while not failures >> index & 1:
        index += 1
    return index
