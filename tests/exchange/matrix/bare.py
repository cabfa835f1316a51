"""How long a position lay bare: held at the exchange by our fills, without a stop of ours over it.

Only time counts in which the fill could be known and the exchange took orders. The position is reckoned from the
exchange's own executions, never from the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal

from tests.exchange import Account, Exchange
from tests.exchange.orders import STOPS, Execution
from tests.exchange.wallet import ZERO

LONGEST = 5.0
ALERT = 1.0
OVER = 1.0
"""A stop that is a lot too large (the fee was taken from the coins, not from BNB) has to shrink within this."""
OURS = "aa"


@dataclass(slots=True, kw_only=True)
class Spell:
    """One stretch without a stop. `counted`: its seconds that count. `due_at`: when an alert was due, if ever."""

    symbol: str
    began_at: datetime
    counted: float = 0.0
    due_at: datetime | None = None


class Bare:
    """`look` is called whenever time may have passed or something may have happened."""

    def __init__(self, exchange: Exchange, held: Account, tolerance: Callable[[str], int]) -> None:
        self._exchange = exchange
        self._held = held
        self._tolerance = tolerance
        self._seen = 0
        self._looked_ms = exchange.clock.ms
        self._open: dict[str, Spell] = {}
        self.held: dict[str, Decimal] = {}
        self.last_fill_ms: dict[str, int] = {}
        self.too_long: list[Spell] = []
        self.oversold: list[str] = []
        self.overguarded: dict[str, str] = {}
        self._over_since: dict[str, int] = {}
        self._strictest: dict[str, tuple[Decimal, Decimal]] = {}

    def look(self, counts: Callable[[str], bool]) -> None:
        """Whatever was bare since the last look was so for the time between; `counts` says for which symbols."""
        now_ms = self._exchange.clock.ms
        passed = (now_ms - self._looked_ms) / 1000
        self._looked_ms = now_ms
        for symbol, spell in self._open.items():
            if passed and counts(symbol):
                spell.counted += passed
                if spell.counted > LONGEST and spell.due_at is None:
                    spell.due_at = self._exchange.clock.now()
                    self.too_long.append(spell)
        self._fold(self._held.executions[self._seen :])
        self._seen = len(self._held.executions)
        for symbol in self.held:
            guarded = self.guarded(symbol)
            if guarded > max(self.held[symbol], ZERO):
                since = self._over_since.setdefault(symbol, now_ms)
                if now_ms - since > OVER * 1000:
                    words = f"{symbol}: stops over {guarded:f}, but {self.held[symbol]:f} is ours"
                    self.overguarded.setdefault(symbol, words)
            else:
                self._over_since.pop(symbol, None)
            if not self.bare(symbol):
                self._open.pop(symbol, None)
            elif symbol not in self._open:
                self._open[symbol] = Spell(symbol=symbol, began_at=self._exchange.clock.now())

    def left(self) -> list[str]:
        """Instruments that are bare now."""
        return [symbol for symbol in self.held if self.bare(symbol)]

    def forget(self) -> None:
        """The exchange has lost everything."""
        self.held.clear()
        self._open.clear()
        self._seen = 0

    def bare(self, symbol: str) -> bool:
        """True where more than dust is held without a stop of ours over it."""
        listing = self._exchange.listings[symbol]
        lot, least = self._strictest.get(symbol, (listing.lot, listing.min_notional))
        lot, least = self._strictest[symbol] = max(lot, listing.lot), max(least, listing.min_notional)
        return not self.dust(symbol, self.held[symbol] - self.guarded(symbol) - self._tolerance(symbol) * lot)

    def dust(self, symbol: str, quantity: Decimal) -> bool:
        """True for what was too little by any rules that were in force: nobody is told when a rule is loosened."""
        listing, price = self._exchange.listings[symbol], self._exchange.books[symbol].last(self._exchange.clock.ms)
        lot, least = self._strictest.get(symbol, (listing.lot, listing.min_notional))
        return (quantity / lot).to_integral_value(ROUND_DOWN) * lot * price < least * 2

    def guarded(self, symbol: str) -> Decimal:
        """What our resting stops would sell."""
        mine = (o for o in self._held.open_orders(symbol) if o.client_id.startswith(OURS) and not o.buys)
        return sum((o.left for o in mine if o.type in STOPS and o.status != "PENDING_NEW"), ZERO)

    def _fold(self, executions: Iterable[Execution]) -> None:
        for fill in executions:
            if not fill.client_id.startswith(OURS):
                continue
            base = self._exchange.listings[fill.symbol].base
            change = fill.quantity if fill.buyer else -fill.quantity
            if fill.commission_asset == base:
                change -= fill.commission
            self.held[fill.symbol] = self.held.get(fill.symbol, ZERO) + change
            self.last_fill_ms[fill.symbol] = fill.time
            if self.held[fill.symbol] < 0:
                self.oversold.append(f"{fill.symbol}: {-self.held[fill.symbol]:f} sold that we did not buy")
