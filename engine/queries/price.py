"""The newest price of an instrument and how old it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from engine.domain.account import Account
from engine.domain.interval import iso, parse_time
from engine.ports import LOOKED_AT, Heartbeat
from engine.queries.console import Console, is_fresh
from engine.queries.status import is_simulated, moment_of

LOOK_FOR = timedelta(seconds=40)
STALE_AFTER = timedelta(minutes=10)


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
