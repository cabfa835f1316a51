"""An account: its keys, assets, orders and trades."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.exchange.keys import Key
from tests.exchange.order_counts import OrderCounts
from tests.exchange.orders import Execution, OrderList, PlacedOrder
from tests.exchange.user_events import Inbox
from tests.exchange.wallet import FeeRates, Wallet


@dataclass(slots=True, kw_only=True, eq=False)
class Account:
    """`live` and `live_lists` are those of `orders` and `lists` that may still be open."""

    uid: int
    name: str
    key: Key
    wallet: Wallet
    rates: FeeRates = field(default_factory=FeeRates)
    orders: dict[int, PlacedOrder] = field(default_factory=dict)
    lists: dict[int, OrderList] = field(default_factory=dict)
    live: dict[int, PlacedOrder] = field(default_factory=dict)
    live_lists: dict[int, OrderList] = field(default_factory=dict)
    executions: list[Execution] = field(default_factory=list)
    inbox: Inbox = field(default_factory=Inbox)
    counts: OrderCounts = field(default_factory=OrderCounts)
    update_time: int = 0

    def open_orders(self, symbol: str | None = None) -> Iterator[PlacedOrder]:
        for order in list(self.live.values()):
            if not order.open:
                del self.live[order.id]
            elif symbol in (None, order.symbol):
                yield order

    def open_lists(self) -> Iterator[OrderList]:
        for listed in list(self.live_lists.values()):
            if listed.done:
                del self.live_lists[listed.id]
            else:
                yield listed

    def keep(self, order: PlacedOrder) -> None:
        self.orders[order.id] = self.live[order.id] = order

    def keep_list(self, listed: OrderList) -> None:
        self.lists[listed.id] = self.live_lists[listed.id] = listed

    def forget(self) -> None:
        """Orders, lists and trades are gone."""
        for held in (self.orders, self.live, self.lists, self.live_lists, self.executions):
            held.clear()

    def order(self, symbol: str, order_id: int | None, client_id: str | None) -> PlacedOrder | None:
        """By id, or the newest of that client id: ids may be used again once their order is done."""
        if order_id is not None:
            found = self.orders.get(order_id)
            matches = found is not None and found.symbol == symbol and client_id in (None, found.client_id)
            return found if matches else None
        for order in reversed(self.orders.values()):
            if order.symbol == symbol and order.client_id == client_id:
                return order
        return None

    def list_named(self, list_id: int | None, client_id: str | None) -> OrderList | None:
        if list_id is not None:
            return self.lists.get(list_id)
        return next((known for known in reversed(self.lists.values()) if known.client_id == client_id), None)
