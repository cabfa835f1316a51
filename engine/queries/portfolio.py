"""The account's books: positions at their worth, trades, equity and drawdown with external flows kept out of profit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from engine.domain.account import Account
from engine.domain.equity import EquityMark
from engine.domain.interval import iso
from engine.domain.position import Position
from engine.domain.trade import Trade
from engine.queries.console import Console
from engine.queries.price import Price, read_price
from engine.queries.trading import strategy_name, strategy_names


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A position with what it is worth now; `price` None where none is known. `profit` is not realised."""

    position: Position
    owner: str
    price: Price | None
    worth: Decimal | None
    profit: Decimal | None

    @property
    def dust(self) -> Decimal:
        """What is too small to be sold."""
        return self.position.quantity - self.position.sellable


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """`total_return` is time-weighted over external flows; None before the first mark."""

    account: Account
    holdings: Sequence[Holding]
    trades: Sequence[Trade]
    owners: Mapping[str, str]
    marks: Sequence[EquityMark]
    flows: Sequence[tuple[datetime, Decimal, str]]
    realised: Decimal
    fees: Decimal
    total_return: Decimal | None
    worst_drawdown: Decimal | None


def read_books(console: Console, account: Account) -> Books:
    """Everything the portfolio page shows."""
    trades = console.ledger.trades(account.account_id)
    marks = console.reads.marks(account.account_id)
    flows = console.ledger.flows(account.account_id)
    return Books(
        account=account, holdings=read_holdings(console, account), trades=trades, owners=read_owners(console, account),
        marks=marks, flows=flows, realised=sum((t.profit for t in trades), Decimal(0)),
        fees=sum((t.fees for t in trades), Decimal(0)), total_return=time_weighted_return(account.cash, marks, flows),
        worst_drawdown=console.reads.worst_drawdown(account.account_id),
    )  # fmt: skip


def read_owners(console: Console, account: Account) -> Mapping[str, str]:
    """Sleeve ids with the names of who trades in them."""
    models = strategy_names(console)
    return {s.sleeve_id: strategy_name(s.strategy, models) for s in console.ledger.sleeves(account.account_id)}


def read_holdings(console: Console, account: Account) -> Sequence[Holding]:
    """Open positions, marked at the newest price that is known."""
    owners = read_owners(console, account)
    holdings = []
    for position in console.ledger.positions(account.account_id):
        price = read_price(console, account, position.symbol)
        worth = position.quantity * price.bid if price else None
        owner = owners.get(position.sleeve_id, position.sleeve_id)
        profit = worth - position.cost if worth is not None else None
        holdings.append(Holding(position=position, owner=owner, price=price, worth=worth, profit=profit))
    return holdings


def time_weighted_return(
    start: Decimal, marks: Sequence[EquityMark], flows: Sequence[tuple[datetime, Decimal, str]]
) -> Decimal | None:
    """Chain the growth between marks, taking each flow out of the mark it arrived in: deposits are no profit.

    >>> time_weighted_return(Decimal(100), [], []) is None
    True
    """
    if not marks or start <= 0:
        return None
    growth, before, done = Decimal(1), start, None
    for mark in marks:
        flow = sum((amount for at, amount, _ in flows if at <= mark.at and (done is None or at > done)), Decimal(0))
        if before > 0:
            growth *= (mark.equity - flow) / before
        before, done = mark.equity, mark.at
    return growth - 1


def tax_rows(trades: Sequence[Trade], quote: str) -> Sequence[Mapping[str, str]]:
    """Realised profit by FIFO lots, one row per closed trade, in UTC and with every digit."""
    return [
        {
            "instrument": t.symbol, "quantity": str(t.quantity), "acquired_at_utc": iso(t.opened_at.astimezone(UTC)),
            "disposed_at_utc": iso(t.closed_at.astimezone(UTC)), "cost": str(t.quantity * t.entry_price),
            "proceeds": str(t.quantity * t.exit_price), "fees": str(t.fees), "profit": str(t.profit), "currency": quote,
            "method": "FIFO",
        }
        for t in trades
    ]  # fmt: skip
