"""Every gate's answer in plain words and numbers: what was there, what was needed."""

from __future__ import annotations

from math import isnan

from engine.domain.decision import GateOutcome
from engine.domain.instrument import Instrument
from engine.domain.money import from_atoms, plain
from engine.kernel.grid import grid_of, notional
from engine.kernel.integers import share_down
from engine.kernel.prices import market_buy, protect, sellable
from engine.risk.gates import GATES, weigh
from engine.risk.sizing import expected_edge
from engine.risk.terms import BUY, SELL, Ask, Purse, Terms

_SIGNALS = {BUY: "BUY", SELL: "SELL"}


def outcomes(
    ask: Ask, purse: Purse, terms: Terms, instrument: Instrument, *, halted_by: str | None
) -> tuple[GateOutcome, ...]:
    """One outcome per gate, in the order of GATES."""
    failures, lots = weigh(ask, purse, terms, grid_of(instrument))
    details = (
        _signal(ask),
        _confidence(ask, terms),
        _edge(ask, terms),
        "the bar has just closed" if ask.fresh else "the newest bar is missing; no call on old data",
        f"halted by {halted_by}" if purse.halted else "no halt, no pause",
        _holding(ask),
        f"{purse.positions} open, at most {terms.max_positions}",
        _exposure(lots, ask, purse, terms, instrument),
        _size(lots, purse, terms, instrument),
        _smallest(lots, ask, terms, instrument),
        _cash(lots, ask, purse, terms, instrument),
    )
    return tuple(
        GateOutcome(name=name, passed=not failures >> i & 1, detail=detail)
        for i, (name, detail) in enumerate(zip(GATES, details, strict=True))
    )


def _money(atoms: int) -> str:
    return f"{from_atoms(atoms):.2f}"


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


def _holding(ask: Ask) -> str:
    if ask.waiting:
        return "an order of this sleeve is still open"
    return "a position is held already" if ask.held else "nothing is held"


def _exposure(lots: int, ask: Ask, purse: Purse, terms: Terms, instrument: Instrument) -> str:
    would = purse.exposure + notional(lots, ask.close_ticks, grid_of(instrument))
    most = share_down(purse.equity, terms.max_exposure_ppm)
    return f"exposure would be {_money(would)} {instrument.quote}, at most {_money(most)}"


def _size(lots: int, purse: Purse, terms: Terms, instrument: Instrument) -> str:
    quantity = f"{plain(instrument.quantity(lots)):f} {instrument.base}"
    most = _money(share_down(purse.equity, terms.max_position_ppm))
    how = f"stake {_money(terms.stake)}" if terms.stake else "sized by risk"
    left = sellable(lots, terms.fee_ppm, grid_of(instrument)) if lots else 0
    short = "" if left else f"; less than one lot of {instrument.lot_step} would be left to sell"
    return f"{quantity} ({how}, at most {most} {instrument.quote}){short}"


def _smallest(lots: int, ask: Ask, terms: Terms, instrument: Instrument) -> str:
    grid = grid_of(instrument)
    stop_ticks, _ = protect(ask.close_ticks, terms.stop_ppm, terms.target_ppm)
    left = notional(sellable(lots, terms.fee_ppm, grid), stop_ticks, grid)
    return f"worth {_money(left)} {instrument.quote} at its stop, needs {_money(grid.min_notional)}"


def _cash(lots: int, ask: Ask, purse: Purse, terms: Terms, instrument: Instrument) -> str:
    cost = notional(lots, market_buy(ask.close_ticks, terms.market_ppm), grid_of(instrument))
    return f"costs {_money(cost)} {instrument.quote}, free cash {_money(purse.cash)}"
