"""Endpoints that show an account: balances, open orders, trades, fees, limits, the key's rights."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from tests.exchange import bodies
from tests.exchange.call import Call, SignedRoute, fixed
from tests.exchange.order_form import ONE, SIGNED
from tests.exchange.orders import Execution, OrderList, PlacedOrder
from tests.exchange.parameters import NUMBER, SYMBOL, Parameter, limit
from tests.exchange.refusal import Refusal

_DAY = 86_400_000
_Row = TypeVar("_Row", PlacedOrder, OrderList, Execution)


def _open_orders(call: Call) -> Any:
    symbol = call.symbol() if "symbol" in call.values else None
    return [bodies.shown(order) for order in call.account.open_orders(symbol)]


def _open_lists(call: Call) -> Any:
    return [bodies.order_list(listed) for listed in call.account.open_lists()]


def _all_lists(call: Call) -> Any:
    return [bodies.order_list(listed) for listed in _rows(call, call.account.lists.values(), "fromId")]


def _all_orders(call: Call) -> Any:
    symbol = call.symbol()
    rows = (order for order in call.account.orders.values() if order.symbol == symbol)
    return [bodies.shown(order) for order in _rows(call, rows, "orderId")]


def _trades(call: Call) -> Any:
    symbol, order_id = call.symbol(), call.number("orderId")
    rows = (
        execution
        for execution in call.account.executions
        if execution.symbol == symbol and order_id in (None, execution.order_id)
    )
    return [bodies.trade(execution) for execution in _rows(call, rows, "fromId")]


def _rows(call: Call, rows: Iterable[_Row], from_name: str) -> list[_Row]:
    """Ascending; from an id or a start the oldest, else the newest; a span of one day at most."""
    start, end, first = call.number("startTime"), call.number("endTime"), call.number(from_name)
    if start is not None and end is not None and end - start > _DAY:
        raise Refusal(-1127, "More than 24 hours between startTime and endTime.")
    count = limit(call.values, 500, 1000)
    kept = [
        row
        for row in rows
        if (start is None or row.time >= start)
        and (end is None or row.time <= end)
        and (first is None or row.id >= first)
    ]
    return kept[-count:] if start is None and first is None else kept[:count]


def _account(call: Call) -> Any:
    return bodies.account_body(call.account, omit_zero=call.values.get("omitZeroBalances") == "true")


def _commission(call: Call) -> Any:
    return bodies.commission(call.account, call.symbol())


_SPAN = (Parameter("startTime", NUMBER), Parameter("endTime", NUMBER), Parameter("limit", NUMBER))
_SYMBOL = Parameter("symbol", SYMBOL)
_FROM = Parameter("fromId", NUMBER)
_ORDER_ID = Parameter("orderId", NUMBER)
_OMIT = Parameter("omitZeroBalances", r"^(true|false)$")


def _route(parameters: tuple[Parameter, ...], weight: int, answer: Callable[[Call], Any]) -> SignedRoute:
    return SignedRoute((*parameters, *SIGNED), fixed(weight), answer)


ACCOUNT_ROUTES: dict[tuple[str, str], SignedRoute] = {
    ("GET", "/api/v3/openOrders"): SignedRoute(
        (_SYMBOL, *SIGNED), lambda values: 6 if "symbol" in values else 80, _open_orders
    ),
    ("GET", "/api/v3/openOrderList"): _route((), 6, _open_lists),
    ("GET", "/api/v3/allOrderList"): _route((_FROM, *_SPAN), 20, _all_lists),
    ("GET", "/api/v3/allOrders"): _route((ONE, _ORDER_ID, *_SPAN), 20, _all_orders),
    ("GET", "/api/v3/myTrades"): SignedRoute(
        (ONE, _ORDER_ID, _FROM, *_SPAN, *SIGNED), lambda values: 5 if "orderId" in values else 20, _trades
    ),
    ("GET", "/api/v3/account"): _route((_OMIT,), 20, _account),
    ("GET", "/api/v3/account/commission"): _route((ONE,), 20, _commission),
    ("GET", "/api/v3/rateLimit/order"): _route((), 40, lambda call: call.account.counts.rows(call.now)),
    ("GET", "/sapi/v1/account/apiRestrictions"): _route((), 1, lambda call: bodies.restrictions(call.key)),
}
