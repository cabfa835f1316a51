"""What really happened, read off the exchange: for tests that compare a ledger with it. Read only."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from tests.exchange.account import Account
from tests.exchange.orders import Execution


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTruth:
    id: int
    client_id: str
    list_id: int
    symbol: str
    side: str
    type: str
    status: str
    quantity: Decimal
    price: Decimal
    stop_price: Decimal
    executed: Decimal
    quote: Decimal
    working: bool
    time: int
    update_time: int
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTruth:
    id: int
    client_id: str
    contingency: str
    done: bool
    order_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """Orders and fills in the order they happened; `free` and `locked` by asset."""

    orders: tuple[OrderTruth, ...]
    lists: tuple[ListTruth, ...]
    fills: tuple[Execution, ...]
    free: dict[str, Decimal]
    locked: dict[str, Decimal]

    def order(self, client_id: str) -> OrderTruth | None:
        """The newest of that client id."""
        return next((order for order in reversed(self.orders) if order.client_id == client_id), None)

    def fills_of(self, client_id: str) -> tuple[Execution, ...]:
        return tuple(fill for fill in self.fills if fill.client_id == client_id)

    def open_orders(self, symbol: str | None = None) -> tuple[OrderTruth, ...]:
        return tuple(order for order in self.orders if order.open and symbol in (None, order.symbol))

    def total(self, asset: str) -> Decimal:
        return self.free.get(asset, Decimal(0)) + self.locked.get(asset, Decimal(0))


def truth(account: Account) -> Truth:
    orders = tuple(
        OrderTruth(
            id=order.id, client_id=order.client_id, list_id=order.list_id, symbol=order.symbol, side=order.side,
            type=order.type, status=order.status, quantity=order.quantity, price=order.price,
            stop_price=order.stop_price, executed=order.executed, quote=order.quote, working=order.working,
            time=order.time, update_time=order.update_time, open=order.open,
        )
        for order in account.orders.values()
    )  # fmt: skip
    lists = tuple(
        ListTruth(
            id=listed.id, client_id=listed.client_id, contingency=listed.contingency, done=listed.done,
            order_ids=tuple(order.id for order in listed.orders),
        )
        for listed in account.lists.values()
    )  # fmt: skip
    wallet = account.wallet
    return Truth(
        orders=orders, lists=lists, fills=tuple(account.executions), free=dict(wallet.free), locked=dict(wallet.locked)
    )
