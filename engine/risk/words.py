"""Every gate's answer in plain words and numbers: what was there, what was needed."""

from __future__ import annotations

from math import isinf, isnan

from engine.domain.decision import GateOutcome
from engine.domain.instrument import Instrument
from engine.domain.money import PPM, from_atoms, plain
from engine.kernel.falls import fall_ppm
from engine.kernel.grid import Grid, grid_of, notional
from engine.kernel.integers import share_down
from engine.kernel.prices import market_buy, protect, sellable
from engine.risk.gates import GATES, early, late, unsized
from engine.risk.sizing import drawdown_scale, expected_edge, kelly_ratio, position_lots, volatility_cap
from engine.risk.terms import ACTIVE, BUY, OFF, PAPER_ONLY, SELL, Ask, Purse, Terms

_SIGNALS = {BUY: "BUY", SELL: "SELL"}
_SKILLS = {ACTIVE: "active", PAPER_ONLY: "paper only", OFF: "off"}
_WORSE = "were worse than knowing nothing; it trades nothing"
_UNPROVEN = "cannot be told from knowing nothing; live money needs more"


def outcomes(
    ask: Ask, purse: Purse, terms: Terms, instrument: Instrument, *, halted_by: str | None
) -> tuple[GateOutcome, ...]:
    """One outcome per gate, in the order of GATES."""
    grid, quote = grid_of(instrument), instrument.quote
    lots = position_lots(ask, purse, terms, grid)
    value = notional(lots, ask.close_ticks, grid)
    details = (
        _signal(ask),
        _confidence(ask, terms),
        _edge(ask, terms),
        _skill(ask, terms),
        _domain(ask, terms),
        "the bar has just closed" if ask.fresh else "the newest bar is missing; no call on old data",
        clock(purse, terms),
        trading(ask.trading),
        halted(purse, halted_by),
        _holding(ask),
        positions(purse, terms),
        position(value, ask.in_instrument, purse, terms, quote),
        exposure(value, purse, terms, quote),
        correlated(ask, purse, terms),
        _volatility(ask, terms),
        _kelly(ask, terms),
        _size(lots, purse, terms, instrument),
        _smallest(lots, ask, terms, instrument),
        _cash(lots, ask, purse, terms, instrument),
        pace(purse, terms),
        cooldown(ask, terms),
        daily_loss(purse, terms),
        drawdown(purse, terms),
    )
    failures = early(ask, purse, terms) | late(lots, ask, purse, terms, grid)
    return tuple(
        GateOutcome(name=name, passed=not failures >> i & 1, detail=detail)
        for i, (name, detail) in enumerate(zip(GATES, details, strict=True))
    )


def amount(atoms: int, quote: str) -> str:
    """Quote atoms to read."""
    return f"{from_atoms(atoms):.2f} {quote}".rstrip()


def share(ppm: int) -> str:
    """Millionths as percent, all their digits."""
    return f"{plain(from_atoms(ppm * 10_000)):f} %"


# ------------------------------------------------------------------ gates that manual orders meet too


def clock(purse: Purse, terms: Terms) -> str:
    """The clock's word."""
    return f"our clock is {purse.skew_ms} ms from the venue's, at most {terms.max_skew_ms} ms (max_clock_skew_ms)"


def trading(is_trading: bool) -> str:
    """The venue's word."""
    return "the venue trades it" if is_trading else "the venue does not trade it now; exits go on where it lets them"


def halted(purse: Purse, halted_by: str | None) -> str:
    """The halts' word."""
    return f"halted by {halted_by}" if purse.halted else "no halt, no pause"


def positions(purse: Purse, terms: Terms) -> str:
    """How many positions there are."""
    return f"{purse.positions} open, at most {terms.max_positions}"


def position(value: int, in_instrument: int, purse: Purse, terms: Terms, quote: str) -> str:
    """What would be in this instrument."""
    would = amount(in_instrument + value, quote)
    most = amount(share_down(purse.equity, terms.max_position_ppm), quote)
    return f"{would} would be in this instrument, at most {most} (max_position_ratio {share(terms.max_position_ppm)})"


def exposure(value: int, purse: Purse, terms: Terms, quote: str) -> str:
    """What would be at risk in all."""
    would = amount(purse.exposure + value, quote)
    most = amount(share_down(purse.equity, terms.max_exposure_ppm), quote)
    return f"exposure would be {would}, at most {most} (max_exposure_ratio {share(terms.max_exposure_ppm)})"


def correlated(ask: Ask, purse: Purse, terms: Terms) -> str:
    """How alike the new position is to the rest."""
    if terms.max_correlation >= 1.0:
        return "not asked: max_correlation is 1"
    if isinf(ask.correlation):
        return "too few bars in common with what is held to know the correlation; it counts as the same bet"
    if isnan(ask.correlation):
        return "not asked: a gate before it holds" if purse.positions else "nothing else is held"
    return f"correlation {ask.correlation:.2f} with the rest of the portfolio, at most {terms.max_correlation:.2f}"


def pace(purse: Purse, terms: Terms) -> str:
    """How many entries this minute has seen."""
    return f"{purse.orders} entries within a minute, at most {terms.max_orders} (max_orders_per_minute)"


def cooldown(ask: Ask, terms: Terms) -> str:
    """How long ago the last loss is."""
    if ask.bars_since_loss < 0:
        return "no losing trade yet"
    return f"{ask.bars_since_loss} bars since the last losing trade, needs {terms.cooldown_bars}"


def daily_loss(purse: Purse, terms: Terms) -> str:
    """What the day has cost."""
    return f"{_fall(purse.day_start, purse)} below 00:00 UTC, halts at {share(terms.max_daily_loss_ppm)}"


def drawdown(purse: Purse, terms: Terms) -> str:
    """How far below the peak."""
    return f"{_fall(purse.peak, purse)} below the peak, halts at {share(terms.max_drawdown_ppm)}"


def _fall(start: int, purse: Purse) -> str:
    return f"{fall_ppm(start, purse.equity) / 10_000:.2f} %"


# ------------------------------------------------------------------ gates of a call


def _signal(ask: Ask) -> str:
    if ask.signal in _SIGNALS:
        return f"the call is {_SIGNALS[ask.signal]}" + ("" if ask.signal == BUY else ", not BUY")
    return "no call: neither BUY nor SELL on this bar"


def _without_probability(ask: Ask) -> str:
    return "not asked: no call, the model lacks bars" if ask.years > 0 else "not asked: a rule has no probability"


def _confidence(ask: Ask, terms: Terms) -> str:
    if isnan(ask.probability_low):
        return _without_probability(ask)
    return f"confidence {ask.confidence:.2f}, needs > {terms.min_confidence:.2f}"


def _edge(ask: Ask, terms: Terms) -> str:
    if isnan(ask.probability_low):
        return _without_probability(ask)
    edge = expected_edge(ask.probability_low, ask.expected_move) * 10_000
    needed, cost = terms.min_edge_multiple * terms.round_trip * 10_000, terms.round_trip * 10_000
    return f"edge {edge:.1f} bps, needs {needed:.1f} bps ({terms.min_edge_multiple:g} x {cost:.1f} bps of costs)"


def _skill(ask: Ask, terms: Terms) -> str:
    if isnan(ask.probability_low):
        return _without_probability(ask)
    told = f"the model's skill is {_SKILLS[ask.skill]}"
    if ask.skill >= terms.least_skill:
        return told
    return f"{told}: its matured calls {_WORSE if ask.skill == OFF else _UNPROVEN}"


def _domain(ask: Ask, terms: Terms) -> str:
    if isnan(ask.probability_low):
        return _without_probability(ask)
    if isnan(ask.strangeness):
        return "not asked: the model does not know what it has never seen"
    most = f"at most {terms.max_strangeness:.2%} (max_strangeness)"
    return f"stranger than {ask.strangeness:.2%} of the model's own newer training bars, {most}"


def _holding(ask: Ask) -> str:
    if ask.waiting:
        return "an order of this sleeve is still open"
    return "a position is held already" if ask.held else "nothing is held"


def _volatility(ask: Ask, terms: Terms) -> str:
    if unsized(ask, terms):
        return _without_sizing(ask)
    allowed = volatility_cap(ask.volatility, ask.years, terms)
    target = f"a target of {terms.volatility_target:.0%} a year"
    return f"volatility {ask.volatility:.2%} over the horizon: {target} allows {allowed:.1%} of equity"


def _without_sizing(ask: Ask) -> str:
    return _without_probability(ask) if isnan(ask.probability_low) else "not asked: the stake is fixed"


def _kelly(ask: Ask, terms: Terms) -> str:
    if unsized(ask, terms):
        return _without_sizing(ask)
    bet = kelly_ratio(expected_edge(ask.probability_low, ask.expected_move), ask.volatility, terms)
    if not bet > 0:
        return "Kelly bets nothing: the edge does not pay its costs"
    return f"{terms.kelly_fraction:g} of Kelly is {bet:.1%} of equity"


def _size(lots: int, purse: Purse, terms: Terms, instrument: Instrument) -> str:
    quantity = f"{plain(instrument.quantity(lots)):f} {instrument.base}"
    most = amount(share_down(purse.equity, terms.max_position_ppm), instrument.quote)
    how = f"stake {amount(terms.stake, '')}" if terms.stake else "sized by risk"
    left = sellable(lots, terms.fee_ppm, grid_of(instrument)) if lots else 0
    short = "" if left else f"; less than one lot of {instrument.lot_step} would be left to sell"
    if lots > instrument.most_lots:
        short = f"; more than {plain(instrument.quantity(instrument.most_lots)):f} are not counted exactly"
    scale = drawdown_scale(purse, terms)
    shrunk = f", shrunk to {scale / 10_000:.1f} % by the drawdown" if scale < PPM else ""
    return f"{quantity} ({how}, at most {most}{shrunk}){short}"


def _smallest(lots: int, ask: Ask, terms: Terms, instrument: Instrument) -> str:
    grid: Grid = grid_of(instrument)
    stop_ticks, _ = protect(ask.close_ticks, terms.stop_ppm, terms.target_ppm)
    left = amount(notional(sellable(lots, terms.fee_ppm, grid), stop_ticks, grid), instrument.quote)
    return f"worth {left} at its stop, needs {amount(grid.min_notional, '')}"


def _cash(lots: int, ask: Ask, purse: Purse, terms: Terms, instrument: Instrument) -> str:
    cost = notional(lots, market_buy(ask.close_ticks, terms.market_ppm), grid_of(instrument))
    return f"costs {amount(cost, instrument.quote)}, free cash {amount(purse.cash, '')}"
