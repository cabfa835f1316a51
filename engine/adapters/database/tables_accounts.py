"""Tables of the account itself: its worth over time, what may trade it, and what stops it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Table, Text

from engine.adapters.database.schema import metadata, of_account, row_number
from engine.adapters.database.types import DecimalText, EnumText, UtcTime
from engine.domain.account import AccountKind, Source
from engine.domain.halt import HaltKind

accounts = Table(
    "accounts",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", EnumText(AccountKind), nullable=False),
    Column("source", EnumText(Source), nullable=False),
    Column("quote", Text, nullable=False),
    Column("cash", DecimalText, nullable=False),
    Column("fee_ratio", DecimalText, nullable=False),
    Column("half_spread_ratio", DecimalText, nullable=False),
    Column("slippage_ratio", DecimalText, nullable=False),
    Column("impact", DecimalText, nullable=False, server_default="0"),
    Column("created_at", UtcTime, nullable=False, index=True),
    Column("closed_at", UtcTime),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("expires_us", BigInteger, nullable=False),
    Column("duration_us", BigInteger, nullable=False),
)
"""`expires_us` and `duration_us` are microseconds, so that one statement can renew `expires = now + duration`."""

halts = Table(
    "halts",
    metadata,
    row_number(),
    of_account(),
    Column("kind", EnumText(HaltKind), nullable=False),
    Column("cause", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("raised_at", UtcTime, nullable=False),
    Column("cleared_at", UtcTime),
    Column("cleared_by", Text),
)
_open = halts.c.cleared_at.is_(None)
Index("uq_halts_open", halts.c.account_id, halts.c.cause, unique=True, sqlite_where=_open, postgresql_where=_open)
Index("ix_halts_account_id_raised_at", halts.c.account_id, halts.c.raised_at)

equity_marks = Table(
    "equity_marks",
    metadata,
    of_account(key=True),
    Column("at", UtcTime, primary_key=True),
    Column("equity", DecimalText, nullable=False),
    Column("cash", DecimalText, nullable=False),
    Column("exposure", DecimalText, nullable=False),
    Column("peak", DecimalText, nullable=False),
    Column("day_start", DecimalText, nullable=False),
    Column("drawdown", DecimalText, nullable=False),
    Column("external_flow", DecimalText, nullable=False),
)

flows = Table(
    "flows",
    metadata,
    row_number(),
    of_account(),
    Column("at", UtcTime, nullable=False),
    Column("amount", DecimalText, nullable=False),
    Column("note", Text, nullable=False),
    Column("key", Text),
)
Index("uq_flows_key", flows.c.key, unique=True)
Index("ix_flows_account_id_at", flows.c.account_id, flows.c.at)
