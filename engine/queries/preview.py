"""A ticket as the operator sees it before it is sent: estimate, checks and the gates' word, put together."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from engine.domain.account import Account
from engine.domain.decision import GateOutcome
from engine.domain.instrument import Instrument
from engine.domain.order import Side
from engine.domain.position import Position
from engine.queries.console import Console, is_fresh
from engine.queries.manual_gates import gates_before, read_limits
from engine.queries.price import Price
from engine.queries.ticket import MARKET, STOP, Preview, Ticket, estimate, rule_checks, side_checks
from engine.queries.words import ago, exactly


def preview(console: Console, account: Account, ticket: Ticket, price: Price | None) -> Preview:
    """Estimate the order's cost and list what is known to stand against it."""
    instrument = next((i for i in console.bars.rules(account.source.value) if i.symbol == ticket.symbol), None)
    position = position_of(console, account, ticket)
    seen = estimate(account, read_limits(console, account), ticket, price, position)
    checks = [
        *_engine_checks(console, price), *rule_checks(instrument, ticket, seen.notional), *side_checks(ticket, price),
    ]  # fmt: skip
    if ticket.side is Side.SELL:
        checks.append(_holding(console, account, ticket, position))
    gates = gates_before(console, account, ticket, price) if price is not None else None
    return Preview(estimate=seen, checks=checks, gates=gates)


def stop_checks(instrument: Instrument | None, stop: Decimal | None, price: Price | None) -> Sequence[GateOutcome]:
    """What stands against a stop there; the engine asks the same again."""
    symbol = "" if instrument is None else instrument.symbol
    ticket = Ticket(symbol=symbol, side=Side.SELL, kind=STOP, quantity=None, stop_price=stop)
    return [*rule_checks(instrument, ticket, None), *side_checks(ticket, price)]


def sellable(console: Console, account: Account, symbol: str) -> Sequence[Position]:
    """Positions in an instrument, each of one sleeve, that a sale could sell from."""
    return [p for p in console.ledger.positions(account.account_id) if p.symbol == symbol and p.sellable]


def position_of(console: Console, account: Account, ticket: Ticket) -> Position | None:
    """What a sale sells from."""
    if ticket.side is Side.BUY:
        return None
    return next((p for p in sellable(console, account, ticket.symbol) if p.sleeve_id == ticket.sleeve_id), None)


def _engine_checks(console: Console, price: Price | None) -> list[GateOutcome]:
    alive = is_fresh(console.board.heartbeat(), console.clock.now())
    fresh = price is not None and price.age <= price.good_for
    told = f"known {ago(price.age)}" if price else "no price is known: sync bars on the Market page"
    return [
        GateOutcome(name="engine", passed=alive, detail="answering" if alive else "not answering: is it running?"),
        GateOutcome(name="price", passed=fresh, detail=told),
    ]


def _holding(console: Console, account: Account, ticket: Ticket, position: Position | None) -> GateOutcome:
    """Coins that we hold, less what is being sold already; coins that the engine did not buy are never sold."""
    if position is None:
        return GateOutcome(name="holding", passed=False, detail=f"no {ticket.symbol} is held; spot has no short")
    leaving = sum(
        (
            o.quantity - o.filled_quantity
            for o in console.ledger.orders(account.account_id, open_only=True)
            if o.sleeve_id == position.sleeve_id and o.purpose == "EXIT"
        ),
        Decimal(0),
    )
    free = position.sellable - leaving
    wanted = ticket.quantity if ticket.kind == MARKET else position.sellable
    enough = wanted is not None and wanted <= free
    return GateOutcome(name="holding", passed=enough, detail=f"{exactly(free)} {ticket.symbol} can be sold")
