"""Binance's words about orders -> ours: states, fills, and what an order came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from engine.adapters.binance.fields import decimal, text, whole
from engine.domain.errors import MarketDataError
from engine.domain.interval import from_ms
from engine.domain.order import OrderStatus

_STATUSES = {
    "PENDING_NEW": OrderStatus.WORKING,
    "NEW": OrderStatus.WORKING,
    "PARTIALLY_FILLED": OrderStatus.WORKING,
    "PENDING_CANCEL": OrderStatus.WORKING,
    "FILLED": OrderStatus.FILLED,
    "CANCELED": OrderStatus.CANCELLED,
    "REJECTED": OrderStatus.REJECTED,
    "EXPIRED": OrderStatus.EXPIRED,
    "EXPIRED_IN_MATCH": OrderStatus.EXPIRED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One trade of an order as Binance tells it, before it is a fill of ours."""

    trade_id: int
    quantity: Decimal
    price: Decimal
    fee: Decimal
    fee_asset: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderNews:
    """What one message says about one order. `executed` is how much was filled in all, whatever fills we know of.

    `sequence` orders the messages of the user stream; None for an answer to a question, which is as of now.
    """

    client_id: str
    symbol: str
    order_id: int
    status: OrderStatus
    executed: Decimal
    executions: tuple[Execution, ...] = ()
    sequence: int | None = None
    message: str = ""


def order(body: Any) -> OrderNews:
    """Read an order as POST, GET and DELETE give it. A bare acknowledgement has no status: it is ACKNOWLEDGED."""
    if not isinstance(body, Mapping):
        raise MarketDataError(f"order: {type(body).__name__} came in place of an object")
    symbol = text(body, "symbol", "order")
    where = f"order {symbol}"
    at = body.get("transactTime", body.get("updateTime", 0))
    executions = tuple(_fill(row, from_ms(at), where) for row in body.get("fills") or ())
    wire = body.get("status")
    return OrderNews(
        # A cancel has an id of its own: ours is then the original one.
        client_id=body.get("origClientOrderId") or text(body, "clientOrderId", where),
        symbol=symbol,
        order_id=whole(body, "orderId", where),
        status=OrderStatus.ACKNOWLEDGED if wire is None else status(wire, where),
        executed=decimal(body, "executedQty", where) if wire is not None else Decimal(0),
        executions=executions,
        message=_reason(wire, body.get("expiryReason")),
    )


def order_list(body: Mapping[str, Any]) -> list[OrderNews]:
    """Read a list: each leg by its report; one without a report is at least acknowledged."""
    told = [order(row) for row in body.get("orderReports") or ()]
    known = {news.client_id for news in told}
    rest = [order(row) for row in body.get("orders") or () if row.get("clientOrderId") not in known]
    return told + rest


def orders(body: Any) -> list[OrderNews]:
    """Read openOrders."""
    if not isinstance(body, list):
        raise MarketDataError(f"openOrders: {type(body).__name__} came in place of a list")
    return [order(row) for row in body]


def trades(body: Any) -> dict[int, list[Execution]]:
    """Read myTrades: executions by order id."""
    if not isinstance(body, list):
        raise MarketDataError(f"myTrades: {type(body).__name__} came in place of a list")
    found: dict[int, list[Execution]] = {}
    for row in body:
        execution = Execution(
            trade_id=whole(row, "id", "myTrades"),
            quantity=decimal(row, "qty", "myTrades"),
            price=decimal(row, "price", "myTrades"),
            fee=decimal(row, "commission", "myTrades"),
            fee_asset=row.get("commissionAsset"),
            at=from_ms(whole(row, "time", "myTrades")),
        )
        found.setdefault(whole(row, "orderId", "myTrades"), []).append(execution)
    return found


def execution_report(event: Mapping[str, Any]) -> OrderNews:
    """Read executionReport. On a cancel `c` is the cancel's own id and `C` ours."""
    where = f"executionReport {event.get('s')}"
    kind = event.get("x")
    client_id = event.get("C") if kind in ("CANCELED", "REPLACED") and event.get("C") else event.get("c")
    executions: tuple[Execution, ...] = ()
    if kind == "TRADE":
        executions = (
            Execution(
                trade_id=whole(event, "t", where),
                quantity=decimal(event, "l", where),
                price=decimal(event, "L", where),
                fee=decimal(event, "n", where),
                fee_asset=event.get("N"),
                at=from_ms(whole(event, "T", where)),
            ),
        )
    reason = event.get("eR") or (event.get("r") if event.get("r") != "NONE" else None)
    return OrderNews(
        client_id=str(client_id),
        symbol=text(event, "s", where),
        order_id=whole(event, "i", where),
        status=status(event.get("X"), where),
        executed=decimal(event, "z", where),
        executions=executions,
        sequence=whole(event, "I", where),
        message=_reason(event.get("X"), reason),
    )


def status(wire: Any, where: str) -> OrderStatus:
    """Ours for theirs; MarketDataError where Binance has invented a new one."""
    found = _STATUSES.get(str(wire))
    if found is None:
        raise MarketDataError(f"{where}: status {wire!r} is not one that Binance documents")
    return found


def in_order(events: Sequence[OrderNews]) -> list[OrderNews]:
    """Put each order's messages into the order in which things happened, where the stream brought them otherwise."""
    by_order: dict[tuple[str, int], list[OrderNews]] = {}
    for news in events:
        by_order.setdefault((news.symbol, news.order_id), []).append(news)
    for group in by_order.values():
        group.sort(key=lambda news: news.sequence or 0, reverse=True)
    return [by_order[news.symbol, news.order_id].pop() for news in events]


def _reason(wire: Any, reason: Any) -> str:
    """Words for the operator where an order ended in a way that its status of ours does not tell."""
    if wire == "EXPIRED_IN_MATCH":
        return "it would have traded with an order of our own"
    return str(reason) if isinstance(reason, str) and reason else ""


def _fill(row: Mapping[str, Any], at: datetime, where: str) -> Execution:
    return Execution(
        trade_id=whole(row, "tradeId", where),
        quantity=decimal(row, "qty", where),
        price=decimal(row, "price", where),
        fee=decimal(row, "commission", where),
        fee_asset=row.get("commissionAsset"),
        at=at,
    )
