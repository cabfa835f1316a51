"""Write one step of the cycle inside one transaction: the lease first, then everything or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import MAX_PREC, Context, Decimal, Inexact
from typing import Any

from sqlalchemy import Connection, Dialect, bindparam, delete, insert, select, update

from engine.adapters.database.prepared import Prepared
from engine.adapters.database.rows import DECISIONS, FILLS, GUARDS, HALTS, MARKS, ORDERS, POSITIONS, TRADES
from engine.adapters.database.tables_accounts import accounts, equity_marks, halts, leases
from engine.adapters.database.tables_trading import (
    cursors,
    decisions,
    fills,
    guards,
    order_events,
    orders,
    positions,
    trades,
)
from engine.adapters.database.types import to_us
from engine.adapters.database.upsert import insert_new, upsert
from engine.domain.decision import Decision
from engine.domain.errors import LeaseLost, LedgerError, Overfill, TradingHalted
from engine.domain.fill import Fill
from engine.domain.order import Order, Purpose
from engine.ports import Lease, OrderUpdate, Step

HALT_IS_OPEN = halts.c.cleared_at.is_(None)
_CURSOR = ("account_id", "sleeve_id", "bar_close_at")
_EVENT = ("client_id", "at", "status", "filled_quantity", "cause")
INTENT = "intent"
"""The cause of every order's first event."""

_EXACT = Context(prec=MAX_PREC, traps=[Inexact])
"""Sums of quantities keep every digit; Decimal's own context would round at 28."""

_RENEW = (
    update(leases)
    .where(
        leases.c.name == bindparam("lease"),
        leases.c.owner == bindparam("me"),
        leases.c.epoch == bindparam("mine"),
        leases.c.expires_us > bindparam("now"),
    )
    .values(expires_us=bindparam("now") + leases.c.duration_us)
)
_KNOWN_ORDERS = select(orders.c.client_id, orders.c.quantity).where(
    orders.c.account_id == bindparam("account"), orders.c.client_id.in_(bindparam("ids", expanding=True))
)
_KNOWN_FILLS = select(fills.c.fill_id).where(
    fills.c.account_id == bindparam("account"), fills.c.fill_id.in_(bindparam("ids", expanding=True))
)
_FILLED = select(fills.c.client_id, fills.c.quantity).where(fills.c.client_id.in_(bindparam("ids", expanding=True)))
_SAME_ORDERS = ORDERS.select().where(orders.c.client_id.in_(bindparam("ids", expanding=True)))
_UPDATE_ORDER = (
    update(orders)
    .where(orders.c.client_id == bindparam("id"), orders.c.account_id == bindparam("account"))
    .values(
        status=bindparam("new_status"),
        filled_quantity=bindparam("filled"),
        exit_reason=bindparam("reason"),
        note=bindparam("new_note"),
    )
)
_CLOSE_POSITION = delete(positions).where(
    positions.c.account_id == bindparam("account"),
    positions.c.sleeve_id == bindparam("sleeve"),
    positions.c.symbol == bindparam("instrument"),
)
_TELL = (
    update(decisions)
    .where(
        decisions.c.account_id == bindparam("account"),
        decisions.c.sleeve_id == bindparam("sleeve"),
        decisions.c.symbol == bindparam("instrument"),
        decisions.c.bar_close_at == bindparam("closed"),
    )
    .values(prediction=bindparam("said"), gates=bindparam("words"))
)
_OPEN_HALTS = select(halts.c.kind, halts.c.cause, halts.c.detail).where(
    halts.c.account_id == bindparam("account"), HALT_IS_OPEN
)
_HOLD_ACCOUNT = (
    select(accounts.c.account_id).where(accounts.c.account_id == bindparam("account")).with_for_update(read=True)
)
"""On PostgreSQL a halt waits for a commit under way, and the other way round: once the halt button has answered,
no intent is committed any more. SQLite's one writer gives the same."""


class StepWriter:
    """The statements of one database dialect, built once: a replay commits thousands of steps."""

    def __init__(self, dialect: Dialect) -> None:
        name = dialect.name
        self._halt = insert_new(halts, name, [halts.c.account_id, halts.c.cause], HALT_IS_OPEN)
        once = [decisions.c[key] for key in ("account_id", "sleeve_id", "symbol", "bar_close_at")]
        decision = insert_new(decisions, name, once)
        self._decision = Prepared(decision, DECISIONS.names, dialect)
        self._guard = insert_new(guards, name, [guards.c.key])
        position = upsert(positions, name, list(positions.primary_key))
        self._position = Prepared(position, POSITIONS.names, dialect)
        self._cursor = Prepared(upsert(cursors, name, list(cursors.primary_key)), _CURSOR, dialect)
        self._mark = Prepared(upsert(equity_marks, name, list(equity_marks.primary_key)), MARKS.names, dialect)
        self._order = Prepared(insert(orders), ORDERS.names, dialect)
        self._event = Prepared(insert(order_events), _EVENT, dialect)
        self._fill = Prepared(insert(fills), FILLS.names, dialect)

    def write(self, connection: Connection, step: Step, lease: Lease, now: datetime) -> None:
        """Write `step`; any error must end the transaction, so that nothing of it stays."""
        renew(connection, lease, now)
        _refuse_strangers(step)
        if any(order.purpose is Purpose.ENTRY for order in step.intents):
            connection.execute(_HOLD_ACCOUNT, {"account": step.account_id})
        _many(connection, self._halt, [HALTS.values(halt) for halt in step.halts])
        self._orders(connection, step)
        self._fill.run(connection, [FILLS.values(fill) for fill in _new_fills(connection, step)])
        self._decision.run(connection, [DECISIONS.values(decision) for decision in step.decisions])
        _many(connection, _TELL, [_told(decision) for decision in step.told])
        _many(connection, self._guard, [GUARDS.values(guard) for guard in step.guards])
        _many(connection, insert(trades), [TRADES.values(trade) for trade in step.trades])
        self._holdings(connection, step)
        if step.mark is not None:
            self._mark.run(connection, [MARKS.values(step.mark)])

    def _orders(self, connection: Connection, step: Step) -> None:
        new = _new_intents(connection, step.intents) if step.intents else []
        if any(order.purpose is Purpose.ENTRY for order in new):
            _refuse_while_halted(connection, step.account_id)
        updates = [OrderUpdate(order=order, cause=INTENT, at=order.intent_at) for order in new]
        self._order.run(connection, [ORDERS.values(order) for order in new])
        if step.updates:
            _update_orders(connection, step)
        self._event.run(connection, [_event(change) for change in (*updates, *step.updates)])

    def _holdings(self, connection: Connection, step: Step) -> None:
        account = step.account_id
        gone = [
            {"account": account, "sleeve": sleeve, "instrument": symbol} for sleeve, symbol in step.closed_positions
        ]
        _many(connection, _CLOSE_POSITION, gone)
        self._position.run(connection, [POSITIONS.values(position) for position in step.positions])
        moved = [
            {"account_id": account, "sleeve_id": sleeve, "bar_close_at": at} for sleeve, at in step.cursors.items()
        ]
        self._cursor.run(connection, moved)


def renew(connection: Connection, lease: Lease, now: datetime) -> None:
    """Renew the lease where the row is still ours and alive, else LeaseLost."""
    renewed = connection.execute(
        _RENEW, {"lease": lease.name, "me": lease.owner, "mine": lease.epoch, "now": to_us(now)}
    )
    if renewed.rowcount != 1:
        raise LeaseLost(
            f"{lease.owner} no longer holds the lease {lease.name} (epoch {lease.epoch}): another process trades this "
            "account, or this one was away for longer than the lease lasts. Nothing was written; take the lease again."
        )


def _refuse_strangers(step: Step) -> None:
    parts: tuple[Any, ...] = (
        *(change.order for change in step.updates), *step.fills, *step.decisions, *step.intents, *step.trades,
        *step.positions, *step.halts, *step.guards, *step.told,
    )  # fmt: skip
    for part in parts if step.mark is None else (*parts, step.mark):
        if part.account_id != step.account_id:
            raise LedgerError(
                f"a step of account {step.account_id} holds a {type(part).__name__} of account {part.account_id}; "
                "accounts never share a ledger"
            )


def _new_intents(connection: Connection, intents: Sequence[Order]) -> list[Order]:
    """Those not committed before; one that reuses an id for another order is an error, never a second order."""
    rows = connection.execute(_SAME_ORDERS, {"ids": [order.client_id for order in intents]}).all()
    known = {order.client_id: order for order in ORDERS.items(rows)}
    new: list[Order] = []
    for order in intents:
        first = known.setdefault(order.client_id, order)
        if first is order:
            new.append(order)
        elif _meaning(first) != _meaning(order):
            raise LedgerError(
                f"client id {order.client_id} stands for two orders ({first.side} {first.quantity} {first.symbol} and "
                f"{order.side} {order.quantity} {order.symbol}); count the generation up for a new order"
            )
    return new


def _meaning(order: Order) -> tuple[object, ...]:
    terms = (order.side, order.type, order.purpose, order.quantity, order.price, order.stop_price)
    return (order.account_id, order.sleeve_id, order.symbol, *terms)


def _refuse_while_halted(connection: Connection, account_id: str) -> None:
    halt = connection.execute(_OPEN_HALTS, {"account": account_id}).first()
    if halt is not None:
        raise TradingHalted(
            f"{halt.kind} {halt.cause}: {halt.detail}. No new entry for account {account_id}; exits and stops go on."
        )


def _update_orders(connection: Connection, step: Step) -> None:
    account = step.account_id
    last = {change.order.client_id: change.order for change in step.updates}
    rows = [
        {"id": order.client_id, "account": account, "new_status": order.status, "filled": order.filled_quantity,
         "reason": order.exit_reason, "new_note": order.note}
        for order in last.values()
    ]  # fmt: skip
    for change in step.updates:
        _refuse_overfill(change.order.client_id, change.order.filled_quantity, change.order.quantity)
    if connection.execute(_UPDATE_ORDER, rows).rowcount != len(rows):
        known = connection.execute(_KNOWN_ORDERS, {"account": account, "ids": list(last)}).all()
        lacking = ", ".join(sorted(set(last) - {row.client_id for row in known}))
        raise LedgerError(f"no order {lacking} in account {account}: its intent must be committed before anything else")


def _event(change: OrderUpdate) -> dict[str, Any]:
    order = change.order
    return {
        "client_id": order.client_id, "at": change.at, "status": order.status,
        "filled_quantity": order.filled_quantity, "cause": change.cause,
    }  # fmt: skip


def _told(decision: Decision) -> dict[str, Any]:
    row = DECISIONS.values(decision)
    return {
        "account": decision.account_id, "sleeve": decision.sleeve_id, "instrument": decision.symbol,
        "closed": decision.bar_close_at, "said": row["prediction"], "words": row["gates"],
    }  # fmt: skip


def _new_fills(connection: Connection, step: Step) -> list[Fill]:
    """Those not recorded before, oldest first; no order has more with them than was ordered."""
    if not step.fills:
        return []
    account = step.account_id
    once = {fill.fill_id: fill for fill in reversed(step.fills)}
    known = {row.fill_id for row in connection.execute(_KNOWN_FILLS, {"account": account, "ids": list(once)})}
    new = [fill for fill in reversed(once.values()) if fill.fill_id not in known]
    if not new:
        return []
    touched = list({fill.client_id for fill in new})
    found = connection.execute(_KNOWN_ORDERS, {"account": account, "ids": touched})
    ordered: dict[str, Decimal] = {row.client_id: row.quantity for row in found}
    filled: dict[str, Decimal] = {}
    for row in connection.execute(_FILLED, {"ids": touched}):
        filled[row.client_id] = _EXACT.add(filled.get(row.client_id, Decimal(0)), row.quantity)
    for fill in new:
        _refuse_unordered(fill, ordered)
        filled[fill.client_id] = _EXACT.add(filled.get(fill.client_id, Decimal(0)), fill.quantity)
        _refuse_overfill(fill.client_id, filled[fill.client_id], ordered[fill.client_id])
    return new


def _refuse_unordered(fill: Fill, ordered: dict[str, Decimal]) -> None:
    if fill.client_id not in ordered:
        raise LedgerError(
            f"fill {fill.fill_id} belongs to order {fill.client_id}, unknown in account {fill.account_id}: reconcile"
        )


def _refuse_overfill(client_id: str, filled: Decimal, ordered: Decimal) -> None:
    if filled > ordered:
        raise Overfill(f"order {client_id} over {ordered} has fills of {filled}: halt and reconcile")


def _many(connection: Connection, statement: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(statement, rows)
