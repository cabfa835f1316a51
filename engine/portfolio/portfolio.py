"""Portfolio: one account's money and coins, changed by fills and external flows only. Integers throughout."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from engine.domain.account import Account
from engine.domain.errors import LedgerError
from engine.domain.fill import Fill
from engine.domain.instrument import Instrument
from engine.domain.money import ATOM, from_atoms, plain, to_atoms
from engine.domain.order import ExitReason, Side
from engine.domain.position import Position
from engine.domain.trade import Trade
from engine.portfolio.holding import Holding, Lot, mean_price

__all__ = ["Holding", "Lot", "Portfolio", "apply", "deposit", "opened", "position_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """`cash` in quote atoms; holdings by sleeve, dust included."""

    account_id: str
    quote: str
    cash: int
    holdings: Mapping[str, Holding] = field(default_factory=dict)


def opened(account: Account, flows: Iterable[Decimal] = ()) -> Portfolio:
    """The portfolio of a new account, after these external flows."""
    cash = to_atoms(account.cash) + sum(to_atoms(amount) for amount in flows)
    return Portfolio(account_id=account.account_id, quote=account.quote, cash=cash)


def deposit(portfolio: Portfolio, amount: Decimal) -> Portfolio:
    """Add an external flow (below zero: a withdrawal)."""
    return replace(portfolio, cash=portfolio.cash + to_atoms(amount))


def apply(
    portfolio: Portfolio, fill: Fill, instrument: Instrument, exit_reason: ExitReason | None
) -> tuple[Portfolio, Trade | None]:
    """Fold one fill in; the trade it closes, once no whole lot is left.

    A fee in the base coin shortens what arrives, or what a sale leaves; one in the quote is paid in cash; one in a
    third coin (BNB) was paid from outside this portfolio. The venue's ticks and lots do not matter: they may have been
    others when it happened. Without an `exit_reason` a close counts as the operator's.
    """
    if fill.side is Side.BUY:
        return _buy(portfolio, fill, instrument), None
    return _sell(portfolio, fill, instrument, exit_reason or ExitReason.OPERATOR)


def _buy(portfolio: Portfolio, fill: Fill, instrument: Instrument) -> Portfolio:
    gross, value = to_atoms(fill.quantity), _value(fill, ROUND_CEILING)
    fee_atoms = to_atoms(fill.fee) if fill.fee_asset == instrument.base else 0
    fee_cash = to_atoms(fill.fee) if fill.fee_asset == instrument.quote else 0
    holding = portfolio.holdings.get(fill.sleeve_id) or Holding(sleeve_id=fill.sleeve_id, symbol=fill.symbol)
    if holding.symbol != fill.symbol:
        raise LedgerError(f"sleeve {fill.sleeve_id} holds {holding.symbol}; a fill of {fill.symbol} cannot be its own")
    fees = _worth(fee_atoms, fill.price) + fee_cash
    holding = holding.with_buy(gross, value, Lot(gross - fee_atoms, value + fee_cash), fees, fill.filled_at)
    return _with(portfolio, holding, portfolio.cash - value - fee_cash)


def _sell(
    portfolio: Portfolio, fill: Fill, instrument: Instrument, reason: ExitReason
) -> tuple[Portfolio, Trade | None]:
    holding = portfolio.holdings.get(fill.sleeve_id)
    if holding is None:
        raise LedgerError(f"sleeve {fill.sleeve_id} sold {fill.quantity} {fill.symbol} but holds none; reconcile")
    gross, value = to_atoms(fill.quantity), _value(fill, ROUND_FLOOR)
    fee = to_atoms(fill.fee) if fill.fee_asset == instrument.quote else 0
    coin_fee = to_atoms(fill.fee) if fill.fee_asset == instrument.base else 0
    proceeds = value - fee
    holding = holding.with_sale(
        gross, value, proceeds, fee + _worth(coin_fee, fill.price), coin_fee=coin_fee
    )  # fmt: skip
    trade = None
    if holding.atoms < instrument.lot_atoms:
        trade = holding.closed_trade(portfolio.account_id, fill.filled_at, reason)
        lost_at = fill.filled_at if trade.profit < 0 else holding.lost_at
        holding = replace(holding, round=None, lost_at=lost_at)
    return _with(portfolio, holding, portfolio.cash + proceeds), trade


def _value(fill: Fill, rounding: str) -> int:
    """Quote atoms that a fill moves: whole ones on any grid, rounded against us where a venue is finer than that."""
    return int((fill.quantity * fill.price / ATOM).to_integral_value(rounding))


def _worth(atoms: int, price: Decimal) -> int:
    """Quote atoms of some base atoms at a price, rounded down."""
    return int(atoms * price)


def _with(portfolio: Portfolio, holding: Holding, cash: int) -> Portfolio:
    return replace(portfolio, cash=cash, holdings={**portfolio.holdings, holding.sleeve_id: holding})


def position_of(
    account_id: str, holding: Holding, instrument: Instrument, stop: Decimal | None, target: Decimal | None
) -> Position:
    """The holding as the ledger and the screens show it; LedgerError where no round trip is open on it."""
    trip = holding.round
    if trip is None:
        raise LedgerError(f"sleeve {holding.sleeve_id}: no round trip is open on {holding.symbol}")
    return Position(
        account_id=account_id,
        sleeve_id=holding.sleeve_id,
        symbol=holding.symbol,
        quantity=from_atoms(holding.atoms),
        sellable=plain(instrument.quantity(holding.atoms // instrument.lot_atoms)),
        cost=from_atoms(holding.cost),
        entry_price=mean_price(trip.paid, trip.bought),
        opened_at=trip.opened_at,
        stop_price=stop,
        target_price=target,
    )
