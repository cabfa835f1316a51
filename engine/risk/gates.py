"""The gates an entry must pass, each a small rule; `early` and `late` ask them all, live and in the backtest alike.

Those in `early` need no size: where one of them fails, nothing has to be sized, and the loop goes on to the next bar.
"""

from __future__ import annotations

from math import isnan

from engine.kernel.compiled import compiled
from engine.kernel.falls import fallen
from engine.kernel.grid import Grid, affordable, notional
from engine.kernel.integers import share_down
from engine.kernel.prices import market_buy, protect, sellable
from engine.risk.sizing import expected_edge, kelly_ratio, volatility_cap
from engine.risk.terms import BUY, Ask, Purse, Terms

GATES = (
    "signal", "confidence", "edge", "skill", "domain", "fresh", "clock", "trading", "halted", "holding", "positions",
    "position", "exposure", "correlation", "volatility", "kelly", "size", "notional", "cash", "pace", "cooldown",
    "daily_loss", "drawdown",
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
def skilled(ask: Ask, terms: Terms) -> bool:
    """The model's matured calls allow this money: any but OFF for paper, ACTIVE for live; a rule is not asked."""
    return isnan(ask.probability_low) or ask.skill >= terms.least_skill


@compiled
def familiar(ask: Ask, terms: Terms) -> bool:
    """The bar is like those that the model learned from; unknown (NaN) and a rule are not asked."""
    return isnan(ask.strangeness) or ask.strangeness <= terms.max_strangeness


@compiled
def in_time(purse: Purse, terms: Terms) -> bool:
    """Our clock and the venue's agree well enough for a signed order to be neither early nor late."""
    return purse.skew_ms <= terms.max_skew_ms


@compiled
def free(ask: Ask) -> bool:
    """Nothing held and nothing on its way."""
    return not ask.held and not ask.waiting


@compiled
def within_positions(purse: Purse, terms: Terms) -> bool:
    """One more position is allowed."""
    return purse.positions < terms.max_positions


@compiled
def within_position(value: int, ask: Ask, purse: Purse, terms: Terms) -> bool:
    """What the account has in this instrument and the order stay within one position's share of equity."""
    return ask.in_instrument + value <= share_down(purse.equity, terms.max_position_ppm)


@compiled
def within_exposure(value: int, purse: Purse, terms: Terms) -> bool:
    """All positions and this one stay within their share of equity."""
    return purse.exposure + value <= share_down(purse.equity, terms.max_exposure_ppm)


@compiled
def uncorrelated(ask: Ask, terms: Terms) -> bool:
    """Not the same bet as the rest of the portfolio; without a rest (NaN) there is nothing to be the same as."""
    return terms.max_correlation >= 1.0 or isnan(ask.correlation) or ask.correlation <= terms.max_correlation


@compiled
def unsized(ask: Ask, terms: Terms) -> bool:
    """Risk does not size: a rule uses its limit in full, a fixed stake is what it is."""
    return isnan(ask.probability_low) or terms.stake > 0


@compiled
def within_volatility(ask: Ask, terms: Terms) -> bool:
    """The volatility target leaves room for a position; a rule and a fixed stake are not asked."""
    return unsized(ask, terms) or volatility_cap(ask.volatility, ask.years, terms) > 0.0


@compiled
def worth_a_bet(ask: Ask, terms: Terms) -> bool:
    """Kelly would bet at all: the edge is above its costs; a rule and a fixed stake are not asked."""
    if unsized(ask, terms):
        return True
    return kelly_ratio(expected_edge(ask.probability_low, ask.expected_move), ask.volatility, terms) > 0.0


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
def paced(purse: Purse, terms: Terms) -> bool:
    """One more entry in this minute is allowed."""
    return purse.orders < terms.max_orders


@compiled
def cooled(ask: Ask, terms: Terms) -> bool:
    """Bars enough have closed since the sleeve's last losing trade."""
    return ask.bars_since_loss < 0 or ask.bars_since_loss >= terms.cooldown_bars


@compiled
def day_not_lost(purse: Purse, terms: Terms) -> bool:
    """The loss since 00:00 UTC is below its limit."""
    return not fallen(purse.day_start, purse.equity, terms.max_daily_loss_ppm)


@compiled
def not_drawn_down(purse: Purse, terms: Terms) -> bool:
    """The fall from the peak is below its limit."""
    return not fallen(purse.peak, purse.equity, terms.max_drawdown_ppm)


@compiled
def early(ask: Ask, purse: Purse, terms: Terms) -> int:
    """Failures of the gates that need no size: signal to positions."""
    failures = 0
    if not calls_buy(ask):
        failures |= 1
    if not confident(ask, terms):
        failures |= 1 << 1
    if not worthwhile(ask, terms):
        failures |= 1 << 2
    if not skilled(ask, terms):
        failures |= 1 << 3
    if not familiar(ask, terms):
        failures |= 1 << 4
    if not ask.fresh:
        failures |= 1 << 5
    if not in_time(purse, terms):
        failures |= 1 << 6
    if not ask.trading:
        failures |= 1 << 7
    if purse.halted:
        failures |= 1 << 8
    if not free(ask):
        failures |= 1 << 9
    if not within_positions(purse, terms):
        failures |= 1 << 10
    return failures


@compiled
def late(lots: int, ask: Ask, purse: Purse, terms: Terms, grid: Grid) -> int:
    """Failures of the gates that look at the size, and of the account's own."""
    value = notional(lots, ask.close_ticks, grid)
    failures = 0
    if not within_position(value, ask, purse, terms):
        failures |= 1 << 11
    if not within_exposure(value, purse, terms):
        failures |= 1 << 12
    if not uncorrelated(ask, terms):
        failures |= 1 << 13
    if not within_volatility(ask, terms):
        failures |= 1 << 14
    if not worth_a_bet(ask, terms):
        failures |= 1 << 15
    if not leaves_a_lot(lots, terms, grid):
        failures |= 1 << 16
    if not clears_minimum(lots, ask, terms, grid):
        failures |= 1 << 17
    if not payable(lots, ask, purse, terms, grid):
        failures |= 1 << 18
    return failures | last(ask, purse, terms)


@compiled
def last(ask: Ask, purse: Purse, terms: Terms) -> int:
    """Failures of the gates that hold back after orders and losses."""
    failures = 0
    if not paced(purse, terms):
        failures |= 1 << 19
    if not cooled(ask, terms):
        failures |= 1 << 20
    if not day_not_lost(purse, terms):
        failures |= 1 << 21
    if not not_drawn_down(purse, terms):
        failures |= 1 << 22
    return failures


@compiled
def asks_correlation(ask: Ask, purse: Purse, terms: Terms) -> bool:
    """True where the correlation can decide something: there are other positions, and no early gate holds."""
    return terms.max_correlation < 1.0 and purse.positions > 0 and early(ask, purse, terms) == 0


@compiled
def reserve(lots: int, close_ticks: int, purse: Purse, terms: Terms, grid: Grid) -> Purse:
    """The purse after promising it to an entry that is not filled yet."""
    return Purse(
        purse.cash - notional(lots, market_buy(close_ticks, terms.market_ppm), grid),
        purse.equity,
        purse.exposure + notional(lots, close_ticks, grid),
        purse.positions + 1,
        purse.halted,
        purse.peak,
        purse.day_start,
        purse.orders + 1,
        purse.skew_ms,
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
