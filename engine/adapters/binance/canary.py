"""Canary: tries each way to order that we use, with the least possible at stake, before money depends on it.

Everywhere: the clock, and each single order by order/test, which the exchange checks and does not place. On the testnet
(`real`) besides: a resting order placed, found and cancelled; an entry filled at once with its stop and target; an OCO;
a sale at market. Elsewhere lists are read off the exchange's listing: a real order without an intent is never sent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from engine.adapters.binance import rights
from engine.adapters.binance.broker import BinanceBroker
from engine.adapters.binance.placement import placement
from engine.adapters.binance.signed import SignedTransport
from engine.domain.account import Account
from engine.domain.errors import (
    AaitiError,
    InsufficientFunds,
    MarketDataError,
    OrderOutcomeUnknown,
    OrderRejected,
    VenueError,
)
from engine.domain.instrument import Instrument
from engine.domain.interval import iso
from engine.domain.money import exact
from engine.domain.order import Order, OrderStatus, OrderType, Purpose, Side, TimeInForce, hashed_id
from engine.domain.venue import OTOCO, CanaryResult
from engine.ports import Clock, OrderReport

CLOCK, MARKET, LIMIT, STOP, OCO, QUERY, CANCEL = "CLOCK", "MARKET", "LIMIT", "STOP", "OCO", "QUERY", "CANCEL"
_FAR_BELOW, _BELOW, _ABOVE = Decimal("0.8"), Decimal("0.95"), Decimal("1.05")
_THROUGH = Decimal("1.003")
"""How far through the ask the entry is priced, so that it fills at once."""
_MOST_SKEW = 1.0
_CANCELS = 3
_USUAL_FEE = Decimal("0.001")


@dataclass(slots=True)
class Canary:
    """One run for one instrument. Its orders carry a tag of their own: the book never takes them for ours."""

    account: Account
    instrument: Instrument
    transport: SignedTransport
    clock: Clock = field(kw_only=True)
    real: bool = field(kw_only=True)
    passed: dict[str, bool] = field(default_factory=dict, init=False)
    details: dict[str, str] = field(default_factory=dict, init=False)
    bid: Decimal = field(default=Decimal(0), init=False)
    ask: Decimal = field(default=Decimal(0), init=False)
    number: int = field(default=0, init=False)
    broker: BinanceBroker = field(init=False)

    def __post_init__(self) -> None:
        instruments = {self.instrument.symbol: self.instrument}
        self.broker = BinanceBroker(self.account, instruments, self.transport, clock=self.clock)

    def sing(self) -> CanaryResult:
        """Try everything; what fails is a result, not an error."""
        at = self.clock.now()
        self._try(CLOCK, self._clock_agrees)
        if self._try("PRICE", self._price):
            self._try(MARKET, lambda: self._accepted(self._order(Purpose.EXIT, OrderType.MARKET)))
            self._try(LIMIT, lambda: self._accepted(self._entry()))
            self._try(STOP, lambda: self._accepted(self._stop()))
            if self.real:
                self._try(QUERY, self._rest_and_query)
                self._try(OTOCO, self._fill_with_protection)
            else:
                self._try(OCO, lambda: self._listed("ocoAllowed"))
                self._try(OTOCO, lambda: self._listed("ocoAllowed", "otoAllowed"))
        return CanaryResult(at=at, passed=self.passed, details=self.details)

    def _try(self, name: str, act: Callable[[], str]) -> bool:
        try:
            self.details[name] = act()
        except AaitiError as error:
            self.details[name], self.passed[name] = str(error), False
        else:
            self.passed[name] = True
        return self.passed[name]

    # ------------------------------------------------------------------ without real orders

    def _clock_agrees(self) -> str:
        offset = self.transport.time.sync()
        if abs(offset.total_seconds()) > _MOST_SKEW:
            raise MarketDataError(f"our clock is {offset.total_seconds():+.1f} s from the exchange's; set it right")
        return f"{offset.total_seconds() * 1000:+.0f} ms from the exchange's"

    def _price(self) -> str:
        row = self.transport.look("/api/v3/ticker/bookTicker", {"symbol": self.instrument.symbol}, weight=2)
        self.bid, self.ask = exact(row["bidPrice"]), exact(row["askPrice"])
        if self.bid <= 0 or self.ask < self.bid:
            raise MarketDataError(f"{self.instrument.symbol}: bid {self.bid} and ask {self.ask} are no market")
        return f"bid {self.bid:f}, ask {self.ask:f}"

    def _accepted(self, order: Order) -> str:
        """order/test: checked like an order, and not placed."""
        wanted = placement([order])
        try:
            self.transport.place(
                f"{wanted.path}/test", wanted.values, orders=0, entry=False, decided_at=wanted.decided_at
            )
        except InsufficientFunds:
            return "accepted by order/test; the account could not pay for it now"
        return "accepted by order/test"

    def _listed(self, *flags: str) -> str:
        body = self.transport.look("/api/v3/exchangeInfo", {"symbol": self.instrument.symbol}, weight=20)
        row = body["symbols"][0]
        missing = [flag for flag in flags if row.get(flag) is not True]
        missing += [kind for kind in ("STOP_LOSS", "LIMIT_MAKER") if kind not in row.get("orderTypes", ())]
        if missing:
            raise OrderRejected(f"{self.instrument.symbol}: the exchange does not list {', '.join(missing)}")
        return "listed by the exchange; no order was placed"

    # ------------------------------------------------------------------ with real orders, on the testnet

    def _rest_and_query(self) -> str:
        """A limit far below the market rests, is found, and is cancelled."""
        price = self._on_grid(self.bid * _FAR_BELOW, ROUND_CEILING)
        order = replace(
            self._order(Purpose.ENTRY, OrderType.LIMIT), side=Side.BUY, price=price, quantity=self._least(price)
        )
        self._expect(self.broker.place([order]), order, OrderStatus.WORKING)
        try:
            found = self.broker.find(order)
            if found is None or found.status is not OrderStatus.WORKING:
                raise OrderRejected(f"a resting order is not found by its id: {found}")
        finally:
            self._try(CANCEL, lambda: self._gone([order]))
        return "placed and found by its id"

    def _fill_with_protection(self) -> str:
        """An entry fills with stop and target resting; then the same as an OCO; then everything is sold."""
        entry = self._entry()
        fee = self._fee()
        legs = self._legs(self._floor(entry.quantity * (1 - fee)), hashed_id("ac", f"list {entry.client_id}"))
        orders = [replace(entry, list_id=legs[0].list_id), *legs]
        self.broker.place(orders)
        told = self.broker.find(entry)
        if told is None or told.status is not OrderStatus.FILLED:
            raise OrderRejected(f"the entry did not fill at once, nothing is proved: {told and told.status}")
        bought = sum(
            (f.quantity - (f.fee if f.fee_asset == self.instrument.base else 0) for f in told.fills), Decimal(0)
        )
        try:
            for leg in legs:
                found = self.broker.find(leg)
                if found is None or found.status is not OrderStatus.WORKING:
                    raise OrderRejected(f"the entry is filled, but its {leg.purpose.value} does not rest: {found}")
        finally:
            self._gone(legs)
            self._try(OCO, lambda: self._oco(self._floor(bought)))
            self._sell(self._floor(bought))
        return "filled, with stop and target resting"

    def _oco(self, quantity: Decimal) -> str:
        self.number += 1
        legs = self._legs(quantity, hashed_id("ac", f"{self._name()} oco"))
        for leg, report in zip(legs, self.broker.place(legs), strict=True):
            if report.status is not OrderStatus.WORKING:
                raise OrderRejected(f"{leg.purpose.value}: {report.status} {report.message}")
        return self._gone(legs)

    def _sell(self, quantity: Decimal) -> None:
        order = replace(self._order(Purpose.EXIT, OrderType.MARKET), quantity=quantity)
        self._expect(self.broker.place([order]), order, OrderStatus.FILLED)

    def _gone(self, orders: Sequence[Order]) -> str:
        for report in self._cancelled(orders[0]):
            if not report.status.terminal:
                raise OrderRejected(f"{report.client_id} is still {report.status} after its cancel")
        return "cancelled"

    def _cancelled(self, order: Order) -> Sequence[OrderReport]:
        """Asked more than once where no answer comes: a canary must leave nothing behind."""
        for _ in range(_CANCELS):
            with suppress(OrderOutcomeUnknown, VenueError):
                return self.broker.cancel([order])
        return self.broker.cancel([order])

    def _expect(self, reports: Sequence[OrderReport], order: Order, status: OrderStatus) -> None:
        if reports[0].status is not status:
            raise OrderRejected(f"{order.type} is {reports[0].status}, not {status}: {reports[0].message}")

    # ------------------------------------------------------------------ the orders

    def _order(self, purpose: Purpose, kind: OrderType) -> Order:
        self.number += 1
        now = self.clock.now()
        return Order(
            client_id=hashed_id("ac", f"{self._name()} {purpose} {kind}"), account_id=self.account.account_id,
            sleeve_id="canary", symbol=self.instrument.symbol, side=Side.SELL, type=kind, purpose=purpose,
            quantity=self._least(self.bid), price=None, stop_price=None, list_id=None, bar_close_at=now,
            intent_at=now, status=OrderStatus.INTENT,
        )  # fmt: skip

    def _name(self) -> str:
        return f"{self.account.account_id} {self.instrument.symbol} {iso(self.clock.now())} {self.number}"

    def _entry(self) -> Order:
        order = self._order(Purpose.ENTRY, OrderType.LIMIT)
        price = self._on_grid(self.ask * _THROUGH, ROUND_CEILING)
        return replace(order, side=Side.BUY, price=price, time_in_force=TimeInForce.FOK)

    def _stop(self) -> Order:
        order = self._order(Purpose.STOP, OrderType.STOP)
        return replace(order, stop_price=self._on_grid(self.bid * _BELOW, ROUND_FLOOR))

    def _legs(self, quantity: Decimal, list_id: str) -> list[Order]:
        target = self._order(Purpose.TARGET, OrderType.LIMIT)
        target = replace(target, price=self._on_grid(self.ask * _ABOVE, ROUND_CEILING))
        return [replace(leg, quantity=quantity, list_id=list_id) for leg in (self._stop(), target)]

    def _fee(self) -> Decimal:
        try:
            return rights.commission(self.transport, self.instrument.symbol).buy_ratio
        except AaitiError:
            return _USUAL_FEE

    def _least(self, price: Decimal) -> Decimal:
        """Lots worth twice the least notional, so that a stop below and a fee leave enough."""
        lots = (2 * self.instrument.min_notional / price / self.instrument.lot_step).to_integral_value(ROUND_CEILING)
        return self.instrument.quantity(max(int(lots), 2))

    def _floor(self, quantity: Decimal) -> Decimal:
        return self.instrument.quantity(int(quantity // self.instrument.lot_step))

    def _on_grid(self, price: Decimal, rounding: str) -> Decimal:
        return self.instrument.price(int((price / self.instrument.tick_size).to_integral_value(rounding)))
