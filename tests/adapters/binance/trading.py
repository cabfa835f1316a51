"""A venue on the test exchange without a socket, and orders in few words. One clock serves both."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from engine.adapters.binance import codec
from engine.adapters.binance.signed import SignedTransport
from engine.adapters.binance.signing import ApiKey, api_key
from engine.adapters.binance.user_stream import UserStream
from engine.adapters.binance.venue import BinanceVenue
from engine.domain.account import Account, AccountKind, Costs, Source
from engine.domain.order import Order, OrderStatus, OrderType, Purpose, Side, TimeInForce, hashed_id
from engine.ports import OrderReport
from tests.exchange import Exchange
from tests.exchange.account import Account as Held
from tests.exchange.inprocess import InProcess
from tests.exchange.user_events import Subscription


class Wire:
    """The WebSocket API without a socket: says yes to a subscription, hands on what the inbox holds."""

    def __init__(self, held: Held) -> None:
        self.held = held
        self.asked: list[dict[str, Any]] = []
        self.answers: deque[str] = deque()
        self.subscription: Subscription | None = None

    def send(self, message: str) -> None:
        request = json.loads(message)
        self.asked.append(request)
        if request["method"] == "userDataStream.subscribe.signature":
            self.subscription = self.held.inbox.subscribe()
        self.answers.append(json.dumps({"id": request["id"], "status": 200, "result": {}}))

    def recv(self, timeout: float | None = None) -> str:
        if self.answers:
            return self.answers.popleft()
        if self.subscription is not None and self.subscription.waiting:
            event = self.subscription.waiting.popleft()
            return json.dumps({"subscriptionId": self.subscription.id, "event": event})
        raise TimeoutError


class Trading:
    """`venue` trades for `held`, the exchange's account of 10,000 USDT; BTCUSDT stands at 50,000."""

    def __init__(self, kind: AccountKind = AccountKind.TESTNET, *, streamed: bool = False) -> None:
        self.exchange = Exchange.quoted()
        self.held = self.exchange.open_account(balances={"USDT": "10000", "BTC": "1"})
        self.clock = self.exchange.clock
        self.account = Account(
            account_id="t1", name="Testnet", kind=kind, source=Source.BINANCE, quote="USDT", cash=Decimal(1000),
            costs=Costs(), created_at=self.clock.now(),
        )  # fmt: skip
        self.key: ApiKey = api_key(key=self.held.key.api_key, secret=self.held.key.secret)
        self.door = InProcess(self.exchange)
        self.transport = SignedTransport("https://test-exchange", self.key, clock=self.clock, adapter=self.door)
        self.stream: UserStream | None = None
        self.wire: Wire | None = None
        if streamed:
            self.stream = UserStream("wss://test-exchange", self.key, self.transport.time)
        self.instruments = {i.symbol: i for i in codec.instruments(self._listed())[0]}
        self.venue = self.another_venue()
        self.number = 0

    def another_venue(self) -> BinanceVenue:
        """The venue of a process that starts now."""
        return BinanceVenue(self.account, self.instruments, self.transport, clock=self.clock, stream=self.stream)

    def subscribe(self) -> None:
        assert self.stream is not None
        self.wire = Wire(self.held)
        self.stream.opened(self.wire)
        self.hear()

    def hear(self) -> None:
        """Let the stream take in what is on the wire."""
        assert self.stream is not None
        assert self.wire is not None
        while True:
            try:
                self.stream.take(self.wire.recv())
            except TimeoutError:
                return

    def order(self, kind: OrderType = OrderType.MARKET, side: Side = Side.BUY, **changes: Any) -> Order:
        self.number += 1
        now = self.clock.now()
        order = Order(
            client_id=hashed_id("aa", f"order {self.number}"), account_id="t1", sleeve_id="s1", symbol="BTCUSDT",
            side=side, type=kind, purpose=Purpose.ENTRY if side is Side.BUY else Purpose.EXIT,
            quantity=Decimal("0.01"), price=None, stop_price=None, list_id=None, bar_close_at=now, intent_at=now,
            status=OrderStatus.INTENT,
        )  # fmt: skip
        return replace(order, **changes)

    def limit(self, price: str, side: Side = Side.BUY, **changes: Any) -> Order:
        return self.order(OrderType.LIMIT, side, price=Decimal(price), **changes)

    def stop(self, price: str, **changes: Any) -> Order:
        return self.order(OrderType.STOP, Side.SELL, purpose=Purpose.STOP, stop_price=Decimal(price), **changes)

    def target(self, price: str, **changes: Any) -> Order:
        return self.limit(price, Side.SELL, purpose=Purpose.TARGET, **changes)

    def oco(self, stop: str = "48000", target: str = "52000", **changes: Any) -> list[Order]:
        list_id = hashed_id("al", f"list {self.number}")
        return [self.stop(stop, list_id=list_id, **changes), self.target(target, list_id=list_id, **changes)]

    def otoco(self, price: str = "50100") -> list[Order]:
        """An entry with its protection; what it sells is what the fee of 0.1 % leaves."""
        legs = self.oco(quantity=Decimal("0.00999"))
        return [self.limit(price, time_in_force=TimeInForce.FOK, list_id=legs[0].list_id), *legs]

    def _listed(self) -> list[Mapping[str, Any]]:
        rows: list[Mapping[str, Any]] = self.transport.look("/api/v3/exchangeInfo", weight=20)["symbols"]
        return rows


def statuses(reports: Any) -> list[OrderStatus]:
    return [report.status for report in reports]


def filled(report: OrderReport) -> Decimal:
    return sum((fill.quantity for fill in report.fills), Decimal(0))
