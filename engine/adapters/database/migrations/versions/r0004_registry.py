"""Predictions mature; versions know where they come from; promotions say why; drift is looked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of what was there before nobody knows more than it said: predictions mature when the engine next looks."""
    op.add_column("predictions", sa.Column("realised", sa.Float(), nullable=True))
    op.add_column("predictions", sa.Column("matured_at", sa.BigInteger(), nullable=True))
    for name in ("origin", "parent_id", "data_sha256", "parameters", "checks"):
        op.add_column("model_versions", sa.Column(name, sa.Text(), nullable=True))
    for name in ("words", "replaced_id"):
        op.add_column("promotions", sa.Column(name, sa.Text(), nullable=True))
    op.create_table(
        "drift",
        sa.Column("version_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("limit", sa.Float(), nullable=True),
        sa.Column("drifted", sa.Boolean(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["model_versions.version_id"], name=op.f("fk_drift_version_id")),
        sa.PrimaryKeyConstraint("version_id", "at", "kind", name=op.f("pk_drift")),
    )
