"""Tables of the model registry: recipes, what was learned, who promoted it, what it predicted."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Integer, Table, Text, UniqueConstraint

from engine.adapters.database.schema import metadata, row_number
from engine.adapters.database.types import EnumText, JsonText, UtcTime
from engine.domain.drift import DriftKind
from engine.domain.interval import Interval
from engine.domain.model import Origin, Stage
from engine.domain.signal import Signal, SkillGate

models = Table(
    "models",
    metadata,
    row_number(),
    Column("model_id", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False, unique=True),
    Column("symbol", Text, nullable=False),
    Column("interval", EnumText(Interval), nullable=False),
    Column("horizon", Integer, nullable=False),
    Column("source", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)

model_versions = Table(
    "model_versions",
    metadata,
    Column("version_id", Text, primary_key=True),
    Column("model_id", Text, ForeignKey("models.model_id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("stage", EnumText(Stage), nullable=False),
    Column("trained_from", UtcTime, nullable=False),
    Column("trained_to", UtcTime, nullable=False),
    Column("n_bars", BigInteger, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("members", JsonText, nullable=False),
    Column("metrics", JsonText, nullable=False),
    Column("fit_seconds", Float, nullable=False),
    Column("artefact_path", Text, nullable=False),
    Column("artefact_sha256", Text, nullable=False),
    Column("content_sha256", Text, nullable=False),
    Column("code_version", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("origin", EnumText(Origin)),
    Column("parent_id", Text),
    Column("data_sha256", Text),
    Column("parameters", JsonText),
    Column("checks", JsonText),
    UniqueConstraint("model_id", "version"),
)
"""`checks` is [[name, passed, detail], ...]."""

promotions = Table(
    "promotions",
    metadata,
    row_number(),
    Column("version_id", Text, ForeignKey("model_versions.version_id"), nullable=False, index=True),
    Column("at", UtcTime, nullable=False),
    Column("promoted_by", Text, nullable=False),
    Column("words", Text),
    Column("replaced_id", Text),
)

predictions = Table(
    "predictions",
    metadata,
    Column("version_id", Text, ForeignKey("model_versions.version_id"), primary_key=True),
    Column("symbol", Text, primary_key=True),
    Column("as_of", UtcTime, primary_key=True),
    Column("horizon", Integer, nullable=False),
    Column("price", Float, nullable=False),
    Column("signal", EnumText(Signal), nullable=False),
    Column("probability", Float, nullable=False),
    Column("probability_low", Float, nullable=False),
    Column("probability_high", Float, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("expected_move", Float, nullable=False),
    Column("volatility", Float, nullable=False),
    Column("votes", JsonText, nullable=False),
    Column("reasons", JsonText, nullable=False),
    Column("skill", EnumText(SkillGate)),
    Column("strangeness", Float),
    Column("realised", Float),
    Column("matured_at", UtcTime),
    Column("contributions", JsonText),
)
"""`votes` is [[member, probability_up, weight], ...], `contributions` [usual, [[family, push], ...]]. `realised` is
NULL until `matured_at`, and where nobody will ever know."""

drift = Table(
    "drift",
    metadata,
    Column("version_id", Text, ForeignKey("model_versions.version_id"), primary_key=True),
    Column("at", UtcTime, primary_key=True),
    Column("kind", EnumText(DriftKind), primary_key=True),
    Column("score", Float),
    Column("limit", Float),
    Column("drifted", Boolean, nullable=False),
    Column("detail", Text, nullable=False),
)
