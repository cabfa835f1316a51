"""Orders, lists, trades and accounts as REST shows them: field by field in the order of the recordings."""

from __future__ import annotations

from typing import Any

from tests.exchange.account import Account
from tests.exchange.fields import decimal8
from tests.exchange.keys import Key
from tests.exchange.orders import STOPS, Execution, OrderList, PlacedOrder
from tests.exchange.wallet import FeeRates

Body = dict[str, Any]


def placed(order: PlacedOrder, kind: str, now: int) -> Body:
    """The answer to a new order: ACK, RESULT or FULL. ACK has no status."""
    body: Body = {
        "symbol": order.symbol, "orderId": order.id, "orderListId": order.list_id, "clientOrderId": order.client_id,
        "transactTime": now,
    }  # fmt: skip
    if kind == "ACK":
        return body
    body |= _amounts(order) | _kind(order) | _stop(order) | {"workingTime": order.working_time} | _extra(order)
    if kind == "FULL":
        body["fills"] = [_fill(execution) for execution in order.executions]
    return body | {"selfTradePreventionMode": order.stp}


def cancelled(order: PlacedOrder, now: int) -> Body:
    """`origClientOrderId` is the order's, `clientOrderId` the cancel's."""
    body: Body = {
        "symbol": order.symbol, "origClientOrderId": order.client_id, "orderId": order.id,
        "orderListId": order.list_id, "clientOrderId": order.cancel_id, "transactTime": now,
    }  # fmt: skip
    return body | _amounts(order) | _kind(order) | _stop(order) | _extra(order) | {"selfTradePreventionMode": order.stp}


def shown(order: PlacedOrder) -> Body:
    """GET order, openOrders and allOrders."""
    amounts = _amounts(order)
    whole = amounts.pop("origQuoteOrderQty")
    return {
        "symbol": order.symbol, "orderId": order.id, "orderListId": order.list_id, "clientOrderId": order.client_id,
        **amounts, **_kind(order), "stopPrice": decimal8(order.stop_price), "icebergQty": decimal8(order.iceberg),
        "time": order.time, "updateTime": order.update_time, "isWorking": _is_working(order),
        "workingTime": order.working_time, "origQuoteOrderQty": whole, **_strategy(order),
        "selfTradePreventionMode": order.stp,
    }  # fmt: skip


def order_list(orders: OrderList, now: int | None = None) -> Body:
    """Identity only: what each of its orders has come to is asked for elsewhere. `now` None: when it was placed."""
    done = orders.done
    return {
        "orderListId": orders.id, "contingencyType": orders.contingency,
        "listStatusType": "ALL_DONE" if done else "EXEC_STARTED",
        "listOrderStatus": "ALL_DONE" if done else "EXECUTING", "listClientOrderId": orders.client_id,
        "transactionTime": orders.time if now is None else now, "symbol": orders.symbol,
        "orders": [
            {"symbol": order.symbol, "orderId": order.id, "clientOrderId": order.client_id} for order in orders.orders
        ],
    }  # fmt: skip


def trade(execution: Execution) -> Body:
    return {
        "symbol": execution.symbol, "id": execution.id, "orderId": execution.order_id,
        "orderListId": execution.list_id, "price": decimal8(execution.price), "qty": decimal8(execution.quantity),
        "quoteQty": decimal8(execution.quote), "commission": decimal8(execution.commission),
        "commissionAsset": execution.commission_asset, "time": execution.time, "isBuyer": execution.buyer,
        "isMaker": execution.maker, "isBestMatch": True,
    }  # fmt: skip


def account_body(account: Account, *, omit_zero: bool) -> Body:
    rates, wallet = account.rates, account.wallet
    rows = [
        {"asset": asset, "free": decimal8(wallet.free[asset]), "locked": decimal8(wallet.locked[asset])}
        for asset in wallet.assets()
        if not omit_zero or wallet.free[asset] or wallet.locked[asset]
    ]
    return {
        "makerCommission": int(rates.maker * 10_000), "takerCommission": int(rates.taker * 10_000),
        "buyerCommission": 0, "sellerCommission": 0, "commissionRates": _rates(rates),
        "canTrade": True, "canWithdraw": True, "canDeposit": True, "brokered": False,
        "requireSelfTradePrevention": False, "preventSor": False, "updateTime": account.update_time,
        "accountType": "SPOT", "balances": rows, "permissions": ["TRD_GRP_051"], "uid": account.uid,
    }  # fmt: skip


def commission(account: Account, symbol: str) -> Body:
    nothing = dict.fromkeys(("maker", "taker", "buyer", "seller"), "0.00000000")
    return {
        "symbol": symbol, "standardCommission": _rates(account.rates), "specialCommission": nothing,
        "taxCommission": dict(nothing), "discount": _discount(account.rates),
    }  # fmt: skip


def test_commission(account: Account) -> Body:
    pair = {name: rate for name, rate in _rates(account.rates).items() if name in ("maker", "taker")}
    nothing = dict.fromkeys(pair, "0.00000000")
    return {
        "standardCommissionForOrder": pair, "specialCommissionForOrder": nothing,
        "taxCommissionForOrder": dict(nothing), "discount": _discount(account.rates),
    }  # fmt: skip


def restrictions(key: Key) -> Body:
    rights = key.rights
    return {
        "ipRestrict": bool(rights.addresses), "createTime": key.created, "enableReading": rights.reading,
        "enableWithdrawals": rights.withdrawals, "enableInternalTransfer": rights.internal_transfer,
        "enableMargin": rights.margin, "enableFutures": rights.futures,
        "permitsUniversalTransfer": rights.universal_transfer, "enableVanillaOptions": rights.options,
        "enableFixApiTrade": False, "enableFixReadOnly": False, "enableSpotAndMarginTrading": rights.trading,
        "enablePortfolioMarginTrading": False,
    }  # fmt: skip


def _is_working(order: PlacedOrder) -> bool:
    """Orders that are done stay "working"; a stop that never triggered and a pending leg never were."""
    return order.working if order.type in STOPS else order.status != "PENDING_NEW"


def _amounts(order: PlacedOrder) -> Body:
    return {
        "price": decimal8(order.price), "origQty": decimal8(order.quantity), "executedQty": decimal8(order.executed),
        "origQuoteOrderQty": decimal8(order.quote_quantity), "cummulativeQuoteQty": decimal8(order.quote),
        "status": order.status,
    }  # fmt: skip


def _kind(order: PlacedOrder) -> Body:
    return {"timeInForce": order.time_in_force, "type": order.type, "side": order.side}


def _stop(order: PlacedOrder) -> Body:
    return {"stopPrice": decimal8(order.stop_price)} if order.stop_price else {}


def _extra(order: PlacedOrder) -> Body:
    return ({"icebergQty": decimal8(order.iceberg)} if order.iceberg else {}) | _strategy(order)


def _strategy(order: PlacedOrder) -> Body:
    known = {"strategyId": order.strategy_id, "strategyType": order.strategy_type}
    return {name: value for name, value in known.items() if value is not None}


def _fill(execution: Execution) -> Body:
    return {
        "price": decimal8(execution.price), "qty": decimal8(execution.quantity),
        "commission": decimal8(execution.commission), "commissionAsset": execution.commission_asset,
        "tradeId": execution.id,
    }  # fmt: skip


def _rates(rates: FeeRates) -> Body:
    return {
        "maker": decimal8(rates.maker), "taker": decimal8(rates.taker), "buyer": "0.00000000", "seller": "0.00000000"
    }  # fmt: skip


def _discount(rates: FeeRates) -> Body:
    return {
        "enabledForAccount": rates.in_bnb, "enabledForSymbol": True, "discountAsset": "BNB",
        "discount": decimal8(rates.bnb_multiplier),
    }  # fmt: skip
