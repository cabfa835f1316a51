"""How each trouble is thrown at the moment it was aimed at."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal

from tests.exchange import Account, Exchange
from tests.exchange.matrix.cells import Blow, Trouble
from tests.exchange.matrix.plan import SYMBOLS
from tests.exchange.switchboard import ON_THE_LINE, Kind, Switchboard
from tests.exchange.wire import Request

BAN_SECONDS = 12
ADDRESS = "127.0.0.1"
_REPEATED = (Kind.EVENTS_DROPPED, Kind.EVENTS_DUPLICATED, Kind.EVENTS_REORDERED)
BLOCKING = frozenset({Kind.TOO_FAST, Kind.BANNED, Kind.KEY_REVOKED, Kind.HALTED})


@dataclass(slots=True, eq=False)
class Troubles:
    """Throws and heals. `waits_until`: the exchange told us to ask nothing before (a 429, a ban)."""

    exchange: Exchange
    held: Account
    dice: random.Random
    waits_until_ms: int = 0
    was_reset: bool = False
    drifted: bool = False
    heals_ms: int | None = None
    _boards: dict[str, Switchboard] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for symbol in SYMBOLS:
            seed = self.dice.randrange(1 << 30)
            self._boards[symbol] = Switchboard(self.exchange, self.held, symbol, seed)

    def on_the_line(self, kind: Kind, request: Request) -> None:
        """Spoil exactly this request."""
        fault = ON_THE_LINE[kind](self.dice).on(request.path.removeprefix("/api/v3/"), request.method)
        self.exchange.faults.waiting.insert(0, fault)

    def switch_on(self, trouble: Trouble, symbol: str, lasts: float) -> None:
        """Something that lasts, or that the market does."""
        now_ms = self.exchange.now_ms
        if trouble is Blow.TARGET_TOUCHED:
            self.touch_target(symbol, Decimal(self.dice.randrange(5, 96)) / 100)
            return
        assert isinstance(trouble, Kind), "a blow befalls a process, not the exchange"
        if trouble is Kind.STOP_TRIGGERED:
            self.fall(symbol)
        elif trouble is Kind.BANNED:
            self.exchange.limits.ban(ADDRESS, now_ms, BAN_SECONDS)
            self.waits_until_ms = max(self.waits_until_ms, now_ms + (BAN_SECONDS + 1) * 1000)
        else:
            times = self.dice.randrange(1, 4) if trouble in _REPEATED else 1
            self._boards[symbol].throw(trouble, times=times)
        if trouble is Kind.TOO_FAST:
            self.waits_until_ms = max(self.waits_until_ms, (now_ms // 60_000 + 1) * 60_000 + 2000)
        if trouble in (Kind.PARTIAL_FILL, Kind.EXPIRED_WITH_FILLS):
            return
        self.was_reset |= trouble is Kind.TESTNET_RESET
        self.drifted |= trouble is Kind.CLOCK_DRIFT
        self.heals_ms = max(self.heals_ms or 0, self.exchange.clock.ms + round(lasts * 1000))

    def heal_if_due(self) -> bool:
        """End what has lasted long enough."""
        if self.heals_ms is None or self.exchange.clock.ms < self.heals_ms:
            return False
        self.heal()
        return True

    def heal(self) -> None:
        """The exchange is well again. Faults that wait for a request wait no more."""
        self.heals_ms = None
        for board in self._boards.values():
            board.heal()

    def blocked(self, symbol: str) -> bool:
        """The exchange takes no orders from us for this symbol, or has told us not to ask."""
        faults, limits, now_ms = self.exchange.faults, self.exchange.limits, self.exchange.now_ms
        banned = limits.banned_until.get(ADDRESS, 0) > now_ms or self.exchange.clock.ms < self.waits_until_ms
        full = limits.used.get(ADDRESS, 0) >= limits.weight_per_minute and limits.minute == now_ms // 60_000
        halted = self.exchange.listings[symbol].status != "TRADING"
        return banned or full or halted or faults.blocked is not None or self.held.key.rights.revoked

    # ------------------------------------------------------------------ the market

    def fall(self, symbol: str) -> None:
        """Down to the lowest stop of ours, or by a twentieth where none rests."""
        stops = [o.stop_price for o in self.held.open_orders(symbol) if o.stop_price and not o.working]
        last = self.exchange.books[symbol].last(self.exchange.now_ms)
        self.move(symbol, min(stops) if stops else last * Decimal("0.95"))

    def rise(self, symbol: str) -> None:
        """Up through the highest target of ours, or by a twentieth."""
        targets = [o.price for o in self.held.open_orders(symbol) if o.limit and not o.buys]
        last = self.exchange.books[symbol].last(self.exchange.now_ms)
        self.move(symbol, max(targets) if targets else last * Decimal("1.05"))

    def dip(self, symbol: str) -> None:
        """Down to the highest resting purchase, where there is one."""
        bids = [o.price for o in self.held.open_orders(symbol) if o.limit and o.buys and o.working]
        if bids:
            self.move(symbol, max(bids))

    def touch_target(self, symbol: str, share: Decimal) -> None:
        """Somebody buys a part of what our lowest target offers."""
        targets = [o for o in self.held.open_orders(symbol) if o.limit and not o.buys and o.working]
        if not targets:
            return
        order = min(targets, key=lambda o: o.price)
        lot = self.exchange.listings[symbol].lot
        quantity = max(lot, (order.left * share / lot).to_integral_value(ROUND_DOWN) * lot)
        self.exchange.trade_through(symbol, order.price, quantity)

    def move(self, symbol: str, price: Decimal) -> None:
        """The market stands at `price`, brought onto the grid."""
        tick = self.exchange.listings[symbol].tick
        self.exchange.move(symbol, max(tick * 2, (price / tick).to_integral_value() * tick))
