"""Tables of trading: sleeves, decisions, orders with every transition, fills, positions, trades."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, Text, UniqueConstraint

from engine.adapters.database.schema import metadata, of_account, row_number
from engine.adapters.database.types import DecimalText, EnumText, JsonText, UtcTime
from engine.domain.interval import Interval
from engine.domain.order import ExitReason, OrderStatus, OrderType, Purpose, Side, TimeInForce
from engine.domain.signal import Signal
from engine.domain.sleeve import SleeveState

sleeves = Table(
    "sleeves",
    metadata,
    row_number(),
    of_account(),
    Column("sleeve_id", Text, nullable=False),
    Column("strategy", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("interval", EnumText(Interval), nullable=False),
    Column("state", EnumText(SleeveState), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("account_id", "sleeve_id"),
)

orders = Table(
    "orders",
    metadata,
    row_number(),
    Column("client_id", Text, nullable=False, unique=True),
    of_account(),
    Column("sleeve_id", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("side", EnumText(Side), nullable=False),
    Column("type", EnumText(OrderType), nullable=False),
    Column("purpose", EnumText(Purpose), nullable=False),
    Column("quantity", DecimalText, nullable=False),
    Column("price", DecimalText),
    Column("stop_price", DecimalText),
    Column("list_id", Text),
    Column("bar_close_at", UtcTime, nullable=False),
    Column("intent_at", UtcTime, nullable=False),
    Column("status", EnumText(OrderStatus), nullable=False),
    Column("filled_quantity", DecimalText, nullable=False),
    Column("exit_reason", EnumText(ExitReason)),
    Column("note", Text, nullable=False),
    Column("stop_ratio", DecimalText),
    Column("target_ratio", DecimalText),
    Column("time_in_force", EnumText(TimeInForce), nullable=False, server_default="GTC"),
)
"""As each order stands now; `order_events` has how it got there. `row` is the order of intent."""

ENDED = tuple(status for status in OrderStatus if status.terminal)
_working = orders.c.status.not_in(ENDED)
Index("ix_orders_account_id_row", orders.c.account_id, orders.c.row)
Index("ix_orders_working", orders.c.account_id, sqlite_where=_working, postgresql_where=_working)

guards = Table(
    "guards",
    metadata,
    row_number(),
    of_account(),
    Column("key", Text, nullable=False, unique=True),
    Column("sleeve_id", Text, nullable=False),
    Column("stop_price", DecimalText),
    Column("target_price", DecimalText),
    Column("set_at", UtcTime, nullable=False),
    Column("entry_id", Text),
)
"""Where stops and targets were set, by the operator or after a refused target, never changed; see `Guard`."""
Index("ix_guards_account_id_row", guards.c.account_id, guards.c.row)

order_events = Table(
    "order_events",
    metadata,
    row_number(),
    Column("client_id", Text, ForeignKey("orders.client_id"), nullable=False, index=True),
    Column("at", UtcTime, nullable=False),
    Column("status", EnumText(OrderStatus), nullable=False),
    Column("filled_quantity", DecimalText, nullable=False),
    Column("cause", Text, nullable=False),
)
"""Every transition of every order with its cause, never changed."""

fills = Table(
    "fills",
    metadata,
    row_number(),
    of_account(),
    Column("fill_id", Text, nullable=False),
    Column("client_id", Text, ForeignKey("orders.client_id"), nullable=False, index=True),
    Column("sleeve_id", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("side", EnumText(Side), nullable=False),
    Column("quantity", DecimalText, nullable=False),
    Column("price", DecimalText, nullable=False),
    Column("fee", DecimalText, nullable=False),
    Column("fee_asset", Text, nullable=False),
    Column("filled_at", UtcTime, nullable=False),
    UniqueConstraint("account_id", "fill_id"),
)
Index("ix_fills_account_id_row", fills.c.account_id, fills.c.row)

decisions = Table(
    "decisions",
    metadata,
    row_number(),
    of_account(),
    Column("sleeve_id", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("bar_close_at", UtcTime, nullable=False),
    Column("action", EnumText(Signal), nullable=False),
    Column("quantity", DecimalText),
    Column("reference_price", DecimalText, nullable=False),
    Column("gates", JsonText, nullable=False),
    Column("held_by", Text),
    Column("exit_reason", EnumText(ExitReason)),
    Column("prediction", JsonText),
    UniqueConstraint("account_id", "sleeve_id", "symbol", "bar_close_at"),
)
"""`gates` is [[name, passed, detail], ...]; `prediction` an object with the fields of `Prediction`, or NULL."""
Index("ix_decisions_account_id_bar_close_at", decisions.c.account_id, decisions.c.bar_close_at)

trades = Table(
    "trades",
    metadata,
    row_number(),
    of_account(),
    Column("sleeve_id", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("quantity", DecimalText, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime, nullable=False),
    Column("entry_price", DecimalText, nullable=False),
    Column("exit_price", DecimalText, nullable=False),
    Column("fees", DecimalText, nullable=False),
    Column("profit", DecimalText, nullable=False),
    Column("exit_reason", EnumText(ExitReason), nullable=False),
)
Index("ix_trades_account_id_closed_at", trades.c.account_id, trades.c.closed_at)

positions = Table(
    "positions",
    metadata,
    of_account(key=True),
    Column("sleeve_id", Text, primary_key=True),
    Column("symbol", Text, primary_key=True),
    Column("quantity", DecimalText, nullable=False),
    Column("sellable", DecimalText, nullable=False),
    Column("cost", DecimalText, nullable=False),
    Column("entry_price", DecimalText, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("stop_price", DecimalText),
    Column("target_price", DecimalText),
)

cursors = Table(
    "cursors",
    metadata,
    of_account(key=True),
    Column("sleeve_id", Text, primary_key=True),
    Column("bar_close_at", UtcTime, nullable=False),
)
