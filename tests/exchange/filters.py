"""A symbol's filters, in the exchange's order and words."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from tests.exchange.listing import Listing
from tests.exchange.orders import STOPS, PlacedOrder
from tests.exchange.refusal import Refusal

_BAND = Decimal(5)
_ICEBERG_PARTS, _ORDERS, _ALGO_ORDERS, _LISTS = 100, 200, 5, 20
_MAX_NOTIONAL = Decimal(9_000_000)


def failure(name: str) -> Refusal:
    return Refusal(-1013, f"Filter failure: {name}")


def check(order: PlacedOrder, listing: Listing, *, average: Decimal) -> None:
    """Prices, quantities and notional of one order. `average` is the reference of MARKET orders and of the band."""
    for price in (order.price, order.stop_price):
        if price and not _fits(price, listing.tick, listing.tick, listing.max_price):
            raise failure("PRICE_FILTER")
    if order.price and not average / _BAND <= order.price <= average * _BAND:
        raise failure("PERCENT_PRICE_BY_SIDE")
    for quantity in (order.quantity, order.iceberg):
        if quantity and not _fits(quantity, listing.lot, listing.lot, listing.max_quantity):
            raise failure("LOT_SIZE")
    if order.iceberg and -(-order.quantity // order.iceberg) > _ICEBERG_PARTS:
        raise failure("ICEBERG_PARTS")
    if order.type == "MARKET" and order.quantity > listing.max_market_quantity:
        raise failure("MARKET_LOT_SIZE")
    notional = order.quote_quantity or order.quantity * (order.limit or average)
    too_much = order.limit is not None and notional > _MAX_NOTIONAL
    if notional < listing.min_notional or too_much:
        raise failure("NOTIONAL")


def check_room(new: Iterable[PlacedOrder], open_orders: Iterable[PlacedOrder]) -> None:
    """How many orders, stops and lists may be open on a symbol."""
    coming, standing = list(new), list(open_orders)
    both = coming + standing
    if len(both) > _ORDERS:
        raise failure("MAX_NUM_ORDERS")
    if sum(order.type in STOPS for order in both) > _ALGO_ORDERS and any(order.type in STOPS for order in coming):
        raise failure("MAX_NUM_ALGO_ORDERS")
    if any(order.list for order in coming) and len({order.list for order in both if order.list}) > _LISTS:
        raise failure("MAX_NUM_ORDER_LISTS")


def _fits(value: Decimal, least: Decimal, step: Decimal, most: Decimal) -> bool:
    return least <= value <= most and value % step == 0
