"""Orders say how long they live."""

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
