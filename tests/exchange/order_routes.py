"""Endpoints that place, look up and cancel orders and lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.exchange import bodies, list_form, order_form
from tests.exchange.call import Call, SignedRoute, fixed
from tests.exchange.desk import unknown_order
from tests.exchange.order_form import CLIENT_ID, ONE, ORDER, SIGNED
from tests.exchange.orders import OrderList, PlacedOrder
from tests.exchange.parameters import NUMBER, SYMBOL, Parameter
from tests.exchange.refusal import Refusal


def _test(call: Call) -> Any:
    call.state.desk.place(call.account, _read_order(call), test=True)
    return bodies.test_commission(call.account) if call.values.get("computeCommissionRates") == "true" else {}


def _read_order(call: Call) -> PlacedOrder:
    order = order_form.read(call.values, side=call.values["side"], symbol=call.symbol())
    order.stp = call.values.get("selfTradePreventionMode", order.stp)
    if order.stp == "NONE":
        raise Refusal(-1013, "This symbol does not allow the specified self-trade prevention mode.")
    return order


def _place(call: Call) -> Any:
    order = _read_order(call)
    call.state.desk.place(call.account, order)
    default = "FULL" if order.type in ("MARKET", "LIMIT") else "ACK"
    return bodies.placed(order, call.values.get("newOrderRespType", default), order.time)


def _place_list(kind: str) -> Callable[[Call], Any]:
    read = {"OCO": list_form.oco, "OTO": list_form.oto, "OTOCO": list_form.otoco}[kind]

    def answer(call: Call) -> Any:
        call.symbol()
        orders = read(call.values)
        shape = call.values.get("newOrderRespType", "RESULT")
        listed = call.state.desk.place_list(
            call.account, "OCO" if kind == "OCO" else "OTO", orders, call.values.get("listClientOrderId", "")
        )
        body = bodies.order_list(listed, listed.time)
        body["orderReports"] = [_report_at_entry(order, listed, shape) for order in orders]
        if listed.working is not None and listed.working.status == "EXPIRED":
            body["listClientOrderId"] = None
        return body

    return answer


def _report_at_entry(order: PlacedOrder, listed: OrderList, shape: str) -> Any:
    """Pending legs are shown PENDING_NEW, even where they are live by now."""
    body = bodies.placed(order, shape, listed.time)
    working = listed.working
    if order in listed.pending and working is not None and working.status != "EXPIRED" and "status" in body:
        body |= {"status": "PENDING_NEW", "executedQty": "0.00000000", "cummulativeQuoteQty": "0.00000000"}
        body["workingTime"] = -1
    return body


def _find(call: Call) -> PlacedOrder | None:
    order_id, client_id = call.number("orderId"), call.values.get("origClientOrderId")
    if order_id is None and client_id is None:
        raise Refusal(-1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!")
    return call.account.order(call.symbol(), order_id, client_id)


def _get(call: Call) -> Any:
    order = _find(call)
    if order is None or call.state.faults.hides(order, call.now):
        raise Refusal(-2013, "Order does not exist.")
    return bodies.shown(order)


def _cancel(call: Call) -> Any:
    order = _find(call)
    restriction = call.values.get("cancelRestrictions")
    if restriction not in (None, "ONLY_NEW", "ONLY_PARTIALLY_FILLED"):
        raise Refusal(-1145, "Invalid cancelRestrictions")
    only = None if restriction is None else restriction.removeprefix("ONLY_")
    call.state.desk.cancel(call.account, order, call.values.get("newClientOrderId", ""), only)
    assert order is not None
    return _cancelled_list(call, order.list) if order.list else bodies.cancelled(order, call.now)


def _cancelled_list(call: Call, listed: OrderList) -> Any:
    body = bodies.order_list(listed, call.now)
    return body | {"orderReports": [bodies.cancelled(order, call.now) for order in listed.orders]}


def _cancel_all(call: Call) -> Any:
    """Single orders as they are, lists as lists."""
    orders = list(call.account.open_orders(call.symbol()))
    if not orders:
        raise unknown_order()
    rows: list[Any] = []
    for order in orders:
        if not order.open:
            continue
        call.state.desk.cancel(call.account, order, f"all{call.now}")
        rows.append(_cancelled_list(call, order.list) if order.list else bodies.cancelled(order, call.now))
    return rows


def _list(call: Call, client_name: str) -> OrderList | None:
    list_id, client_id = call.number("orderListId"), call.values.get(client_name)
    if list_id is None and client_id is None:
        raise Refusal(-1102, f"Param '{client_name}' or 'orderListId' must be sent, but both were empty/null!")
    return call.account.list_named(list_id, client_id)


def _cancel_list(call: Call) -> Any:
    listed = _list(call, "listClientOrderId")
    if listed is None or listed.done or listed.symbol != call.symbol():
        raise unknown_order()
    leg = next(order for order in listed.orders if order.open)
    call.state.desk.cancel(call.account, leg, call.values.get("newClientOrderId", ""))
    return _cancelled_list(call, listed)


def _get_list(call: Call) -> Any:
    listed = _list(call, "origClientOrderId")
    if listed is None:
        raise Refusal(-2013, "Order list does not exist.")
    return bodies.order_list(listed)


def _cancel_replace(call: Call) -> Any:
    """Cancel, then place. STOP_ON_FAILURE does not place where the cancel fails."""
    values = dict(call.values)
    mode = values["cancelReplaceMode"]
    lookup = {"orderId": "cancelOrderId", "origClientOrderId": "cancelOrigClientOrderId"}
    named = {name: values[sent] for name, sent in lookup.items() if sent in values}
    own = {"newClientOrderId": values["cancelNewClientOrderId"]} if "cancelNewClientOrderId" in values else {}
    if "cancelRestrictions" in values:
        own["cancelRestrictions"] = values["cancelRestrictions"]
    cancel = Call(call.state, call.account, call.key, {"symbol": values["symbol"], **named, **own})
    results = {"cancelResult": "SUCCESS", "newOrderResult": "SUCCESS"}
    answers: dict[str, Any] = {"cancelResponse": None, "newOrderResponse": None}
    try:
        answers["cancelResponse"] = _cancel(cancel)
    except Refusal as refusal:
        results["cancelResult"], answers["cancelResponse"] = "FAILURE", refusal.body
    if results["cancelResult"] == "FAILURE" and mode == "STOP_ON_FAILURE":
        results["newOrderResult"] = "NOT_ATTEMPTED"
    else:
        try:
            answers["newOrderResponse"] = _place(call)
        except Refusal as refusal:
            results["newOrderResult"], answers["newOrderResponse"] = "FAILURE", refusal.body
    good = list(results.values()).count("SUCCESS")
    if good == 2:
        return results | answers
    if good:
        raise Refusal(-2021, "Order cancel-replace partially failed.", status=409, data=results | answers)
    raise Refusal(-2022, "Order cancel-replace failed.", data=results | answers)


_LOOKUP = (ONE, Parameter("orderId", NUMBER), Parameter("origClientOrderId", CLIENT_ID))
_TAKE_BACK = (*_LOOKUP, Parameter("newClientOrderId", CLIENT_ID), Parameter("cancelRestrictions"), *SIGNED)
_LIST = (Parameter("orderListId", NUMBER), Parameter("listClientOrderId", CLIENT_ID))
_TEST = (*ORDER, Parameter("computeCommissionRates", r"^(true|false)$"))
_REPLACE = (
    *ORDER, Parameter("cancelReplaceMode", r"^(STOP_ON_FAILURE|ALLOW_FAILURE)$", mandatory=True),
    Parameter("cancelOrderId", NUMBER), Parameter("cancelOrigClientOrderId", CLIENT_ID),
    Parameter("cancelNewClientOrderId", CLIENT_ID), Parameter("cancelRestrictions"),
    Parameter("orderRateLimitExceededMode", r"^(DO_NOTHING|CANCEL_ONLY)$"),
)  # fmt: skip


def _placing(parameters: tuple[Parameter, ...], answer: Callable[[Call], Any]) -> SignedRoute:
    return SignedRoute(parameters, fixed(1), answer, "trading", orders=True)


ORDER_ROUTES: dict[tuple[str, str], SignedRoute] = {
    ("POST", "/api/v3/order"): _placing(ORDER, _place),
    ("POST", "/api/v3/order/test"): SignedRoute(
        _TEST, lambda values: 20 if values.get("computeCommissionRates") == "true" else 1, _test, "trading"
    ),
    ("POST", "/api/v3/order/cancelReplace"): _placing(_REPLACE, _cancel_replace),
    ("GET", "/api/v3/order"): SignedRoute((*_LOOKUP, *SIGNED), fixed(4), _get),
    ("DELETE", "/api/v3/order"): _placing(_TAKE_BACK, _cancel),
    ("DELETE", "/api/v3/openOrders"): _placing((ONE, *SIGNED), _cancel_all),
    ("POST", "/api/v3/orderList/oco"): _placing(list_form.OCO, _place_list("OCO")),
    ("POST", "/api/v3/orderList/oto"): _placing(list_form.OTO, _place_list("OTO")),
    ("POST", "/api/v3/orderList/otoco"): _placing(list_form.OTOCO, _place_list("OTOCO")),
    ("DELETE", "/api/v3/orderList"): _placing(
        (ONE, *_LIST, Parameter("newClientOrderId", CLIENT_ID), *SIGNED), _cancel_list
    ),
    ("GET", "/api/v3/orderList"): SignedRoute(
        (Parameter("symbol", SYMBOL), _LIST[0], Parameter("origClientOrderId", CLIENT_ID), *SIGNED), fixed(4), _get_list
    ),
}
