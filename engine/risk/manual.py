"""An order placed by hand before the gates: the same limits, the same rules, the same words as for a decided entry."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import inf, nan

from engine.domain.account import Costs
from engine.domain.decision import GateOutcome
from engine.domain.money import ATOMS_PER_UNIT
from engine.domain.order import Order, OrderType, Side
from engine.risk import words
from engine.risk.gates import (
    cooled,
    day_not_lost,
    in_time,
    not_drawn_down,
    paced,
    uncorrelated,
    within_exposure,
    within_position,
    within_positions,
)
from engine.risk.limits import RiskLimits
from engine.risk.terms import ACTIVE, BUY, NO_LOSS, Ask, Purse, Terms, terms_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualView:
    """The account as a manual order meets it: amounts in quote; `price` is what the order would fill at about now.

    `held` is what its sleeve could sell; `halted_by` names an open halt or pause. `in_instrument`: all of this
    instrument in the account, open buys included; `open_positions` likewise. `peak` and `day_start` of the newest mark,
    None before the first. `correlation` with the rest of the portfolio: None where there is no rest, `inf` where it is
    unknown. `bars_since_loss` of the manual sleeve. `price_age` and how old it may be, `good_for`, in seconds.
    """

    cash: Decimal
    equity: Decimal
    exposure: Decimal
    price: Decimal
    held: Decimal
    min_notional: Decimal
    halted_by: str | None
    quote: str = ""
    trading: bool = True
    in_instrument: Decimal = Decimal(0)
    open_positions: int = 0
    peak: Decimal | None = None
    day_start: Decimal | None = None
    recent_entries: int = 0
    clock_skew_ms: int = 0
    correlation: float | None = None
    bars_since_loss: int = NO_LOSS
    price_age: float = 0.0
    good_for: float = inf


def manual_outcomes(order: Order, view: ManualView, limits: RiskLimits) -> tuple[GateOutcome, ...]:
    """What each gate says to the order, in the order in which they are asked; it may be sent where all passed.

    A sale answers to one gate alone, what its sleeve holds: exits are never held back.
    """
    if order.side is Side.SELL:
        return (_sale(order, view),)
    terms, purse, ask = terms_of(limits, Costs()), _purse(view), _ask(view)
    value = _atoms(order.quantity * _price(order, view))
    return (
        _fresh(view),
        _gate("clock", in_time(purse, terms), words.clock(purse, terms)),
        _gate("trading", view.trading, words.trading(view.trading)),
        _gate("halted", not purse.halted, words.halted(purse, view.halted_by)),
        *_room(value, ask, purse, terms, view),
        _smallest(value, view),
        _cash(value, view),
        _gate("pace", paced(purse, terms), words.pace(purse, terms)),
        _gate("cooldown", cooled(ask, terms), words.cooldown(ask, terms)),
        _gate("daily_loss", day_not_lost(purse, terms), words.daily_loss(purse, terms)),
        _gate("drawdown", not_drawn_down(purse, terms), words.drawdown(purse, terms)),
    )


def _room(value: int, ask: Ask, purse: Purse, terms: Terms, view: ManualView) -> tuple[GateOutcome, ...]:
    """The gates that ask how much is at risk already. Adding to what is held opens no new position."""
    new = view.in_instrument == 0
    return (
        _gate("positions", not new or within_positions(purse, terms), words.positions(purse, terms)),
        _gate(
            "position",
            within_position(value, ask, purse, terms),
            words.position(value, ask.in_instrument, purse, terms, view.quote),
        ),
        _gate("exposure", within_exposure(value, purse, terms), words.exposure(value, purse, terms, view.quote)),
        _gate("correlation", uncorrelated(ask, terms), words.correlated(ask, purse, terms)),
    )


def _gate(name: str, passed: bool, detail: str) -> GateOutcome:
    return GateOutcome(name=name, passed=bool(passed), detail=detail)


def _sale(order: Order, view: ManualView) -> GateOutcome:
    enough = order.quantity <= view.held
    short = "" if enough else f", not {order.quantity:f}: spot has no short"
    return _gate("holding", enough, f"{view.held:f} {order.symbol} can be sold here{short}")


def _fresh(view: ManualView) -> GateOutcome:
    return _gate("fresh", view.price_age <= view.good_for, f"the price is {view.price_age:.0f} s old")


def _smallest(value: int, view: ManualView) -> GateOutcome:
    least, enough = _atoms(view.min_notional), value >= _atoms(view.min_notional)
    against = "at least" if enough else "which is below the venue's smallest order of"
    return _gate("notional", enough, f"worth {words.amount(value, view.quote)}, {against} {words.amount(least, '')}")


def _cash(value: int, view: ManualView) -> GateOutcome:
    cash = _atoms(view.cash)
    short = "" if value <= cash else "; reduce the quantity"
    reads = f"costs about {words.amount(value, view.quote)}, free cash is {words.amount(cash, '')}{short}"
    return _gate("cash", value <= cash, reads)


def _price(order: Order, view: ManualView) -> Decimal:
    return order.price if order.type is OrderType.LIMIT and order.price is not None else view.price


def _atoms(amount: Decimal) -> int:
    """Whole atoms of an estimate: rounded, as a live price need not lie on the grid."""
    return int((amount * ATOMS_PER_UNIT).to_integral_value())


def _purse(view: ManualView) -> Purse:
    return Purse(
        cash=_atoms(view.cash), equity=_atoms(view.equity), exposure=_atoms(view.exposure),
        positions=view.open_positions, halted=view.halted_by is not None, peak=_atoms(view.peak or Decimal(0)),
        day_start=_atoms(view.day_start or Decimal(0)), orders=view.recent_entries, skew_ms=view.clock_skew_ms,
    )  # fmt: skip


def _ask(view: ManualView) -> Ask:
    """The question as the account's gates take it; what only a model says is left out."""
    return Ask(
        signal=BUY, probability_low=nan, confidence=nan, expected_move=nan, volatility=nan, years=0.0, close_ticks=1,
        held=False, waiting=False, fresh=True, bars_held=0, horizon=0, trading=view.trading,
        in_instrument=_atoms(view.in_instrument), bars_since_loss=view.bars_since_loss,
        correlation=nan if view.correlation is None else view.correlation, skill=ACTIVE, strangeness=nan,
    )  # fmt: skip
