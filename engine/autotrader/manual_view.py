"""The account as a manual order meets it: what its gates are asked with, and what a ticket shows of them beforehand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from engine.autotrader.session import Session
from engine.autotrader.tickets import manual_sleeve
from engine.autotrader.views import held_by_symbol
from engine.domain.halt import Halt
from engine.domain.interval import Interval, iso
from engine.domain.money import from_atoms
from engine.domain.order import Purpose, Side
from engine.domain.quote import Quote
from engine.queries.manual_gates import told
from engine.risk.company import correlation_with
from engine.risk.manual import ManualView
from engine.risk.terms import NO_LOSS

_MINUTE = timedelta(minutes=1)
_GRID = Interval.H1
"""Of what is traded by hand, which has no bars of its own: correlation and cooldown count hours."""


def view_of(session: Session, sleeve_id: str, quote: Quote, halts: Sequence[Halt]) -> ManualView:
    """What the gates are told about an order of this sleeve at this price."""
    book, symbol, at = session.trader.book, quote.symbol, session.clock.now()
    worth = session.trader.cycle.value(at)
    prices = {**session.quotes(), symbol: quote}
    promised = _promised(session, prices)
    page = book.sleeve(sleeve_id)
    leaving = sum((o.quantity - o.filled_quantity for o in page.orders(Purpose.EXIT)), Decimal(0))
    held = held_by_symbol(book, {s: _ticks(session, q) for s, q in prices.items()})
    lost_at = page.holding.lost_at if page.holding is not None else None
    waiting = sum(promised.values(), Decimal(0))
    return ManualView(
        cash=from_atoms(book.portfolio.cash) - waiting, equity=worth.equity, exposure=worth.exposure + waiting,
        price=quote.ask, held=page.quantity - leaving, min_notional=book.instruments[symbol].min_notional,
        halted_by=halts[0].cause if halts else None, quote=session.account.quote,
        trading=book.instruments[symbol].trading,
        in_instrument=from_atoms(held.get(symbol, 0)) + promised.get(symbol, Decimal(0)),
        open_positions=sum(1 for s in book.portfolio.holdings if book.sleeve(s).lots), peak=worth.peak,
        day_start=worth.day_start, recent_entries=book.entries_after(at - _MINUTE), clock_skew_ms=_skew_ms(session),
        correlation=_correlation(session, symbol, held),
        bars_since_loss=NO_LOSS if lost_at is None else (at - lost_at) // _GRID.duration,
    )  # fmt: skip


def shown(session: Session, asked: object, halts: Sequence[Halt], now: datetime) -> Mapping[str, object] | None:
    """What the screen that looks at an instrument is told; None where none looks or no price of it is known."""
    if not isinstance(asked, Mapping) or str(asked.get("until")) < iso(now):
        return None
    quote = session.quotes().get(str(asked.get("symbol")))
    if quote is None:
        return None
    sleeve = manual_sleeve(session.account, quote.symbol, now)
    return told(view_of(session, sleeve.sleeve_id, quote, halts), quote.symbol)


def _promised(session: Session, prices: Mapping[str, Quote]) -> Mapping[str, Decimal]:
    """What open buys may still cost by symbol, in quote: at their limit, else at the newest price."""
    found: dict[str, Decimal] = {}
    for order in session.trader.book.orders.values():
        newest = prices.get(order.symbol)
        price = order.price or (newest.ask if newest is not None else Decimal(0))
        if order.side is Side.BUY:
            cost = (order.quantity - order.filled_quantity) * price
            found[order.symbol] = found.get(order.symbol, Decimal(0)) + cost
    return found


def _ticks(session: Session, quote: Quote) -> int:
    return max(1, int(quote.bid // session.instruments[quote.symbol].tick_size))


def _skew_ms(session: Session) -> int:
    offset = None if session.venue is None else session.venue.health().clock_offset
    return 0 if offset is None else abs(offset) // timedelta(milliseconds=1)


def _correlation(session: Session, symbol: str, held: Mapping[str, int]) -> float | None:
    """With what else is held; None where there is nothing else, or nobody asks."""
    others = sorted({s for s, value in held.items() if value} - {symbol})
    if not others or session.trader.cycle.terms.limits.max_correlation >= 1:
        return None
    at = _GRID.floor(session.trader.cursor)
    windows = {s: session.feed.window(s, _GRID, at) for s in (symbol, *others)}
    return correlation_with(held, symbol, windows, at)
