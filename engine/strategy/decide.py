"""What we would do at a bar close, and why: the page that explains the product.

Sleeves are asked in order. A held position is left when its model confidently calls SELL, or when the model's horizon
is over and it would not buy again. Otherwise a BUY has to pass every gate of `engine.risk.gates`; the first that fails
is named as the one that held. An entry reserves its cash, its exposure and its share of the correlated portfolio before
the next sleeve is asked. The verdict itself is one compiled function, the same in the backtest: nothing here knows
whether it is live.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from math import nan

from engine.domain.account import Costs
from engine.domain.bar import BarSeries
from engine.domain.decision import Decision, GateOutcome
from engine.domain.drift import FREE, Restraint
from engine.domain.instrument import Instrument
from engine.domain.order import ExitReason
from engine.domain.signal import Prediction, Signal, Why
from engine.kernel.grid import grid_of, notional
from engine.risk.company import Returns, correlation_with
from engine.risk.gates import GATES, asks_correlation, first_failure, reserve
from engine.risk.limits import RiskLimits
from engine.risk.terms import NO_LOSS, Ask, Purse, Terms, cut, terms_of
from engine.risk.words import outcomes
from engine.strategy.calls import BUY, SELL, Call
from engine.strategy.verdict import BY_SIGNAL, BY_TIME, verdict

DRIFT = "drift"
"""The gate of a live sleeve whose model drifted, last of all; the operator chose that it holds or halves."""
Words = dict[str, Callable[[], tuple[GateOutcome, ...]]]
"""What each sleeve's gates said, by sleeve, to be put into words when there is time."""
_PASSED = tuple(GateOutcome(name=name, passed=True, detail="") for name in GATES)
_REASONS = {BY_SIGNAL: ExitReason.SIGNAL, BY_TIME: ExitReason.TIME}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """The account at its newest mark, in quote atoms; `halted_by` names the open halt or pause.

    `held`: what each instrument with whole lots is worth, by symbol; `peak_atoms` and `day_start_atoms` of the mark, 0
    before the first; `recent_entries` of the minute before; `clock_skew_ms` to the venue's clock, 0 where it has none.
    `live_money`: real, so that a model's skill has to be ACTIVE.
    """

    account_id: str
    cash_atoms: int
    equity_atoms: int
    exposure_atoms: int
    open_positions: int
    halted_by: str | None
    held: Mapping[str, int] = field(default_factory=dict)
    peak_atoms: int = 0
    day_start_atoms: int = 0
    recent_entries: int = 0
    clock_skew_ms: int = 0
    live_money: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SleeveView:
    """One sleeve at one close. `fresh`: the call is of the bar that just closed; `waiting`: an order of it is open.

    `trading`: the venue trades the instrument; `bars_since_loss`: closes since its last losing trade; `windows`: bars
    of its interval, by symbol: its own and those of every instrument that may be held. `restraint`: what drift leaves
    of it, live alone; `why` works out the prediction's reasons, which decide nothing.
    """

    sleeve_id: str
    instrument: Instrument
    close_ticks: int
    call: Call
    prediction: Prediction | None
    held_lots: int
    bars_held: int
    horizon: int
    fresh: bool
    waiting: bool = False
    trading: bool = True
    bars_since_loss: int = NO_LOSS
    windows: Mapping[str, BarSeries] = field(default_factory=dict)
    restraint: Restraint = FREE
    why: Callable[[], Why] | None = None


def decide(
    account: AccountView,
    sleeves: Sequence[SleeveView],
    limits: RiskLimits,
    costs: Costs,
    *,
    stake: Decimal | None,
    at: datetime,
    later: Words | None = None,
) -> list[Decision]:
    """Decide every sleeve at the close `at`, in order. `stake`: a fixed notional per entry in place of risk sizing.

    With `later` the gates' words, by sleeve, can be had there when there is time: an order does not wait for them, and
    its decision has which gates passed, without words.
    """
    terms = terms_of(limits, costs, stake, live_money=account.live_money)
    purse, held = _purse(account), dict(account.held)
    decisions, known = [], Returns()
    for sleeve in sleeves:
        decision, lots = _decide_one(account, sleeve, terms, purse=purse, held=held, at=at, known=known, later=later)
        decisions.append(decision)
        if decision.action is Signal.BUY:
            grid = grid_of(sleeve.instrument)
            purse = reserve(lots, sleeve.close_ticks, purse, terms, grid)
            _add(held, sleeve.instrument.symbol, notional(lots, sleeve.close_ticks, grid))
    return decisions


def _decide_one(
    account: AccountView, sleeve: SleeveView, terms: Terms, *, purse: Purse, held: Mapping[str, int], at: datetime,
    known: Returns, later: Words | None,
) -> tuple[Decision, int]:  # fmt: skip
    instrument = sleeve.instrument
    ask, grid = _ask(sleeve, held.get(instrument.symbol, 0)), grid_of(instrument)
    if sleeve.restraint != FREE:
        terms = cut(terms, sleeve.restraint.size_ppm)
    if asks_correlation(ask, purse, terms):
        ask = ask._replace(correlation=correlation_with(held, instrument.symbol, sleeve.windows, at, known))
    action, reason, failures, lots = verdict(ask, purse, terms, grid)
    words = partial(outcomes, ask, purse, terms, instrument, halted_by=account.halted_by)
    if later is not None:
        later[sleeve.sleeve_id] = words
    decision = Decision(
        account_id=account.account_id,
        sleeve_id=sleeve.sleeve_id,
        symbol=instrument.symbol,
        bar_close_at=at,
        action=Signal.HOLD,
        quantity=None,
        reference_price=instrument.price(sleeve.close_ticks),
        gates=words() if later is None else _wordless(action, failures),
        held_by=None,
        prediction=sleeve.prediction,
    )
    if sleeve.restraint != FREE:
        decision = replace(decision, gates=(*decision.gates, _drift(sleeve.restraint)))
    if action == BUY and sleeve.restraint.stands_down:
        return replace(decision, held_by=DRIFT), 0
    if action == BUY:
        return replace(decision, action=Signal.BUY, quantity=instrument.quantity(lots)), lots
    if action == SELL:
        sold = instrument.quantity(sleeve.held_lots)
        return replace(decision, action=Signal.SELL, quantity=sold, exit_reason=_REASONS[reason]), 0
    return replace(decision, held_by=GATES[first_failure(failures)]), 0


def _wordless(action: int, failures: int) -> tuple[GateOutcome, ...]:
    """What is known of the gates before anybody has words for them: that a BUY passed all, and which one held."""
    if action == BUY and failures == 0:
        return _PASSED
    return () if failures == 0 else (GateOutcome(name=GATES[first_failure(failures)], passed=False, detail=""),)


def _drift(restraint: Restraint) -> GateOutcome:
    return GateOutcome(name=DRIFT, passed=not restraint.stands_down, detail=restraint.why)


def reserving(account: AccountView, waiting: Iterable[tuple[Instrument, Decimal, int]], costs: Costs) -> AccountView:
    """The account after promising money to entries that wait for a price: (instrument, quantity, newest close)."""
    terms, purse, held = terms_of(RiskLimits(), costs), _purse(account), dict(account.held)
    for instrument, quantity, close_ticks in waiting:
        lots, grid = instrument.lots(quantity), grid_of(instrument)
        purse = reserve(lots, close_ticks, purse, terms, grid)
        _add(held, instrument.symbol, notional(lots, close_ticks, grid))
    return replace(
        account, cash_atoms=purse.cash, exposure_atoms=purse.exposure, open_positions=purse.positions, held=held
    )


def _add(held: dict[str, int], symbol: str, atoms: int) -> None:
    held[symbol] = held.get(symbol, 0) + atoms


def _purse(account: AccountView) -> Purse:
    return Purse(
        account.cash_atoms, account.equity_atoms, account.exposure_atoms, account.open_positions,
        account.halted_by is not None, account.peak_atoms, account.day_start_atoms, account.recent_entries,
        account.clock_skew_ms,
    )  # fmt: skip


def _ask(sleeve: SleeveView, in_instrument: int) -> Ask:
    call = sleeve.call
    return Ask(
        call.signal, call.probability_low, call.confidence, call.expected_move, call.volatility, call.years,
        sleeve.close_ticks, sleeve.held_lots > 0, sleeve.waiting, sleeve.fresh, sleeve.bars_held, sleeve.horizon,
        sleeve.trading, in_instrument, sleeve.bars_since_loss, nan, call.skill, call.strangeness,
    )  # fmt: skip
