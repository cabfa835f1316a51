"""The price chart: bars with what was predicted, ordered, filled and protected on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from engine.domain.bar import BarSeries
from engine.domain.decision import Decision
from engine.domain.interval import Interval, from_ms
from engine.domain.order import Side
from engine.domain.position import Position
from engine.domain.signal import Signal
from engine.domain.trade import Trade
from engine.queries.console import Console

DEFAULT_BARS = 500
MOST_BARS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A point on the chart: `kind` is entry, exit, stop (an exit by the stop), target, buy or sell (predictions)."""

    at: datetime
    price: float
    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A horizontal line from a position: its entry, its stop or its target."""

    price: float
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChart:
    """Bars, oldest first, and what happened within them."""

    symbol: str
    interval: Interval
    bars: BarSeries
    marks: Sequence[Mark]
    levels: Sequence[Level]


def read_chart(
    console: Console, source: str, symbol: str, interval: Interval, *, n_bars: int = DEFAULT_BARS,
    account_id: str | None = None,
) -> PriceChart:  # fmt: skip
    """The newest `n_bars` stored bars (at most 2,000) with the account's doings on them."""
    bars = newest_bars(console, source, symbol, interval, min(n_bars, MOST_BARS))
    marks: list[Mark] = []
    levels: list[Level] = []
    if account_id is not None and len(bars):
        since = from_ms(bars.open_ms[0])
        marks += _of_trades(console.ledger.trades(account_id), symbol, since)
        held = [p for p in console.ledger.positions(account_id) if p.symbol == symbol]
        marks += [_entry(p.opened_at, p.entry_price, p.quantity) for p in held if p.opened_at >= since]
        levels += [level for p in held for level in _levels(p)]
        decisions = console.reads.recent_decisions(account_id, limit=MOST_BARS)
        marks += _of_predictions([d for d in decisions if d.symbol == symbol and d.bar_close_at >= since])
    return PriceChart(symbol=symbol, interval=interval, bars=bars, marks=marks, levels=levels)


def newest_bars(console: Console, source: str, symbol: str, interval: Interval, n: int) -> BarSeries:
    """The newest `n` stored bars; empty where nothing is stored."""
    last = next(
        (c.last_open_at for c in console.bars.coverage(source) if c.symbol == symbol and c.interval is interval), None
    )
    if last is None:
        return BarSeries.empty(symbol, interval)
    return console.bars.read(source, symbol, interval, start=last - interval.duration * (n - 1))


def trade_marks(trades: Sequence[Trade], symbol: str) -> Sequence[Mark]:
    """Entries and exits of one instrument's closed trades."""
    return [mark for t in trades if t.symbol == symbol for mark in _both_ends(t)]


def _of_trades(trades: Sequence[Trade], symbol: str, since: datetime) -> list[Mark]:
    return [mark for mark in trade_marks(trades, symbol) if mark.at >= since]


def _both_ends(trade: Trade) -> tuple[Mark, Mark]:
    kind = trade.exit_reason.value if trade.exit_reason.value in ("stop", "target") else "exit"
    out = Mark(
        at=trade.closed_at, price=float(trade.exit_price), kind=kind,
        text=f"{Side.SELL} {trade.quantity} at {trade.exit_price}: {trade.exit_reason}, profit {trade.profit:.2f}",
    )  # fmt: skip
    return _entry(trade.opened_at, trade.entry_price, trade.quantity), out


def _entry(at: datetime, price: Decimal, quantity: Decimal) -> Mark:
    return Mark(at=at, price=float(price), kind="entry", text=f"{Side.BUY} {quantity} at {price}")


def _of_predictions(decisions: Sequence[Decision]) -> list[Mark]:
    return [
        Mark(
            at=d.bar_close_at, price=d.prediction.price, kind=f"predicted {d.prediction.signal.value}",
            text=f"{d.prediction.signal.value}: probability {d.prediction.probability:.3f}, "
            f"confidence {d.prediction.confidence:.2f}" + (f", held by {d.held_by}" if d.held_by else ""),
        )
        for d in decisions
        if d.prediction is not None and d.prediction.signal is not Signal.HOLD
    ]  # fmt: skip


def _levels(position: Position) -> list[Level]:
    """Where the position was entered and where it ends."""
    named = (("entry", position.entry_price), ("stop", position.stop_price), ("target", position.target_price))
    return [Level(price=float(price), kind=kind) for kind, price in named if price is not None]
