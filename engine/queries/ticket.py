"""A manual order before it is sent: its price and how old it is, what it costs, and what stands against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from engine.domain.account import Account
from engine.domain.decision import GateOutcome
from engine.domain.halt import HaltKind
from engine.domain.instrument import Instrument
from engine.domain.interval import iso, parse_time
from engine.domain.order import OrderType, Side
from engine.ports import LOOKED_AT, Heartbeat
from engine.queries.console import Console, is_fresh
from engine.queries.status import is_simulated, moment_of
from engine.queries.words import ago, exactly, money

LOOK_FOR = timedelta(seconds=40)
STALE_AFTER = timedelta(minutes=10)
OCO = "OCO"
KINDS = (OrderType.MARKET.value, OrderType.LIMIT.value, OrderType.STOP.value, OCO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What the ticket trades at: `as_of` is when that was known, `age` how long ago by the engine's clock."""

    bid: Decimal
    ask: Decimal
    as_of: datetime
    age: timedelta
    from_bar: bool
    good_for: timedelta = STALE_AFTER

    @property
    def mid(self) -> Decimal:
        """Half way between bid and ask."""
        return (self.bid + self.ask) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What the operator typed. `price` is the limit, `stop_price` the trigger; None where the kind has none."""

    symbol: str
    side: Side
    kind: str
    quantity: Decimal | None
    price: Decimal | None
    stop_price: Decimal | None

    def payload(self) -> Mapping[str, object]:
        """The command's fields; decimals as text."""
        return {
            "symbol": self.symbol, "side": self.side.value, "type": self.kind,
            "quantity": str(self.quantity) if self.quantity is not None else None,
            "price": str(self.price) if self.price is not None else None,
            "stop_price": str(self.stop_price) if self.stop_price is not None else None,
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The estimate beside the ticket. `checks` are what the console can tell beforehand; the engine decides."""

    notional: Decimal | None
    fee: Decimal | None
    spread_and_slippage: Decimal | None
    checks: Sequence[GateOutcome]

    @property
    def ready(self) -> bool:
        """True where nothing is known to stand against it."""
        return all(check.passed for check in self.checks)


def read_price(console: Console, account: Account, symbol: str) -> Price | None:
    """The engine's newest quote, else the close of the newest stored bar; None where neither is there."""
    now = console.clock.now()
    beat = console.board.heartbeat()
    quoted = _quote(beat, symbol)
    clock = _engine_clock(beat, now)
    if quoted is not None:
        bid, ask, as_of = quoted
        return Price(bid=bid, ask=ask, as_of=as_of, age=max(clock - as_of, timedelta(0)), from_bar=False)
    covered = [c for c in console.bars.coverage(account.source.value) if c.symbol == symbol]
    if not covered:
        return None
    newest = max(covered, key=lambda c: c.last_open_at + c.interval.duration)
    bars = console.bars.read(account.source.value, symbol, newest.interval, start=newest.last_open_at)
    if not len(bars):
        return None
    close, closed_at = Decimal(repr(bars.close[-1])), newest.last_open_at + newest.interval.duration
    return Price(
        bid=close, ask=close, as_of=closed_at, age=max(clock - closed_at, timedelta(0)),
        from_bar=True, good_for=newest.interval.duration + STALE_AFTER,
    )  # fmt: skip


def keep_looking(console: Console, symbol: str) -> None:
    """Ask the engine to keep the price of `symbol` fresh for the next moments."""
    now, stored = console.clock.now(), console.board.setting(LOOKED_AT)
    asked = stored if isinstance(stored, dict) else {}
    if asked.get("symbol") != symbol or str(asked.get("until")) < iso(now + LOOK_FOR / 2):
        console.board.put_setting(LOOKED_AT, {"symbol": symbol, "until": iso(now + LOOK_FOR)}, quiet=True)


def preview(console: Console, account: Account, ticket: Ticket, price: Price | None) -> Preview:
    """Estimate the order's cost and list what is known to stand against it."""
    instrument = next((i for i in console.bars.rules(account.source.value) if i.symbol == ticket.symbol), None)
    at = _working_price(ticket, price)
    notional = at * ticket.quantity if at is not None and ticket.quantity is not None else None
    taker = ticket.kind != OrderType.LIMIT.value
    slip = account.costs.half_spread_ratio + account.costs.slippage_ratio if taker else Decimal(0)
    checks = [*_engine_checks(console, account, price), *_rule_checks(instrument, ticket, notional)]
    if instrument is not None and notional is not None:
        checks.append(_funds_check(console, account, instrument, ticket, notional))
    return Preview(
        notional=notional, fee=notional * account.costs.fee_ratio if notional is not None else None,
        spread_and_slippage=notional * slip if notional is not None else None, checks=checks,
    )  # fmt: skip


def read_decimal(text: str) -> Decimal | None:
    """The number that was typed; None where it is empty or none.

    >>> read_decimal(" 1,000.5 "), read_decimal("abc"), read_decimal("-1")
    (Decimal('1000.5'), None, None)
    """
    try:
        value = Decimal(text.strip().replace(",", ""))
    except InvalidOperation:
        return None
    return value if value.is_finite() and value > 0 else None


def _quote(beat: Heartbeat | None, symbol: str) -> tuple[Decimal, Decimal, datetime] | None:
    quotes = beat.status.get("quotes") if beat else None
    told = quotes.get(symbol) if isinstance(quotes, Mapping) else None
    if not isinstance(told, Mapping):
        return None
    bid, ask, as_of = (told.get(name) for name in ("bid", "ask", "as_of"))
    if not isinstance(bid, str) or not isinstance(ask, str) or not isinstance(as_of, str):
        return None
    return Decimal(bid), Decimal(ask), parse_time(as_of)


def _engine_clock(beat: Heartbeat | None, now: datetime) -> datetime:
    told = moment_of(beat, "clock")
    return told if told is not None and (is_fresh(beat, now) or is_simulated(beat)) else now


def _working_price(ticket: Ticket, price: Price | None) -> Decimal | None:
    """The price that the estimate is made at."""
    if ticket.kind in {OrderType.LIMIT.value, OCO}:
        return ticket.price
    if ticket.kind == OrderType.STOP.value:
        return ticket.stop_price
    if price is None:
        return None
    return price.ask if ticket.side is Side.BUY else price.bid


def _engine_checks(console: Console, account: Account, price: Price | None) -> list[GateOutcome]:
    alive = is_fresh(console.board.heartbeat(), console.clock.now())
    halts = [h for h in console.ledger.halts(account.account_id) if h.kind is HaltKind.HALT]
    halt_words = "; ".join(f"{h.cause}: {h.detail}" for h in halts) + ". Reset it on the System page."
    fresh = price is not None and price.age <= price.good_for
    told = f"known {ago(price.age)}" if price else "no price is known: sync bars on the Market page"
    return [
        GateOutcome(name="engine", passed=alive, detail="answering" if alive else "not answering: is it running?"),
        GateOutcome(name="halt", passed=not halts, detail=halt_words if halts else "none is latched"),
        GateOutcome(name="price", passed=fresh, detail=told),
    ]


def _rule_checks(instrument: Instrument | None, ticket: Ticket, notional: Decimal | None) -> list[GateOutcome]:
    if instrument is None:
        return [GateOutcome(name="instrument", passed=False, detail=f"no rules are stored for {ticket.symbol}")]
    checks = [_step_check("quantity", ticket.quantity, instrument.lot_step, needed=True)]
    if ticket.kind in (OrderType.LIMIT.value, OCO):
        checks.append(_step_check("price", ticket.price, instrument.tick_size, needed=True))
    if ticket.kind in (OrderType.STOP.value, OCO):
        checks.append(_step_check("stop price", ticket.stop_price, instrument.tick_size, needed=True))
    if notional is not None:
        enough = notional >= instrument.min_notional
        detail = f"{money(notional)} against at least {exactly(instrument.min_notional, instrument.quote)}"
        checks.append(GateOutcome(name="minimum notional", passed=enough, detail=detail))
    return checks


def _step_check(name: str, value: Decimal | None, step: Decimal, *, needed: bool) -> GateOutcome:
    if value is None:
        return GateOutcome(name=name, passed=not needed, detail="type a number above zero")
    whole = value % step == 0
    detail = "on the grid" if whole else f"{exactly(value)} is not a multiple of {exactly(step)}"
    return GateOutcome(name=name, passed=whole, detail=detail)


def _funds_check(
    console: Console, account: Account, instrument: Instrument, ticket: Ticket, notional: Decimal
) -> GateOutcome:
    """Cash for a buy; coins that we hold for a sell, for coins that the engine did not buy are never sold."""
    if ticket.side is Side.BUY:
        mark = console.ledger.last_mark(account.account_id)
        cash = mark.cash if mark else account.cash
        with_fee = notional * (1 + account.costs.fee_ratio)
        detail = f"{money(with_fee)} with its fee, of {money(cash, account.quote)} at the last mark"
        return GateOutcome(name="cash", passed=with_fee <= cash, detail=detail)
    held = [p for p in console.ledger.positions(account.account_id) if p.symbol == ticket.symbol]
    sellable = sum((p.sellable for p in held), Decimal(0))
    enough = ticket.quantity is not None and ticket.quantity <= sellable
    return GateOutcome(name="holding", passed=enough, detail=f"{exactly(sellable, instrument.base)} can be sold")
