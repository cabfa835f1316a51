"""What an account is told over the WebSocket API: event bodies, and the queue of each subscription."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.exchange.event_faults import Event, EventFaults
from tests.exchange.fields import decimal8
from tests.exchange.orders import Execution, OrderList, PlacedOrder
from tests.exchange.wallet import ZERO, Wallet


def execution_report(order: PlacedOrder, kind: str, *, now: int, number: int, execution: Execution | None) -> Event:
    """Its fields in the order of 2026. On a cancel `c` is the cancel's id and `C` the order's own."""
    cancelled = kind == "CANCELED" and order.cancel_id
    last, price = (execution.quantity, execution.price) if execution else (ZERO, ZERO)
    on_book = order.working and (kind == "NEW" or (order.open and order.limit is not None))
    event: Event = {
        "e": "executionReport", "E": now, "s": order.symbol, "c": order.cancel_id if cancelled else order.client_id,
        "S": order.side, "o": order.type, "f": order.time_in_force, "q": decimal8(order.quantity),
        "p": decimal8(order.price), "P": decimal8(order.stop_price), "F": decimal8(order.iceberg), "g": order.list_id,
        "C": order.client_id if cancelled else "", "x": kind, "X": order.status, "r": order.reject_reason,
        "i": order.id, "l": decimal8(last), "z": decimal8(order.executed), "L": decimal8(price),
        "n": decimal8(execution.commission) if execution else "0",
        "N": execution.commission_asset if execution else None, "T": now, "t": execution.id if execution else -1,
        "I": number, "w": on_book,
        "m": bool(execution and execution.maker), "M": execution is not None, "O": order.time,
        "Z": decimal8(order.quote), "Y": decimal8(last * price), "Q": decimal8(order.quote_quantity),
    }  # fmt: skip
    if order.working_time >= 0:
        event["W"] = order.working_time
    event["V"] = order.stp
    return event


def account_position(wallet: Wallet, assets: Iterable[str], now: int) -> Event:
    """Absolute values of the assets that were touched."""
    rows = [
        {"a": asset, "f": decimal8(wallet.available(asset)), "l": decimal8(wallet.locked.get(asset, ZERO))}
        for asset in assets
    ]
    return {"e": "outboundAccountPosition", "E": now, "u": now, "B": rows}


def balance_update(asset: str, change: str, now: int) -> Event:
    return {"e": "balanceUpdate", "E": now, "a": asset, "d": change, "T": now}


def list_status(orders: OrderList, now: int) -> Event:
    """EXEC_STARTED while it runs, ALL_DONE at its end."""
    kind, standing = ("ALL_DONE", "ALL_DONE") if orders.done else ("EXEC_STARTED", "EXECUTING")
    legs = [{"s": order.symbol, "i": order.id, "c": order.client_id} for order in orders.orders]
    return {
        "e": "listStatus", "E": now, "s": orders.symbol, "g": orders.id, "c": orders.contingency, "l": kind,
        "L": standing, "r": "NONE", "C": orders.client_id, "T": now, "O": legs,
    }  # fmt: skip


def stream_terminated(now: int) -> Event:
    return {"e": "eventStreamTerminated", "E": now}


@dataclass(slots=True, eq=False)
class Subscription:
    """One subscriber's queue. `silent`: half open, it hears nothing more and is not told."""

    id: int = 0
    waiting: deque[Event] = field(default_factory=deque)
    alive: bool = True
    silent: bool = False

    def drain(self) -> list[Event]:
        """Everything that has arrived, as it arrives: {"subscriptionId": n, "event": {...}}."""
        events = [{"subscriptionId": self.id, "event": event} for event in self.waiting]
        self.waiting.clear()
        return events


@dataclass(slots=True, eq=False)
class Inbox:
    """`told` is the truth; subscribers hear what `faults` leave of it."""

    told: deque[Event] = field(default_factory=lambda: deque(maxlen=100_000))
    subscriptions: list[Subscription] = field(default_factory=list)
    faults: EventFaults = field(default_factory=EventFaults)

    def subscribe(self, number: int = 0) -> Subscription:
        subscription = Subscription(id=number)
        self.subscriptions.append(subscription)
        return subscription

    def tell(self, event: Event) -> None:
        self.told.append(event)
        heard = self.faults(event)
        for subscription in self.subscriptions:
            if subscription.alive and not subscription.silent:
                subscription.waiting.extend(heard)

    def terminate(self, now: int) -> None:
        """End every subscription: each hears it unless it is half open."""
        for subscription in self.subscriptions:
            if subscription.alive and not subscription.silent:
                subscription.waiting.append(stream_terminated(now))
            subscription.alive = False
        self.subscriptions.clear()
