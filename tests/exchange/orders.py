"""An order as the exchange keeps it, what it traded, and the list that it may belong to."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from tests.exchange.wallet import ZERO, Reserve

OPEN = {"NEW", "PARTIALLY_FILLED", "PENDING_NEW"}
STOPS = {"STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"}
LIMITS = {"LIMIT", "LIMIT_MAKER", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"}
Side = Literal["BUY", "SELL"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One match of one order. `commission` leaves what was received, or BNB."""

    id: int
    order_id: int
    list_id: int
    client_id: str
    symbol: str
    price: Decimal
    quantity: Decimal
    commission: Decimal
    commission_asset: str
    time: int
    buyer: bool
    maker: bool

    @property
    def quote(self) -> Decimal:
        return self.price * self.quantity


@dataclass(slots=True, kw_only=True, eq=False)
class OrderList:
    id: int
    contingency: Literal["OCO", "OTO"]
    client_id: str
    symbol: str
    time: int
    orders: list[PlacedOrder] = field(default_factory=list)
    told_done: bool = False

    @property
    def done(self) -> bool:
        return all(not order.open for order in self.orders)

    @property
    def working(self) -> PlacedOrder | None:
        """What the pending orders of an OTO wait for."""
        return self.orders[0] if self.contingency == "OTO" else None

    @property
    def pending(self) -> list[PlacedOrder]:
        return self.orders[1:] if self.contingency == "OTO" else []

    def siblings(self, order: PlacedOrder) -> list[PlacedOrder]:
        """The other leg of an OCO, its own or the pending one of an OTOCO."""
        legs = self.orders if self.contingency == "OCO" else self.pending
        return [leg for leg in legs if leg is not order] if order in legs else []


@dataclass(slots=True, kw_only=True, eq=False)
class PlacedOrder:
    """`working`: on the book. A stop gets there when it triggers, a pending leg when the working order is filled."""

    symbol: str
    side: Side
    type: str
    quantity: Decimal
    client_id: str
    price: Decimal = ZERO
    stop_price: Decimal = ZERO
    quote_quantity: Decimal = ZERO
    iceberg: Decimal = ZERO
    time_in_force: str = "GTC"
    strategy_id: int | None = None
    strategy_type: int | None = None
    stp: str = "EXPIRE_MAKER"

    id: int = 0
    status: str = "NEW"
    time: int = 0
    update_time: int = 0
    working: bool = False
    working_time: int = -1
    executed: Decimal = ZERO
    quote: Decimal = ZERO
    executions: list[Execution] = field(default_factory=list)
    list: OrderList | None = None
    reserve: Reserve | None = None
    reject_reason: str = "NONE"
    cancel_id: str = ""

    @property
    def open(self) -> bool:
        return self.status in OPEN

    @property
    def buys(self) -> bool:
        return self.side == "BUY"

    @property
    def left(self) -> Decimal:
        return self.quantity - self.executed

    @property
    def limit(self) -> Decimal | None:
        return self.price if self.type in LIMITS else None

    @property
    def list_id(self) -> int:
        return self.list.id if self.list else -1

    @property
    def triggers_above(self) -> bool:
        """Above the market: a stop that buys, a profit that is taken by selling."""
        return self.type.startswith("STOP_LOSS") == self.buys

    def triggered_by(self, last: Decimal) -> bool:
        return last >= self.stop_price if self.triggers_above else last <= self.stop_price

    def needs(self, quantity: Decimal) -> Decimal:
        """What has to be locked for `quantity`: the coin, or its price."""
        if not self.buys:
            return quantity
        return quantity * (self.limit or self.stop_price)
