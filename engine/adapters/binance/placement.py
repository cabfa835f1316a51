"""Placement: our orders -> the one request that places them at Binance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.adapters.binance.signed import Value, Values
from engine.domain.errors import InvalidOrder
from engine.domain.order import Order, OrderType, Purpose, Side, TimeInForce

SINGLE, OCO, OTO, OTOCO = (
    "/api/v3/order", "/api/v3/orderList/oco", "/api/v3/orderList/oto", "/api/v3/orderList/otoco",
)  # fmt: skip
_FULL = {"newOrderRespType": "FULL"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """A request that places `orders`; `entry` is False where it closes or protects, which goes before entries."""

    path: str
    values: Values
    orders: tuple[Order, ...]
    entry: bool
    decided_at: datetime


def placement(orders: Sequence[Order]) -> Placement:
    """Say how to place one order, an OCO, or an entry with its protection; InvalidOrder where it is neither."""
    if not orders:
        raise InvalidOrder("no order was given")
    first = orders[0]
    by_purpose = {o.purpose: o for o in orders}
    if len(orders) > 1 and (len({o.list_id for o in orders}) != 1 or first.list_id is None):
        raise InvalidOrder(f"{first.symbol}: orders placed together share one list_id")
    if len({o.symbol for o in orders}) != 1 or len(by_purpose) != len(orders):
        raise InvalidOrder(f"{first.symbol}: a list has one symbol, and each purpose once")
    if len(orders) == 1:
        path, values = SINGLE, _single(first)
    elif Purpose.ENTRY in by_purpose:
        path, values = _entry_list(by_purpose)
    else:
        path, values = OCO, _oco(by_purpose)
    return Placement(
        path=path, values=values, orders=tuple(orders), entry=Purpose.ENTRY in by_purpose,
        decided_at=min(o.intent_at for o in orders),
    )  # fmt: skip


def _single(order: Order) -> dict[str, Value]:
    common: dict[str, Value] = {
        "symbol": order.symbol, "side": order.side.value, "type": _WORDS[order.type], "quantity": order.quantity,
        "newClientOrderId": order.client_id,
    }  # fmt: skip
    return common | _terms(order) | _FULL


_WORDS = {OrderType.MARKET: "MARKET", OrderType.LIMIT: "LIMIT", OrderType.STOP: "STOP_LOSS"}


def _terms(order: Order) -> dict[str, Value]:
    """The prices that its type asks for."""
    if order.type is OrderType.LIMIT:
        if order.price is None:
            raise InvalidOrder(f"{order.symbol}: a limit order needs a price")
        return {"timeInForce": order.time_in_force.value, "price": order.price}
    if order.type is OrderType.STOP:
        if order.stop_price is None:
            raise InvalidOrder(f"{order.symbol}: a stop needs a stop_price")
        return {"stopPrice": order.stop_price}
    return {}


def _pair(by_purpose: Mapping[Purpose, Order]) -> tuple[Order, Order]:
    """Stop and target of one side and quantity, of the types that an OCO is made of."""
    stop, target = by_purpose.get(Purpose.STOP), by_purpose.get(Purpose.TARGET)
    if stop is None or target is None or stop.type is not OrderType.STOP or target.type is not OrderType.LIMIT:
        raise InvalidOrder("an OCO is a STOP and a TARGET of type LIMIT")
    if (stop.quantity, stop.side) != (target.quantity, target.side):
        raise InvalidOrder(f"{stop.symbol}: stop and target of an OCO have one side and one quantity")
    return stop, target


def _legs(by_purpose: Mapping[Purpose, Order], prefix: str) -> dict[str, Value]:
    """Both legs by where they lie: a sale takes profit above the market and stops below it, a purchase the reverse.

    The target is a LIMIT_MAKER: Binance takes no LIMIT here. A stop leg has no price: it sells at market.
    """
    stop, target = _pair(by_purpose)
    assert stop.stop_price is not None
    assert target.price is not None
    above, below = f"{prefix}Above", f"{prefix}Below"
    profit, loss = (above, below) if stop.side is Side.SELL else (below, above)
    legs: dict[str, Value] = {
        f"{profit}Type": "LIMIT_MAKER", f"{profit}Price": target.price, f"{profit}ClientOrderId": target.client_id,
        f"{loss}Type": "STOP_LOSS", f"{loss}StopPrice": stop.stop_price, f"{loss}ClientOrderId": stop.client_id,
    }  # fmt: skip
    return {name[0].lower() + name[1:]: value for name, value in legs.items()}


def _list(order: Order) -> dict[str, Value]:
    return {"symbol": order.symbol, "listClientOrderId": order.list_id or ""}


def _oco(by_purpose: Mapping[Purpose, Order]) -> dict[str, Value]:
    stop, _ = _pair(by_purpose)
    sides: dict[str, Value] = {"side": stop.side.value, "quantity": stop.quantity}
    return _list(stop) | sides | _legs(by_purpose, "") | _FULL


def _entry_list(by_purpose: Mapping[Purpose, Order]) -> tuple[str, dict[str, Value]]:
    """An entry with its stop (OTO), or with stop and target (OTOCO)."""
    entry, stop = by_purpose[Purpose.ENTRY], by_purpose.get(Purpose.STOP)
    if entry.type is not OrderType.LIMIT or entry.time_in_force is not TimeInForce.FOK or entry.price is None:
        raise InvalidOrder(f"{entry.symbol}: an entry that brings its protection is a LIMIT, filled as a whole or not")
    if stop is None or stop.stop_price is None or stop.side is entry.side:
        raise InvalidOrder(f"{entry.symbol}: the protection of an entry has a STOP on the other side")
    values: dict[str, Value] = _list(entry) | {
        "workingType": "LIMIT", "workingSide": entry.side.value, "workingClientOrderId": entry.client_id,
        "workingPrice": entry.price, "workingQuantity": entry.quantity, "workingTimeInForce": "FOK",
        "pendingSide": stop.side.value, "pendingQuantity": stop.quantity,
    }  # fmt: skip
    if Purpose.TARGET in by_purpose:
        return OTOCO, values | _legs(by_purpose, "pending") | _FULL
    if len(by_purpose) != 2:
        raise InvalidOrder(f"{entry.symbol}: besides its stop an entry brings a target, nothing else")
    pending: dict[str, Value] = {
        "pendingType": "STOP_LOSS", "pendingStopPrice": stop.stop_price, "pendingClientOrderId": stop.client_id,
    }  # fmt: skip
    return OTO, values | pending | _FULL
