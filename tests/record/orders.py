"""Every signed call, once, on the account of a fresh exchange (or, with --real, of the testnet)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_FLOOR, Decimal

from engine.adapters.binance.signed import SignedTransport
from engine.adapters.binance.signing import ApiKey
from engine.adapters.binance.venue import BinanceVenue
from engine.domain.account import Account, AccountKind, Costs, Source
from engine.domain.instrument import Instrument
from engine.domain.order import Order, OrderStatus, OrderType, Purpose, Side, TimeInForce, hashed_id
from engine.ports import Clock

BTCUSDT = Instrument(
    symbol="BTCUSDT", base="BTC", quote="USDT", tick_size=Decimal("0.01"), lot_step=Decimal("0.00001"),
    min_notional=Decimal(5),
)  # fmt: skip


class Caller:
    """A venue with the best price it saw first; orders are named after the call, so that a replay asks the same."""

    def __init__(self, base_url: str, key: ApiKey, clock: Clock, call: str) -> None:
        self.call = call
        self.clock = clock
        self.left: list[Order] = []
        self.account = Account(
            account_id="recorded", name="Recorded", kind=AccountKind.TESTNET, source=Source.BINANCE, quote="USDT",
            cash=Decimal(1000), costs=Costs(), created_at=clock.now(),
        )  # fmt: skip
        self.transport = SignedTransport(base_url, key, clock=clock)
        self.venue = BinanceVenue(self.account, {"BTCUSDT": BTCUSDT}, self.transport, clock=clock)
        row = self.transport.look("/api/v3/ticker/bookTicker", {"symbol": "BTCUSDT"}, weight=2)
        self.price = Decimal(row["askPrice"])

    def order(self, kind: OrderType, side: Side, purpose: Purpose, **changes: object) -> Order:
        now = self.clock.now()
        order = Order(
            client_id=hashed_id("aa", f"{self.call} {purpose}"), account_id="recorded", sleeve_id="s1",
            symbol="BTCUSDT", side=side, type=kind, purpose=purpose, quantity=Decimal("0.001"), price=None,
            stop_price=None, list_id=None, bar_close_at=now, intent_at=now, status=OrderStatus.INTENT,
        )  # fmt: skip
        return replace(order, **changes)  # type: ignore[arg-type]

    def at(self, share: str) -> Decimal:
        """A price at this share of the market's, on the grid."""
        return (self.price * Decimal(share)).quantize(BTCUSDT.tick_size, ROUND_FLOOR)

    def entry(self, share: str = "1.003") -> list[Order]:
        """An entry with stop and target, to be filled at once or not at all."""
        entry = self.order(OrderType.LIMIT, Side.BUY, Purpose.ENTRY, price=self.at(share))
        stop = self.order(OrderType.STOP, Side.SELL, Purpose.STOP, stop_price=self.at("0.95"))
        target = self.order(OrderType.LIMIT, Side.SELL, Purpose.TARGET, price=self.at("1.05"))
        legs = [replace(leg, quantity=Decimal("0.00099")) for leg in (stop, target)]
        orders = [replace(entry, time_in_force=TimeInForce.FOK), *legs]
        return [replace(order, list_id=hashed_id("al", self.call)) for order in orders]

    def resting(self) -> Order:
        return self.order(OrderType.LIMIT, Side.BUY, Purpose.ENTRY, price=self.at("0.9"))

    def placed(self, orders: Sequence[Order]) -> list[Order]:
        self.venue.place(orders)
        self.left += orders[:1]
        return list(orders)

    def run(self) -> object:
        """Make the call; what it left resting is cancelled, so that it can be made again."""
        result = ORDERS[self.call](self)
        for order in self.left:
            self.venue.cancel([order])
        return result


ORDERS: Mapping[str, Callable[[Caller], object]] = {
    "order_market": lambda c: c.venue.place([c.order(OrderType.MARKET, Side.BUY, Purpose.ENTRY)]),
    "order_refused": lambda c: c.venue.place(
        [c.order(OrderType.MARKET, Side.BUY, Purpose.ENTRY, quantity=Decimal(100))]
    ),
    "order_found": lambda c: c.venue.find(c.placed([c.resting()])[0]),
    "order_not_found": lambda c: c.venue.find(c.resting()),
    "order_cancelled": lambda c: c.venue.cancel(c.placed([c.resting()])),
    "order_not_cancelled": lambda c: c.venue.cancel([c.resting()]),
    "entry_filled": lambda c: [c.venue.find(order) for order in c.placed(c.entry())],
    "entry_expired": lambda c: c.venue.place(c.entry("0.9")),
    "list_cancelled": lambda c: c.venue.cancel(c.placed(c.entry())[1:]),
    "open_orders": lambda c: (c.placed([c.resting()]), c.venue.poll())[1],
    "standing": lambda c: (c.placed([c.resting()]), c.venue.standing())[1],
    "commission": lambda c: c.venue.commission("BTCUSDT"),
    "canary": lambda c: c.venue.canary("BTCUSDT"),
}
