"""The book of one symbol, as our orders meet it: levels to take from, and the last price, which triggers stops.

It follows the symbol's tape until a test gives a quote. What our orders take is gone until the book changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_DOWN, Decimal

from tests.exchange import quotes
from tests.exchange.tape import Tape
from tests.exchange.wallet import ZERO

DEEP = Decimal(1_000_000)
"""What a quote without a size offers."""
_LEVELS = 50

Level = tuple[Decimal, Decimal]


@dataclass(slots=True, kw_only=True, eq=False)
class Book:
    """`given` bids and asks, best first, in place of the tape's."""

    tape: Tape
    given: dict[str, list[Level]] | None = None
    taken: dict[Decimal, Decimal] = field(default_factory=dict)
    update: int = 0
    version: int = 0
    owns_tape: bool = False

    def offers(self, taker: str, now_ms: int, limit: int = _LEVELS) -> list[Level]:
        """What somebody who buys or sells meets, best first."""
        if self.given is None:
            self._follow(now_ms)
            all_of_them = quotes.side(self.tape, now_ms, taker, limit)
        else:
            all_of_them = self.given[taker]
        if not self.taken:
            return all_of_them[:limit]
        rest = ((price, quantity - self.taken.get(price, ZERO)) for price, quantity in all_of_them)
        return [(price, quantity) for price, quantity in rest if quantity > 0][:limit]

    def best(self, taker: str, now_ms: int) -> Level | None:
        return next(iter(self.offers(taker, now_ms, 1 if not self.taken else _LEVELS)), None)

    def last(self, now_ms: int) -> Decimal:
        return self.tape.price(self.tape.known(now_ms) - 1)

    def take(self, price: Decimal, quantity: Decimal) -> None:
        self.taken[price] = self.taken.get(price, ZERO) + quantity
        self.version += 1

    def give(self, bids: Sequence[Level], asks: Sequence[Level]) -> None:
        self.given = {"SELL": list(bids), "BUY": list(asks)}
        self.taken.clear()
        self.version += 1

    def release(self) -> None:
        """Follow the tape again."""
        self.given = None
        self.taken.clear()
        self.version += 1

    def shift(self, price: Decimal) -> None:
        """A trade outside of the given quote takes the quote along; its width stays."""
        if self.given is None or not self.given["BUY"] or not self.given["SELL"]:
            return
        bid, ask = self.given["SELL"][0][0], self.given["BUY"][0][0]
        move = price - bid if price < bid else price - ask if price > ask else ZERO
        if move:
            moved = {side: [(p + move, q) for p, q in rows if p + move > 0] for side, rows in self.given.items()}
            self.give(moved["SELL"], moved["BUY"])

    def write(self, price: Decimal, quantity: Decimal, now_ms: int) -> None:
        """Put a trade of this moment on the tape; what the tape had for later is cut off. The first one copies it."""
        known = self.tape.known(now_ms)
        if not self.owns_tape:
            tape = self.tape
            self.tape = replace(
                tape, times=tape.times[:known], ticks=tape.ticks[:known], lots=tape.lots[:known],
                buyer_rested=tape.buyer_rested[:known],
            )  # fmt: skip
            self.owns_tape = True
        tape, listing = self.tape, self.tape.listing
        tape.times.append(now_ms)
        tape.ticks.append(int((price / listing.tick).to_integral_value()))
        tape.lots.append(max(1, int((quantity / listing.lot).to_integral_value(ROUND_DOWN))))
        bid = self.best("SELL", now_ms)
        tape.buyer_rested.append(1 if bid and price <= bid[0] else 0)

    def _follow(self, now_ms: int) -> None:
        if (update := self.tape.known(now_ms)) != self.update:
            self.update = update
            self.taken.clear()
