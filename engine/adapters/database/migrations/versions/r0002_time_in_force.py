"""Orders say how long they live; stops and targets are kept; cash moves once; predictions know their skill."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every order before this rested until it was filled or cancelled. SQLite cannot drop the default again."""
    op.add_column("orders", sa.Column("time_in_force", sa.Text(), nullable=False, server_default="GTC"))
    op.create_table(
        "guards",
        sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sleeve_id", sa.Text(), nullable=False),
        sa.Column("stop_price", sa.Text(), nullable=True),
        sa.Column("target_price", sa.Text(), nullable=True),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"], name=op.f("fk_guards_account_id")),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_guards")),
        sa.UniqueConstraint("key", name=op.f("uq_guards_key")),
    )
    op.create_index("ix_guards_account_id_row", "guards", ["account_id", "row"])
    op.add_column("predictions", sa.Column("skill", sa.Text(), nullable=True))
    op.add_column("predictions", sa.Column("strangeness", sa.Float(), nullable=True))
    op.add_column("flows", sa.Column("key", sa.Text(), nullable=True))
    op.create_index("uq_flows_key", "flows", ["key"], unique=True)
