"""What orders came to, in words for the operator, read from the ledger."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal

from engine.autotrader.answer import Answer
from engine.domain.errors import OrderRejected
from engine.domain.fill import Fill
from engine.domain.order import Order, OrderStatus, Purpose, Side
from engine.ports import Ledger
from engine.queries.words import exactly

_S = OrderStatus
_OPEN_WORDS = {
    _S.INTENT: "The order is written down but not sent yet: the exchange is away. It lapses where that lasts.",
    _S.SENT: "The exchange has not answered yet; the order is looked up by its id. See open orders.",
    _S.UNKNOWN: "The exchange has not answered yet; the order is looked up by its id. See open orders.",
    _S.CANCELLING: "Its cancel is on the way. See open orders.",
}


def stored(ledger: Ledger, account_id: str, ids: Collection[str]) -> list[Order]:
    """The orders of these ids, as the ledger has them now."""
    return [o for o in ledger.orders(account_id) if o.client_id in ids]


def told(ledger: Ledger, account_id: str, ids: Collection[str]) -> Answer:
    """Say what the orders of one request came to; OrderRejected where the venue took none."""
    orders = stored(ledger, account_id, ids)
    fills = [f for f in ledger.fills(account_id) if f.client_id in ids]
    result = {"client_ids": sorted(ids)}
    if fills:
        return Answer(message=_filled(fills, orders), result=result)
    refused = next((o for o in orders if o.status is _S.REJECTED), None)
    if refused is not None:
        raise OrderRejected(f"refused by the venue, nothing was executed: {refused.note}")
    over = next((o for o in orders if o.status.terminal), None)
    if over is not None:
        tail = f": {over.note}" if over.note else ""
        if over.purpose is Purpose.EXIT and over.status is _S.EXPIRED:
            tail += "; while anything is held the sale is made again, see open orders"
        return Answer(message=f"The order is {over.status.lower()} and nothing was executed{tail}.", result=result)
    words = (_OPEN_WORDS.get(o.status) for o in orders)
    return Answer(message=next(filter(None, words), "Order placed; it is listed under open orders."), result=result)


def _filled(fills: Sequence[Fill], orders: Sequence[Order]) -> str:
    quantity = sum((f.quantity for f in fills), Decimal(0))
    verb = "Bought" if fills[0].side is Side.BUY else "Sold"
    rest = sum((o.quantity - o.filled_quantity for o in orders if not o.status.terminal), Decimal(0))
    tail = f" {exactly(rest)} are still open." if rest else ""
    return f"{verb} {exactly(quantity)} {fills[0].symbol} at {exactly(average(fills))}.{tail}"


def average(fills: Sequence[Fill]) -> Decimal:
    """The mean price, to the digits of the prices themselves."""
    quantity = sum((f.quantity for f in fills), Decimal(0))
    mean = sum((f.quantity * f.price for f in fills), Decimal(0)) / quantity
    return mean.quantize(min((f.price for f in fills), key=lambda p: p.as_tuple().exponent))


def cancels(orders: Sequence[Order]) -> str:
    """How far the cancels of these orders have come."""
    filled = sum(o.status is _S.FILLED for o in orders)
    left = sum(not o.status.terminal for o in orders)
    gone = len(orders) - filled - left
    parts = [f"{gone} order{'s' * (gone != 1)} cancelled"]
    if filled:
        parts.append(f"{filled} had filled first")
    if left:
        parts.append(f"{left} left: the exchange has not confirmed yet; it is asked again, press again to ask now")
    return ", ".join(parts)


def is_guard(order: Order) -> bool:
    """True for an order that guards a position."""
    return order.purpose in (Purpose.STOP, Purpose.TARGET)
