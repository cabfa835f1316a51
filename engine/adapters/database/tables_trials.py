"""The table of trials."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Table, Text, UniqueConstraint

from engine.adapters.database.schema import metadata, row_number
from engine.adapters.database.types import EnumText, UtcTime
from engine.domain.account import Source
from engine.domain.interval import Interval
from engine.domain.trial import TrialKind

trials = Table(
    "trials",
    metadata,
    row_number(),
    Column("symbol", Text, nullable=False),
    Column("interval", EnumText(Interval), nullable=False),
    Column("source", EnumText(Source), nullable=False),
    Column("kind", EnumText(TrialKind), nullable=False),
    Column("name", Text, nullable=False),
    Column("recipe_sha256", Text, nullable=False),
    Column("content_sha256", Text, nullable=False),
    Column("scored_from", UtcTime, nullable=False),
    Column("scored_to", UtcTime, nullable=False),
    Column("n_periods", BigInteger, nullable=False),
    Column("periods_per_year", Float, nullable=False),
    Column("sharpe", Float),
    Column("skew", Float),
    Column("kurtosis", Float),
    Column("tried_at", UtcTime, nullable=False),
    UniqueConstraint("symbol", "source", "content_sha256"),
)
"""Rows are added and never changed."""
