"""Live against backtest: the same sleeves over the same bars, and each difference by its name and its money.

Trades are paired by instrument and the bar at whose open they were entered. What a live trade earned more or less than
its pair is split: fees at another rate, price of the entry, price of the exit (or another exit), and size with the
fees that come with it; what is left is rounding and dust. A trade without a pair is explained by what was decided at
that close on the other side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from engine.backtest.run import BacktestResult
from engine.backtest.state import Market, Voices
from engine.domain.decision import MISSED, Decision
from engine.domain.interval import Interval, from_ms, iso, to_ms
from engine.domain.order import ExitReason, Order, Purpose
from engine.domain.signal import Signal
from engine.domain.trade import Trade
from engine.strategy.calls import BUY

_INSIDE = frozenset({ExitReason.STOP, ExitReason.TARGET})
_TINY = Decimal("5e-9")
Key = tuple[str, int]
"""Instrument, and the close (ms) that something was decided at."""


class Cause(StrEnum):
    """Why live and backtest differ."""

    FEES = "fees"
    SLIPPAGE = "slippage"
    SIZE = "size"
    OTHER_EXIT = "other exit"
    ROUNDING = "rounding and dust"
    MISSED_BAR = "missed bar"
    MISSED_FILL = "missed fill"
    OTHER_SIGNAL = "other signal"
    GATE = "held by a gate"
    STILL_OPEN = "still open on one side"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """`profit`: what live has more than the backtest because of it, in quote."""

    symbol: str
    at: str
    cause: Cause
    detail: str
    profit: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What the ledger says of the compared sleeves, `last` being the newest close that was dealt with."""

    decisions: Sequence[Decision]
    orders: Sequence[Order]
    trades: Sequence[Trade]
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Both sides' trades closed by the end; `same_calls` of `calls` closes that were decided called alike. The
    differences' profits add up to `live_profit` less `tested_profit`."""

    calls: int
    same_calls: int
    live_trades: int
    tested_trades: int
    paired: int
    live_profit: Decimal
    tested_profit: Decimal
    differences: tuple[Difference, ...]

    @property
    def by_cause(self) -> Mapping[str, Decimal]:
        """Money by cause, the largest first."""
        sums: dict[str, Decimal] = {}
        for one in self.differences:
            sums[one.cause.value] = sums.get(one.cause.value, Decimal(0)) + one.profit
        return dict(sorted(sums.items(), key=lambda item: -abs(item[1])))

    def told(self) -> dict[str, object]:
        """For JSON and the screen: sums as plain numbers, which nothing reckons with any further."""
        return {
            "calls": self.calls, "same_calls": self.same_calls, "live_trades": self.live_trades,
            "backtest_trades": self.tested_trades, "paired": self.paired, "live_profit": float(self.live_profit),
            "backtest_profit": float(self.tested_profit),
            "by_cause": {cause: float(money) for cause, money in self.by_cause.items()},
            "differences": [{**asdict(one), "profit": float(one.profit)} for one in self.differences],
        }  # fmt: skip


def compare(lived: Lived, result: BacktestResult, market: Market, voices: Voices) -> Comparison:
    """Pair the trades and name every difference."""
    book = _Both(lived, result, market, voices)
    live, tested = book.live(), book.tested()
    found: list[Difference] = []
    for key in sorted({*live, *tested}, key=lambda key: (key[1], key[0])):
        mine, theirs = live.get(key), tested.get(key)
        if mine is not None and theirs is not None:
            found += _split(mine, theirs, key, result.plan.interval)
        elif mine is not None:
            found.append(_named(key, *book.why_not_tested(key), mine.profit))
        elif theirs is not None:
            found.append(_named(key, *book.why_not_live(key), -theirs.profit))
    calls, same = book.calls()
    return Comparison(
        calls=calls, same_calls=same, live_trades=len(live), tested_trades=len(tested),
        paired=len(live.keys() & tested.keys()), live_profit=_profit(live.values()),
        tested_profit=_profit(tested.values()), differences=tuple(found),
    )  # fmt: skip


class _Both:
    """Looks up what each side did at a close."""

    def __init__(self, lived: Lived, result: BacktestResult, market: Market, voices: Voices) -> None:
        self._lived, self._result, self._market, self._voices = lived, result, market, voices
        self._step = result.plan.interval
        self._decided = {(d.symbol, to_ms(d.bar_close_at)): d for d in lived.decisions}
        entries = [o for o in lived.orders if o.purpose is Purpose.ENTRY]
        self._entries = {(o.symbol, to_ms(o.bar_close_at)): o for o in entries}
        self._places = {s.instrument.symbol: i for i, s in enumerate(result.plan.sleeves)}
        self._rows = {int(ms) + market.bar_ms: t for t, ms in enumerate(market.open_ms)}

    def live(self) -> Mapping[Key, Trade]:
        return self._closed(self._lived.trades)

    def tested(self) -> Mapping[Key, Trade]:
        return self._closed(self._result.trades)

    def calls(self) -> tuple[int, int]:
        """Closes that both sides decided, and those of them at which both or neither called BUY."""
        both = [(key, d) for key, d in self._decided.items() if d.held_by != MISSED and self._signal(key) is not None]
        return len(both), sum((self._signal(key) == BUY) == _called_buy(d) for key, d in both)

    def why_not_tested(self, key: Key) -> tuple[Cause, str]:
        """Why the backtest has no trade that began there."""
        if self._signal(key) != BUY:
            return Cause.OTHER_SIGNAL, "live bought, the backtest did not call BUY"
        if any(h.opened_ms == key[1] and self._places.get(key[0]) == h.place for h in self._result.still_held):
            return Cause.STILL_OPEN, "the backtest still holds it"
        mine = [t for t in self._result.trades if t.symbol == key[0]]
        held = [t for t in mine if to_ms(t.opened_at) < key[1] < to_ms(t.closed_at)]
        if held:
            return Cause.GATE, f"the backtest still held what it bought at {iso(held[0].opened_at)}"
        return Cause.GATE, "a gate held it in the backtest (money, exposure, cooldown or a halt stood otherwise)"

    def why_not_live(self, key: Key) -> tuple[Cause, str]:
        """Why the account has no trade that began there."""
        decided = self._decided.get(key)
        if decided is None or decided.held_by == MISSED:
            return Cause.MISSED_BAR, "the engine was away when that bar closed"
        if decided.action is not Signal.BUY:
            if decided.held_by == "signal":
                return Cause.OTHER_SIGNAL, "the backtest bought, live did not call BUY"
            return Cause.GATE, f"live was held by {decided.held_by}"
        order = self._entries.get(key)
        if order is None or (order.filled_quantity == 0 and order.status.terminal):
            words = "never sent" if order is None else f"{order.status.value}: {order.note or 'no reason was given'}"
            return Cause.MISSED_FILL, f"the order was {words}"
        return Cause.STILL_OPEN, "the account still holds it"

    def _closed(self, trades: Iterable[Trade]) -> Mapping[Key, Trade]:
        """Trades closed by the end, by the open that they were entered at. What the last close decides comes later."""
        last = to_ms(self._lived.last)
        known = [t for t in trades if _close_of(t, self._step) + (t.exit_reason not in _INSIDE) <= last]
        return {(t.symbol, to_ms(self._step.floor(t.opened_at))): t for t in known}

    def _signal(self, key: Key) -> int | None:
        """The backtest's call at a close; None where it has no bar there."""
        row, place = self._rows.get(key[1]), self._places.get(key[0])
        if row is None or place is None or not self._market.bars[row, place, 3]:
            return None
        return int(self._voices.signal[row, place])


def _split(mine: Trade, theirs: Trade, key: Key, step: Interval) -> list[Difference]:
    """Where the profits of a pair part."""
    entry = (theirs.entry_price - mine.entry_price) * mine.quantity
    left = (mine.exit_price - theirs.exit_price) * mine.quantity
    usual = theirs.fees * mine.quantity / theirs.quantity  # what the pair's rate makes of this size
    same_exit = mine.exit_reason is theirs.exit_reason and _close_of(mine, step) == _close_of(theirs, step)
    fees = usual - mine.fees
    more = mine.quantity - theirs.quantity
    size = more * (theirs.exit_price - theirs.entry_price) - (usual - theirs.fees)
    prices = f"{mine.exit_price:f} against {theirs.exit_price:f}"
    reasons = f"{mine.exit_reason.value} at {iso(mine.closed_at)} against {theirs.exit_reason.value} at "
    parts = [
        (Cause.FEES, f"{mine.fees:f} paid against {theirs.fees:f}", fees),
        (Cause.SLIPPAGE, f"entry at {mine.entry_price:f} against {theirs.entry_price:f}", entry),
        (Cause.SLIPPAGE, f"exit at {prices}", left) if same_exit
        else (Cause.OTHER_EXIT, f"{reasons}{iso(theirs.closed_at)}, {prices}", left),
        (Cause.SIZE, f"{mine.quantity:f} against {theirs.quantity:f}", size),
    ]  # fmt: skip
    rest = mine.profit - theirs.profit - sum(money for _, _, money in parts)
    parts.append((Cause.ROUNDING, "lots, ticks and coins left over from earlier trades", rest))
    return [_named(key, cause, words, money) for cause, words, money in parts if abs(money) > _TINY]


def _named(key: Key, cause: Cause, detail: str, profit: Decimal) -> Difference:
    return Difference(symbol=key[0], at=iso(from_ms(key[1])), cause=cause, detail=detail, profit=profit)


def _close_of(trade: Trade, step: Interval) -> int:
    """The close that an exit belongs to: the one it was decided at; for stop and target that of the bar around it."""
    at = to_ms(trade.closed_at)
    return -(-at // step.ms) * step.ms if trade.exit_reason in _INSIDE else at // step.ms * step.ms


def _called_buy(decision: Decision) -> bool:
    """Whether live called BUY: what another gate than the call held was one."""
    if decision.prediction is not None:
        return decision.prediction.signal is Signal.BUY
    return decision.action is Signal.BUY or decision.held_by not in {None, "signal"}


def _profit(trades: Iterable[Trade]) -> Decimal:
    return sum((trade.profit for trade in trades), Decimal(0))
